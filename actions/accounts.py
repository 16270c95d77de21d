"""Accounts: register, sign in, sign out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tortoise.exceptions import IntegrityError

from actions import codes, gate, notices, register, waiting_recoveries
from actions.register import Record
from actions.transaction import tx
from models.people import Session, User
from models.tramites import Tramite
from reading.requests import reserved_address
from rules import passwords, people
from rules.access import Role
from rules.claims import vacated_number
from rules.codes import CodePurpose
from rules.notices import NoticeKind
from rules.refusals import Checks
from rules.register import Act
from rules.throttling import Client, Door
from rules.workdays import day_of

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.codes import FreshCode
    from actions.tools import Tools
    from rules.people import IdentityKind

LONGEST_NUMBER = 40
"""How much of a number that a stranger typed is looked at before it is judged."""


ABANDONED_AFTER = timedelta(hours=24)
"""A registration whose address was not proved for so long keeps nobody else from registering that identity."""


class IdentityReserved(Exception):
    """The identity was handed over to somebody else lately, who has not registered it yet."""


@dataclass(frozen=True, kw_only=True)
class PersonalData:
    """What a person fills in first, as typed; a day is written YYYY-MM-DD."""

    identity_kind: IdentityKind
    identity_number: str
    given_names: str
    first_surname: str
    second_surname: str
    birth_date: date | str


@dataclass(frozen=True, kw_only=True)
class Registration(PersonalData):
    """What a person fills in to get an account, as typed."""

    email: str
    mobile: str
    password: str


async def check_personal_data(
    tools: Tools, form: PersonalData, *, client: Client, proof: str | None = None
) -> dict[str, Any]:
    """
    Judge the first step of a registration; answer with the data as they would be kept, by their names in `User`.

    Looks nothing up: whether the identity has an account is not told.

    Raises:
        InvalidInput: for every field that does not hold what it must.
        TooManyRequests: too many tries.
    """
    await gate.admit(tools, Door.CHECK_DATA, client, proof=proof)
    checks = Checks()
    cleaned = clean_personal_data(tools, checks, form)
    checks.refuse_any()
    return cleaned


async def apply_for_account(tools: Tools, form: Registration, *, client: Client, proof: str | None = None) -> None:
    """
    Open an account for a stranger, as `register_account`, but through the gate.

    Raises:
        InvalidInput: for every field that does not hold what it must, or the security check.
        TooManyRequests: too many tries, or too many passwords wait to be hashed.
    """
    tried = f"{form.identity_kind.value}:{form.identity_number[:LONGEST_NUMBER]}"
    await gate.admit(tools, Door.REGISTER, client, account=tried, proof=proof)
    await register_account(tools, form)


async def register_account(
    tools: Tools, form: Registration, *, role: Role = Role.APPLICANT, is_verified: bool = False
) -> None:
    """
    Open an account; a code goes to its address, unless that is taken as proved (*is_verified*).

    An identity that has an account already is answered alike, after the same work, so that nobody learns who is
    registered; the address on record is told. One that nobody proved within 24 hours makes room. One that was handed
    over after a claim is reserved for 30 days for the address of who claimed it; others are answered alike.

    Raises:
        InvalidInput: for every field that does not hold what it must.
        TooManySignIns: too many passwords wait to be hashed.
    """
    user, password = _checked(tools, form, role=role)
    user.password_hash = await tools.hasher.hash(password)
    user.email_verified_at = tools.clock() if is_verified else None
    code = await codes.make_code(tools)
    try:
        await _open(tools, user, code)
    except (IntegrityError, IdentityReserved):
        await _tell_holder(tools, user)
    tools.wake(notices.NOTICES)


def _checked(tools: Tools, form: Registration, *, role: Role) -> tuple[User, str]:
    checks = Checks()
    personal = clean_personal_data(tools, checks, form)
    email = checks.take("email", people.clean_email, form.email)
    mobile = checks.take("mobile", people.clean_mobile, form.mobile)
    password = checks.take("password", lambda text: _clean_password(tools, form, personal, text), form.password)
    checks.refuse_any()
    assert password is not None
    return User(**personal, email=email, mobile=mobile, role=role, created_at=tools.clock()), password


def clean_personal_data(tools: Tools, checks: Checks, form: PersonalData) -> dict[str, Any]:
    """Return personal data as they would be kept, by their names in `User`; note what is wrong with them."""
    identity = people.take_identity(checks, form.identity_kind, form.identity_number)
    second, today = form.second_surname, day_of(tools.clock())
    return {
        "identity_kind": form.identity_kind,
        "identity_number": identity.number if identity else "",
        "given_names": checks.take("givenNames", people.clean_name, form.given_names),
        "first_surname": checks.take("firstSurname", people.clean_name, form.first_surname),
        "second_surname": checks.take("secondSurname", people.clean_name, second) if second else "",
        "birth_date": checks.take("birthDate", lambda day: people.clean_birth_date(day, today), form.birth_date),
    }


def _clean_password(tools: Tools, form: Registration, personal: dict[str, Any], password: str) -> str:
    known = passwords.words_about(
        names=[personal[name] or "" for name in ("given_names", "first_surname", "second_surname")],
        email=form.email[: people.EMAIL_MAX_LENGTH],
        mobile=form.mobile[:LONGEST_NUMBER],
        birth_date=personal["birth_date"],
        others=(personal["identity_number"], tools.institution.name, tools.institution.unit),
    )
    return passwords.clean_password(password, known)


async def _open(tools: Tools, user: User, code: FreshCode) -> None:
    async with tx() as connection:
        replaced = await _make_room(connection, tools, user)
        reserved = await reserved_address(user.identity_kind, user.identity_number, at=tools.clock())
        if reserved and reserved.lower() != user.email.lower():
            raise IdentityReserved
        await user.save(force_create=True)
        if user.email_verified_at:
            await notices.promise(tools, NoticeKind.WELCOME, user=user)
        else:
            await codes.send_code(connection, tools, code, CodePurpose.VERIFY_EMAIL, user=user, address=user.email)
        detail = {"user": str(user.id)} | ({"replaces": str(replaced)} if replaced else {})
        await register.append(
            connection, Record(Act.REGISTERED, tools.clock(), user.role, actor_id=user.id, detail=detail)
        )


async def _make_room(connection: TransactionWrapper, tools: Tools, asked: User) -> UUID | None:
    """
    Take the identity from an abandoned registration; return the id of the account that had it.

    Abandoned: an applicant's, over 24 hours old, the address never proved and so without a trámite, the identity not
    claimed. The row stays, for the register names it, but what it told of a person goes, and whoever is signed in with
    it no longer is.
    """
    since = tools.clock() - ABANDONED_AFTER
    abandoned = (
        await User.filter(
            identity_kind=asked.identity_kind,
            identity_number=asked.identity_number,
            role=Role.APPLICANT,
            email_verified_at__isnull=True,
            frozen_at__isnull=True,
            created_at__lte=since,
        )
        .select_for_update(no_key=True)
        .first()
    )
    if abandoned is None or await Tramite.exists(applicant_id=abandoned.id):
        return None
    if await waiting_recoveries.was_recovered(abandoned.id):
        return None
    await waiting_recoveries.cancel_waiting(connection, tools, abandoned)
    await User.filter(id=abandoned.id).update(**blank(abandoned))
    await end_sessions(tools, abandoned.id)
    await codes.drop_codes(connection, tools, abandoned.id, *CodePurpose)
    return abandoned.id


def blank(user: User) -> dict[str, Any]:
    """Return what is left of an account that made room or was closed; no document has such a number."""
    return {
        "identity_number": vacated_number(user.id),
        "given_names": "",
        "first_surname": "",
        "second_surname": "",
        "birth_date": date(1900, 1, 1),
        "email": "",
        "mobile": "",
        "password_hash": "",
    }


async def _tell_holder(tools: Tools, asked: User) -> None:
    async with tx():
        holder = await User.get_or_none(identity_kind=asked.identity_kind, identity_number=asked.identity_number)
        await notices.promise(tools, NoticeKind.ACCOUNT_EXISTS, user=holder)


async def end_sessions(tools: Tools, user_id: UUID, *, keep: UUID | None = None) -> None:
    """
    End, within a transaction, all sessions of an account but that to *keep*.

    Whoever knew its password has to sign in anew.
    """
    live = Session.filter(user_id=user_id, ended_at__isnull=True)
    await (live.exclude(id=keep) if keep else live).update(ended_at=tools.clock())
