"""Recovery by personal data: asked for by a stranger, told to the person, stopped from the address on record."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tortoise.expressions import Q

from actions import accounts, gate, notices, register
from actions.accounts import PersonalData
from actions.credentials import new_token
from actions.register import Record
from actions.transaction import tx
from actions.waiting_recoveries import settle, waiting
from models.people import User
from models.requests import RecoveryRequest
from rules import people
from rules.access import Role
from rules.notices import SECRET, NoticeKind
from rules.numbering import CODE_BYTES, new_code
from rules.passwords import clean_password, words_about
from rules.people import Identity
from rules.recoveries import WARY_FOR, NoSuchStop, RecoverySettled, RecoveryState, match_key
from rules.refusals import Checks
from rules.register import Act
from rules.sessions import token_hash
from rules.throttling import Client, Door

if TYPE_CHECKING:
    from actions.tools import Tools

TOKEN_LENGTH = 100
"""How much of a token that somebody sent is looked at; ours are shorter."""

NAMES = ("given_names", "first_surname", "second_surname")


@dataclass(frozen=True, kw_only=True)
class DataRecovery(PersonalData):
    """What a person fills in who lost password and mailbox, as typed; no e-mail or mobile leaves those on record."""

    new_password: str
    new_email: str | None = None
    new_mobile: str | None = None
    proof: str | None = None


@dataclass(frozen=True)
class Wish:
    """A recovery that was judged: personal data by their names in `User`, the hash of the password, the contacts."""

    personal: dict[str, Any]
    password_hash: str
    email: str | None
    mobile: str | None


@dataclass(frozen=True)
class Secrets:
    """What stops a request, and what shows at the desk who made it; only their hashes are kept."""

    stop: str
    reference: str


async def request_recovery_by_data(tools: Tools, form: DataRecovery, *, client: Client) -> str:
    """
    Ask for a new password by personal data; return a reference, by which staff know who asked.

    If all data match and no request waits, the address on record is told at once, with a link that stops it. Whatever
    matches: the same answer after the same work, as many rows, and one entry in the register.

    Raises:
        InvalidInput: for every field that does not hold what it must.
        TooManyRequests: too many tries, or too many passwords wait to be hashed.
    """
    checks = Checks()
    personal, password = _cleaned(tools, checks, form)
    email = checks.take("newEmail", people.clean_email, form.new_email) if form.new_email is not None else None
    mobile = checks.take("newMobile", people.clean_mobile, form.new_mobile) if form.new_mobile is not None else None
    checks.refuse_any()
    assert password is not None
    tried = str(Identity(personal["identity_kind"], personal["identity_number"]))
    await gate.admit(tools, Door.RECOVER_BY_DATA, client, account=tried, proof=form.proof)
    wish = Wish(personal, await tools.hasher.hash(password), email, mobile)
    secrets = Secrets(new_token(tools.random_bytes), new_code(tools.random_bytes(CODE_BYTES)))
    await _record(tools, wish, secrets)
    tools.wake(notices.NOTICES)
    return secrets.reference


def _cleaned(tools: Tools, checks: Checks, form: DataRecovery) -> tuple[dict[str, Any], str | None]:
    personal = accounts.clean_personal_data(tools, checks, form)
    known = words_about(
        names=[personal[name] or "" for name in NAMES],
        birth_date=personal["birth_date"],
        others=(personal["identity_number"], tools.institution.name, tools.institution.unit),
    )
    return personal, checks.take("newPassword", lambda text: clean_password(text, known), form.new_password)


async def _record(tools: Tools, wish: Wish, secrets: Secrets) -> None:
    now = tools.clock()
    async with tx() as connection:
        user, was_stopped = await _account_of(tools, wish)
        due_at = tools.recovery.due_at(now, user.role, was_stopped=was_stopped) if user else None
        told = {SECRET: secrets.stop, "dueAt": due_at.isoformat() if due_at else None} if user else {}
        notice = await notices.promise(tools, NoticeKind.RECOVERY_REQUESTED, user=user, detail=told)
        request = await RecoveryRequest.create(
            state=RecoveryState.WAITING if user else RecoveryState.IGNORED,
            user_id=user.id if user else None,
            password_hash=wish.password_hash if user else None,
            email=wish.email if user and wish.email != user.email else None,
            mobile=wish.mobile if user and wish.mobile != user.mobile else None,
            stop_hash=token_hash(secrets.stop),
            reference_hash=token_hash(secrets.reference),
            notice_id=notice.id,
            asked_at=now,
            due_at=due_at,
        )
        detail = {"request": str(request.id)} | ({"user": str(user.id)} if user else {})
        await register.append(connection, Record(Act.RECOVERY_REQUESTED, now, Role.SYSTEM, detail=detail))


async def _account_of(tools: Tools, wish: Wish) -> tuple[User | None, bool]:
    """
    Return the account, locked, that all data match, if no request of it waits; and whether one was stopped lately.

    Asks the database as often when nothing matches.
    """
    kind, number = wish.personal["identity_kind"], wish.personal["identity_number"]
    found = await User.filter(identity_kind=kind, identity_number=number).select_for_update(no_key=True).first()
    user = found if found and _matches(found, wish.personal) else None
    lately = Q(state__in=[RecoveryState.STOPPED, RecoveryState.REJECTED, RecoveryState.CANCELLED]) & Q(
        settled_at__gt=tools.clock() - WARY_FOR
    )
    earlier = await RecoveryRequest.filter(
        Q(state=RecoveryState.WAITING) | lately, user_id=user.id if user else uuid.uuid4()
    ).values_list("state", flat=True)
    return (None if RecoveryState.WAITING in earlier else user), bool(earlier)


def _matches(user: User, personal: dict[str, Any]) -> bool:
    names = all(match_key(getattr(user, name)) == match_key(personal[name]) for name in NAMES)
    return names and user.birth_date == personal["birth_date"]


async def stop_recovery(tools: Tools, *, token: str) -> None:
    """
    Stop a request by the link that went to the address on record; stopping it twice is no error.

    The token has 256 bits, so guessing needs no throttle.

    Raises:
        NoSuchStop: the token is none.
        RecoverySettled: the request waits no more, and was not stopped.
    """
    found = await RecoveryRequest.get_or_none(stop_hash=token_hash(token[:TOKEN_LENGTH]), user_id__isnull=False)
    if found is None:
        raise NoSuchStop
    async with tx() as connection:
        user = await User.filter(id=found.user_id).select_for_update(no_key=True).get()
        try:
            request = await waiting(found.id)
        except RecoverySettled:
            if await RecoveryRequest.exists(id=found.id, state=RecoveryState.STOPPED):
                return
            raise
        await settle(connection, tools, request, RecoveryState.STOPPED)
        await notices.promise(tools, NoticeKind.RECOVERY_STOPPED, user=user)
        detail = {"user": str(user.id), "request": str(request.id)}
        await register.append(connection, Record(Act.RECOVERY_STOPPED, tools.clock(), Role.SYSTEM, detail=detail))
    tools.wake(notices.NOTICES)
