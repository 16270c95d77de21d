"""Sessions: begun by a password, ended by their holder, by time, or by a new password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from actions import gate, notices
from actions.credentials import new_token, refresh_hash
from actions.transaction import database, tx
from models.people import Session, User
from models.second_factors import SecondFactor
from reading.access import admitted, holder_of
from rules import people
from rules.claims import AccountFrozen
from rules.notices import NoticeKind
from rules.refusals import NotFound, NotSignedIn
from rules.sessions import SessionKind, bearer_token, device_name, life_of, token_hash
from rules.throttling import WARN_AFTER, Door

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from actions.tools import Tools
    from reading.access import Ask, Viewer
    from rules.people import IdentityKind
    from rules.throttling import Client

LONGEST_NUMBER = 40
"""How much of a number that a stranger typed is looked at before it is judged."""

TOUCH = """
UPDATE sessions SET last_seen_at = $2, idle_until = $2::timestamptz + (idle_until - last_seen_at)
WHERE id = $1 AND last_seen_at < $2 RETURNING 1
"""

USE = "UPDATE service_tokens SET last_used_at = $2 WHERE id = $1 AND coalesce(last_used_at < $2, true) RETURNING 1"


class WrongCredentials(NotSignedIn):
    """No account has this identity and password; which of the two is wrong is not told."""

    code = "WRONG_CREDENTIALS"

    def __init__(self) -> None:
        super().__init__("El documento o la contraseña no son correctos. Revíselos y vuelva a intentar.")


class NoSuchSession(NotFound):
    """There is no such session of theirs, or it has ended."""

    code = "SESSION_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("Esa sesión no existe o ya terminó.", path=("id",))


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What a person signs in with, as typed."""

    identity_kind: IdentityKind
    identity_number: str
    password: str

    def account(self) -> str:
        """Return what names the account that is tried, there or not: two spellings of one number are one."""
        try:
            identity = people.clean_identity(self.identity_kind, self.identity_number)
        except people.InvalidIdentity:
            return f"{self.identity_kind.value}:{self.identity_number[:LONGEST_NUMBER]}"
        return f"{identity.kind.value}:{identity.number}"


@dataclass(frozen=True)
class SignedIn:
    """
    A new session; the token is shown this once. `device` is for a browser that signs in by cookie to keep.

    With `awaits_second_factor` it is good for nothing but to show that.
    """

    token: str
    expires_at: datetime
    user: User
    device: str
    awaits_second_factor: bool


async def sign_in(
    tools: Tools,
    given: Credentials,
    *,
    client: Client,
    proof: str | None = None,
    kind: SessionKind = SessionKind.BEARER,
    user_agent: str | None = None,
) -> SignedIn:
    """
    Begin a session; of an account with a second factor, one that awaits it.

    Takes about the same time whether the account exists or not. Ten attempts in a row that fail are told to the holder.

    Raises:
        WrongCredentials: no account has this identity and password.
        AccountFrozen: it has, but somebody else claims the identity.
        TooManyAttempts: too many tries, from one address or at one account.
        InvalidInput: the security check.
        TooManySignIns: too many passwords wait to be checked.
    """
    account = given.account()
    attempt = await gate.admit(tools, Door.SIGN_IN, client, account=account, proof=proof)
    user = await _holder(given)
    typed = people.normal_password(given.password)
    if not await tools.hasher.matches(typed, kept=user.password_hash if user else None):
        await _warn(tools, user, attempt)
        raise WrongCredentials
    assert user is not None
    await gate.forgive(tools, Door.SIGN_IN, client, account=account)
    if user.frozen_at:
        raise AccountFrozen
    token, expires_at = await _begin(tools, user, kind, user_agent)
    await refresh_hash(tools, user, typed)
    awaits = await SecondFactor.exists(user_id=user.id, confirmed_at__isnull=False)
    return SignedIn(token, expires_at, user, gate.device_of(tools, account), awaits)


