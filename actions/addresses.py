"""How a person is reached: the address proved by a code, and contact data changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions import bounces, codes, gate, notices, passwords, register
from actions.register import Record
from actions.transaction import tx
from models.people import User
from rules import people
from rules.codes import CodePurpose, CodeTooSoon, WrongCode, clean_code
from rules.notices import NoticeKind
from rules.refusals import Checks, InvalidInput
from rules.register import Act
from rules.throttling import Client, Door

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.codes import FreshCode, TriedCode
    from actions.tools import Tools
    from reading.access import Viewer
    from rules.people import IdentityKind


class NothingToChange(InvalidInput):
    """The contact data are those on record already."""

    code = "NOTHING_TO_CHANGE"

    def __init__(self) -> None:
        super().__init__("Escriba un correo o un celular distinto del que ya tiene registrado.")


@dataclass(frozen=True, kw_only=True)
class IdentityForm:
    """Whose account it is about, as a stranger types it, with the answer to the security check."""

    identity_kind: IdentityKind
    identity_number: str
    proof: str | None = None


@dataclass(frozen=True, kw_only=True)
class Verification(IdentityForm):
    """What a person fills in to prove their address, as typed."""

    code: str


@dataclass(frozen=True)
class ContactChange:
    """What a signed-in person fills in to be reached otherwise, as typed; None leaves what is on record."""

    current_password: str
    email: str | None = None
    mobile: str | None = None


@dataclass(frozen=True)
class ChangedContact:
    """The account as it is now, and whether a new address waits for its code."""

    user: User
    awaits_code: bool


async def verify_email(tools: Tools, form: Verification, *, client: Client) -> None:
    """
    Take the address of an account as proved, by the code that was sent to it. The person is welcomed by mail.

    One that was proved before, and bounced since, is written to again.

    Raises:
        InvalidIdentity, MalformedCode: what was typed can be none.
        WrongCode: the code is another or holds no more, or there is nothing to prove: all answered alike.
        TooManyRequests: too many tries, or too many codes wait to be compared.
    """
    checks = Checks()
    identity = people.take_identity(checks, form.identity_kind, form.identity_number)
    digits = checks.take("code", clean_code, form.code)
    checks.refuse_any()
    assert identity is not None
    assert digits is not None
    await gate.admit(tools, Door.VERIFY_EMAIL, client, account=str(identity), proof=form.proof)
    subject_id, _ = await codes.subject_of(identity)
    tried = await codes.try_code(tools, CodePurpose.VERIFY_EMAIL, subject_id=subject_id, digits=digits)
    async with tx() as connection:
        await _record_verified(connection, tools, subject_id, tried)
    tools.wake(notices.NOTICES)


async def _record_verified(connection: TransactionWrapper, tools: Tools, user_id: UUID, tried: TriedCode) -> None:
    user = await User.filter(id=user_id).select_for_update(no_key=True).first()
    await codes.take_code(connection, tried)
    if user is None or user.email != tried.address:
        raise WrongCode
    if user.email_verified_at:
        return
    user.email_verified_at = tools.clock()
    await user.save(update_fields=["email_verified_at"])
    await notices.promise(tools, NoticeKind.WELCOME, user=user)
    await _record(connection, tools, user, Act.EMAIL_VERIFIED)


async def _record(connection: TransactionWrapper, tools: Tools, user: User, act: Act, *changed: str) -> None:
    detail = {"user": str(user.id)} | ({"changed": list(changed)} if changed else {})
    await register.append(connection, Record(act, tools.clock(), user.role, actor_id=user.id, detail=detail))


async def resend_verification(tools: Tools, form: IdentityForm, *, client: Client) -> None:
    """
    Send the code anew, if there is something to prove and the last one was not sent too short ago; never says so.

    There is for an address that was never proved, and for one that was but bounced since.

    Raises:
        InvalidIdentity: what was typed can be none.
        TooManyRequests: too many tries, or too many codes wait to be made.
    """
    checks = Checks()
    identity = people.take_identity(checks, form.identity_kind, form.identity_number)
    checks.refuse_any()
    assert identity is not None
    await gate.admit(tools, Door.VERIFY_EMAIL, client, account=str(identity), proof=form.proof)
    code = await codes.make_code(tools)
    async with tx() as connection:
        _, user = await codes.subject_of(identity)
        has_bounced = await bounces.has_bounced(user.email if user else "", at=tools.clock())
        if user is not None and (user.email_verified_at is None or has_bounced):
            await codes.send_code(connection, tools, code, CodePurpose.VERIFY_EMAIL, user=user, address=user.email)
        else:
            await codes.seem_to_send(connection, tools, code, CodePurpose.VERIFY_EMAIL, identity=identity)
    tools.wake(notices.NOTICES)


async def change_contact(tools: Tools, viewer: Viewer, change: ContactChange, *, client: Client) -> ChangedContact:
    """
    Change how the viewer is reached; answer with the account as it is now.

    The mobile changes at once. The address stays until the new one is proved by the code that goes there; the one on
    record is told at once. Trámites keep the contact data that they were filed with.

    Raises:
        InvalidInput: for every field that does not hold what it must, or when nothing is new.
        WrongPassword: the current password is another.
        CodeTooSoon: a code for a new address was sent too short ago.
        TooManyRequests: too many tries, or too many passwords wait to be checked.
    """
    email, mobile = _cleaned(change)
    user = await passwords.confirmed(tools, viewer, client, change.current_password)
    is_new_email, is_new_mobile = email not in (None, user.email), mobile not in (None, user.mobile)
    if not is_new_email and not is_new_mobile:
        raise NothingToChange
    code = await codes.make_code(tools) if is_new_email else None
    async with tx() as connection:
        account = await passwords.locked(user)
        if email and code:
            await _announce(connection, tools, account, code, address=email)
        if mobile and is_new_mobile:
            account.mobile = mobile
            await account.save(update_fields=["mobile"])
            await _record(connection, tools, account, Act.CONTACT_CHANGED, "mobile")
    tools.wake(notices.NOTICES)
    return ChangedContact(account, awaits_code=code is not None)


def _cleaned(change: ContactChange) -> tuple[str | None, str | None]:
    checks = Checks()
    email = checks.take("email", people.clean_email, change.email) if change.email is not None else None
    mobile = checks.take("mobile", people.clean_mobile, change.mobile) if change.mobile is not None else None
    checks.refuse_any()
    return email, mobile


async def _announce(connection: TransactionWrapper, tools: Tools, user: User, code: FreshCode, *, address: str) -> None:
    """Send the code to the new address, and tell the one on record, if it was ever proved to be theirs."""
    if not await codes.send_code(connection, tools, code, CodePurpose.CHANGE_EMAIL, user=user, address=address):
        raise CodeTooSoon
    if user.email_verified_at:
        await notices.promise(tools, NoticeKind.EMAIL_CHANGING, user=user)


async def confirm_email_change(tools: Tools, viewer: Viewer, *, code: str, client: Client) -> User:
    """
    Put the new address in force, by the code that was sent to it; answer with the account as it is now.

    The old one is told. Codes that were sent to it are worth nothing any more.

    Raises:
        MalformedCode, WrongCode: the code is none, is another, or holds no more.
        TooManyRequests: too many tries, or too many codes wait to be compared.
    """
    checks = Checks()
    digits = checks.take("code", clean_code, code)
    checks.refuse_any()
    assert digits is not None
    await gate.admit(tools, Door.CONFIRM, client, account=str(viewer.user_id))
    tried = await codes.try_code(tools, CodePurpose.CHANGE_EMAIL, subject_id=viewer.user_id, digits=digits)
    await gate.forgive(tools, Door.CONFIRM, client, account=str(viewer.user_id))
    async with tx() as connection:
        user = await User.filter(id=viewer.user_id).select_for_update(no_key=True).get()
        await codes.take_code(connection, tried)
        if user.email_verified_at:
            await notices.promise(tools, NoticeKind.EMAIL_CHANGED, user=user)
        user.email, user.email_verified_at = tried.address, tools.clock()
        await user.save(update_fields=["email", "email_verified_at"])
        await codes.drop_codes(connection, tools, user.id, CodePurpose.VERIFY_EMAIL, CodePurpose.RECOVER)
        await _record(connection, tools, user, Act.CONTACT_CHANGED, "email")
    tools.wake(notices.NOTICES)
    return user
