"""Passwords of accounts: judged, hashed outside the transaction, changed within it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions import accounts, codes, gate, notices, register, waiting_recoveries
from actions.register import Record
from actions.transaction import tx
from models.people import User
from models.second_factors import SecondFactor
from rules import passwords
from rules.codes import CodePurpose
from rules.notices import NoticeKind
from rules.passwords import WrongPassword
from rules.people import normal_password
from rules.refusals import NotSignedIn
from rules.register import Act
from rules.throttling import Client, Door

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from reading.access import Viewer


@dataclass(frozen=True)
class PasswordChange:
    """What a signed-in person fills in to change their password, as typed."""

    current_password: str
    new_password: str


def words_about(tools: Tools, user: User) -> tuple[str, ...]:
    """Return what others know of *user* and of the counter: no password is made of it."""
    return passwords.words_about(
        names=(user.given_names, user.first_surname, user.second_surname),
        email=user.email,
        mobile=user.mobile,
        birth_date=user.birth_date,
        others=(user.identity_number, tools.institution.name, tools.institution.unit),
    )


async def clean_password_of(tools: Tools, user: User, password: str) -> str:
    """
    Return a new password for *user*, as it is hashed; with a second factor it may be shorter.

    Raises:
        WeakPassword: it is none that the counter takes for this account.
    """
    has_second_factor = await SecondFactor.exists(user_id=user.id, confirmed_at__isnull=False)
    standing = passwords.standing_of(user.role, has_second_factor=has_second_factor)
    return passwords.clean_password(password, words_about(tools, user), standing=standing)


async def set_password(
    connection: TransactionWrapper, tools: Tools, user: User, *, new_hash: str, keep_session: UUID | None = None
) -> None:
    """
    Give *user*, locked by the caller's transaction, the password whose hash is *new_hash*.

    Ends all sessions but the one to keep, makes worthless the codes and the waiting request by which somebody could
    undo it, tells the person by mail, and appends the entry: call it last.
    """
    user.password_hash = new_hash
    await user.save(update_fields=["password_hash"])
    await accounts.end_sessions(tools, user.id, keep=keep_session)
    await codes.drop_codes(connection, tools, user.id, CodePurpose.RECOVER, CodePurpose.CHANGE_EMAIL)
    await waiting_recoveries.cancel_waiting(connection, tools, user)
    await notices.promise(tools, NoticeKind.PASSWORD_CHANGED, user=user)
    detail = {"user": str(user.id)}
    await register.append(connection, Record(Act.PASSWORD_CHANGED, tools.clock(), user.role, detail=detail))


async def confirmed(tools: Tools, viewer: Viewer, client: Client, password: str) -> User:
    """
    Return the viewer's account once they have shown that they know its password; it is not locked.

    Raises:
        WrongPassword: they do not.
        TooManyRequests: too many tries, or too many passwords wait to be checked.
    """
    user = await User.get(id=viewer.user_id)
    await gate.admit(tools, Door.CONFIRM, client, account=str(user.id))
    if not await tools.hasher.matches(normal_password(password), kept=user.password_hash):
        raise WrongPassword
    await gate.forgive(tools, Door.CONFIRM, client, account=str(user.id))
    return user


async def locked(user: User) -> User:
    """
    Return the account anew, locked within a transaction, if its password is still the one that was shown.

    Raises:
        NotSignedIn: it was changed meanwhile, which ended the session.
    """
    found = await User.filter(id=user.id, password_hash=user.password_hash).select_for_update(no_key=True).first()
    if found is None:
        raise NotSignedIn
    return found


async def change_password(tools: Tools, viewer: Viewer, change: PasswordChange, *, client: Client) -> None:
    """
    Change the viewer's password. Their other sessions end, this one goes on; they are told by mail.

    Raises:
        WeakPassword: the new one is none that the counter takes.
        WrongPassword: the current one is another.
        TooManyRequests: too many tries, or too many passwords wait to be hashed.
    """
    user = await confirmed(tools, viewer, client, change.current_password)
    try:
        cleaned = await clean_password_of(tools, user, change.new_password)
    except passwords.WeakPassword as refusal:
        raise refusal.at("newPassword") from None
    new_hash = await tools.hasher.hash(cleaned)
    async with tx() as connection:
        account = await locked(user)
        await set_password(connection, tools, account, new_hash=new_hash, keep_session=viewer.session_id)
    tools.wake(notices.NOTICES)
