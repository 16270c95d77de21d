"""Accounts: register, sign in, sign out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tortoise.exceptions import IntegrityError

from actions import notices, register
from actions.credentials import new_token
from actions.register import Record
from actions.transaction import tx
from models.people import Session, User
from rules import people
from rules.access import Role
from rules.notices import NoticeKind
from rules.refusals import Checks, NotSignedIn
from rules.register import Act
from rules.sessions import token_hash
from rules.workdays import day_of

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from actions.tools import Tools
    from reading.access import Viewer
    from rules.people import IdentityKind

SESSION_LIFE = timedelta(hours=12)


class WrongCredentials(NotSignedIn):
    """No account has this identity and password; which of the two is wrong is not told."""

    code = "WRONG_CREDENTIALS"

    def __init__(self) -> None:
        super().__init__("El documento o la contraseña no son correctos. Revíselos y vuelva a intentar.")


@dataclass(frozen=True)
class Registration:
    """What a person fills in to get an account, as typed."""

    identity_kind: IdentityKind
    identity_number: str
    given_names: str
    first_surname: str
    second_surname: str
    birth_date: date
    email: str
    mobile: str
    password: str


@dataclass(frozen=True)
class SignedIn:
    """A new session; the token is shown this once."""

    token: str
    expires_at: datetime
    user: User


async def register_account(tools: Tools, form: Registration, *, role: Role = Role.APPLICANT) -> None:
    """
    Open an account.

    An identity that has an account already is answered alike, after the same work, so that nobody learns who is
    registered; the address on record is told.

    Raises:
        InvalidInput: for every field that does not hold what it must.
        TooManySignIns: too many passwords wait to be hashed.
    """
    user, password = _checked(tools, form, role=role)
    user.password_hash = await tools.hasher.hash(password)
    try:
        await _open(tools, user)
    except IntegrityError:
        await _tell_holder(tools, user)
    tools.wake(notices.NOTICES)


def _checked(tools: Tools, form: Registration, *, role: Role) -> tuple[User, str]:
    now = tools.clock()
    checks = Checks()
    identity = checks.take(
        "identityNumber", lambda text: people.clean_identity(form.identity_kind, text), form.identity_number
    )
    second = form.second_surname
    cleaned = {
        "given_names": checks.take("givenNames", people.clean_name, form.given_names),
        "first_surname": checks.take("firstSurname", people.clean_name, form.first_surname),
        "second_surname": checks.take("secondSurname", people.clean_name, second) if second else "",
        "birth_date": checks.take("birthDate", lambda day: people.clean_birth_date(day, day_of(now)), form.birth_date),
        "email": checks.take("email", people.clean_email, form.email),
        "mobile": checks.take("mobile", people.clean_mobile, form.mobile),
    }
    known = (form.identity_number, form.email, form.email.partition("@")[0])
    password = checks.take("password", lambda text: people.clean_password(text, known), form.password)
    checks.refuse_any()
    assert identity is not None
    assert password is not None
    return User(
        identity_kind=identity.kind, identity_number=identity.number, role=role, created_at=now, **cleaned
    ), password


async def _open(tools: Tools, user: User) -> None:
    async with tx() as connection:
        await user.save(force_create=True)
        await notices.promise(tools, NoticeKind.WELCOME, user=user)
        await register.append(
            connection,
            Record(Act.REGISTERED, tools.clock(), user.role, actor_id=user.id, detail={"user": str(user.id)}),
        )


async def _tell_holder(tools: Tools, asked: User) -> None:
    async with tx():
        holder = await User.get(identity_kind=asked.identity_kind, identity_number=asked.identity_number)
        await notices.promise(tools, NoticeKind.ACCOUNT_EXISTS, user=holder)


async def sign_in(tools: Tools, *, identity_kind: IdentityKind, identity_number: str, password: str) -> SignedIn:
    """
    Begin a session of 12 hours.

    Takes about the same time whether the account exists or not.

    Raises:
        WrongCredentials: no account has this identity and password.
        TooManySignIns: too many passwords wait to be checked.
    """
    try:
        identity = people.clean_identity(identity_kind, identity_number)
    except people.InvalidIdentity:
        identity = None
    user = await User.get_or_none(identity_kind=identity.kind, identity_number=identity.number) if identity else None
    if not await tools.hasher.matches(people.normal_password(password), kept=user.password_hash if user else None):
        raise WrongCredentials
    assert user is not None
    token, now = new_token(tools.random_bytes), tools.clock()
    async with tx():
        session = await Session.create(
            token_hash=token_hash(token), user=user, created_at=now, expires_at=now + SESSION_LIFE
        )
    return SignedIn(token, session.expires_at, user)


async def sign_out(tools: Tools, viewer: Viewer) -> None:
    """End the viewer's session; ending it twice is no error."""
    async with tx():
        await Session.filter(id=viewer.session_id, ended_at__isnull=True).update(ended_at=tools.clock())


async def end_sessions(tools: Tools, user_id: UUID) -> None:
    """End, within a transaction, all sessions of an account: whoever knew its password has to sign in anew."""
    await Session.filter(user_id=user_id, ended_at__isnull=True).update(ended_at=tools.clock())
