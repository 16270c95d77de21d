"""How a person is reached: the address proved by a code, and contact data changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions import codes, gate, notices, passwords, register
from actions.register import Record
from actions.transaction import tx
from models.people import User
from rules import people
from rules.codes import CodePurpose, CodeTooSoon, WrongCode
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
    from rules.people import Identity, IdentityKind


class NothingToChange(InvalidInput):
    """The contact data are those on record already."""

    code = "NOTHING_TO_CHANGE"

    def __init__(self) -> None:
        super().__init__("Escriba un correo o un celular distinto del que ya tiene registrado.")


@dataclass(frozen=True)
class ContactChange:
    """What a signed-in person fills in to be reached otherwise, as typed; None leaves what is on record."""

    current_password: str
    email: str | None = None
    mobile: str | None = None


@dataclass(frozen=True)
class Cleaned:
    """What is new; None for what stays."""

    email: str | None
    mobile: str | None


async def verify_email(
    tools: Tools, kind: IdentityKind, number: str, *, code: str, client: Client, proof: str | None = None
) -> None:
    """
    Take the address of an account as proved, by the code that was sent to it. The person is welcomed by mail.

    Raises:
        InvalidIdentity, InvalidCode: what was typed can be none.
        WrongCode: the code is another or holds no more, or there is nothing to prove: all answered alike.
        TooManyRequests: too many tries, or too many codes wait to be compared.
    """
    identity = people.clean_identity(kind, number, field="identityNumber")
    await gate.admit(tools, Door.VERIFY_EMAIL, client, account=str(identity), proof=proof)
    subject_id, _ = await subject_of(identity)
    tried = await codes.try_code(tools, CodePurpose.VERIFY_EMAIL, subject_id=subject_id, typed=code)
    async with tx() as connection:
        await _record_verified(connection, tools, subject_id, tried)
    tools.wake(notices.NOTICES)


async def _record_verified(connection: TransactionWrapper, tools: Tools, user_id: UUID, tried: TriedCode) -> None:
    user = await User.filter(id=user_id).select_for_update().first()
    await codes.take_code(connection, tried)
    if user is None or user.email != tried.address or user.email_verified_at:
        raise WrongCode
    user.email_verified_at = tools.clock()
    await user.save(update_fields=["email_verified_at"])
    await notices.promise(tools, NoticeKind.WELCOME, user=user)
    await _record(connection, tools, user, Act.EMAIL_VERIFIED)


async def _record(connection: TransactionWrapper, tools: Tools, user: User, act: Act, *changed: str) -> None:
    detail = {"user": str(user.id)} | ({"changed": list(changed)} if changed else {})
    await register.append(connection, Record(act, tools.clock(), user.role, actor_id=user.id, detail=detail))


async def resend_verification(
    tools: Tools, kind: IdentityKind, number: str, *, client: Client, proof: str | None = None
) -> None:
    """
    Send the code anew, if there is something to prove and the last one was not sent too short ago; never says so.

    Raises:
        InvalidIdentity: what was typed can be none.
        TooManyRequests: too many tries, or too many codes wait to be made.
    """
    identity = people.clean_identity(kind, number, field="identityNumber")
    await gate.admit(tools, Door.VERIFY_EMAIL, client, account=str(identity), proof=proof)
    code = await codes.make_code(tools)
    async with tx() as connection:
        subject_id, user = await subject_of(identity)
        is_due = user is not None and user.email_verified_at is None
        await send_or_seem(connection, tools, code, CodePurpose.VERIFY_EMAIL, user if is_due else None, subject_id)
    tools.wake(notices.NOTICES)


async def subject_of(identity: Identity) -> tuple[UUID, User | None]:
    """Return the account of an identity and the subject of its codes; nobody has a subject too, of no account."""
    user = await User.get_or_none(identity_kind=identity.kind, identity_number=identity.number)
    return (user.id, user) if user else (codes.nobody(identity), None)