async def _holder(given: Credentials) -> User | None:
    try:
        identity = people.clean_identity(given.identity_kind, given.identity_number)
    except people.InvalidIdentity:
        return None
    return await User.get_or_none(identity_kind=identity.kind, identity_number=identity.number)


async def _warn(tools: Tools, user: User | None, attempt: int) -> None:
    if user is None or attempt != WARN_AFTER:
        return
    async with tx():
        await notices.promise(tools, NoticeKind.SIGN_IN_FAILURES, user=user)
    tools.wake(notices.NOTICES)


async def _begin(tools: Tools, user: User, kind: SessionKind, user_agent: str | None) -> tuple[str, datetime]:
    token, now, life = new_token(tools.random_bytes), tools.clock(), life_of(kind, user.role)
    async with tx():
        # A password that was changed since it was compared has ended all sessions, and must not find this one begun.
        if (
            await User.filter(id=user.id, password_hash=user.password_hash).select_for_update(no_key=True).first()
            is None
        ):
            raise WrongCredentials
        await User.filter(id=user.id).update(signed_in_at=now)
        session = await Session.create(
            token_hash=token_hash(token),
            user=user,
            kind=kind,
            device=device_name(user_agent),
            created_at=now,
            last_seen_at=now,
            idle_until=now + life.idle,
            expires_at=now + life.longest,
        )
    return token, session.expires_at


async def recognise(tools: Tools, *, authorization: str | None = None, cookie: str | None = None) -> Viewer | None:
    """Return who is signed in, and note that the session is in use; None for nobody, and while a factor is missing."""
    return admitted(await recognise_holder(tools, authorization=authorization, cookie=cookie))


async def recognise_holder(
    tools: Tools, *, authorization: str | None = None, cookie: str | None = None, ask: Ask | None = None
) -> Viewer | None:
    """
    Return who holds the session of a request, also while it awaits the second factor, or which program asks; note that
    session or token are in use.

    A request that shows a bearer token is judged by that alone: its cookie, which it may not know of, does not count.
    What is asked of the database, *ask* asks, if it is given.
    """
    now = tools.clock()
    if token := bearer_token(authorization):
        holder = await holder_of(token, at=now, kind=SessionKind.BEARER, ask=ask)
    else:
        holder = await holder_of(cookie, at=now, kind=SessionKind.COOKIE, ask=ask) if cookie else None
    if holder is not None and holder.is_stale:
        noting = USE if holder.is_program else TOUCH
        if ask is not None:
            await ask(noting, holder.session_id, now)
        else:
            await database().execute_query_dict(noting, [holder.session_id, now])
    return holder


async def sign_out(tools: Tools, viewer: Viewer) -> None:
    """End the viewer's session; ending it twice is no error."""
    async with tx():
        await Session.filter(id=viewer.session_id, ended_at__isnull=True).update(ended_at=tools.clock())


async def end_session(tools: Tools, viewer: Viewer, session_id: UUID) -> None:
    """
    End one of the viewer's sessions.

    Raises:
        NoSuchSession: there is no such session of theirs, or it has ended.
    """
    async with tx():
        ended = await Session.filter(id=session_id, user_id=viewer.user_id, ended_at__isnull=True).update(
            ended_at=tools.clock()
        )
    if not ended:
        raise NoSuchSession


async def end_other_sessions(tools: Tools, viewer: Viewer) -> int:
    """End all the viewer's sessions but this one; return how many."""
    async with tx():
        live = Session.filter(user_id=viewer.user_id, ended_at__isnull=True, expires_at__gt=tools.clock())
        return await live.exclude(id=viewer.session_id).update(ended_at=tools.clock())


KEPT_AFTER = timedelta(days=30)
FORGET = """
DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE coalesce(ended_at, expires_at) <= $1 LIMIT 1000 FOR UPDATE SKIP LOCKED
)
RETURNING 1
"""


async def forget_sessions(tools: Tools) -> int:
    """Forget sessions that ended over 30 days ago, at most a thousand; return how many."""
    return len(await database().execute_query_dict(FORGET, [tools.clock() - KEPT_AFTER]))
