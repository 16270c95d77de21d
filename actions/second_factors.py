"""Second factors: offered, put in force, shown, and the codes that stand in for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actions import accounts, gate, notices, passwords, register
from actions.credentials import new_token
from actions.register import Record
from actions.transaction import tx
from actions.vault import NONCE_BYTES
from models.people import Session, User
from models.second_factors import RecoveryCode, SecondFactor
from rules import second_factors as rules
from rules.access import Role
from rules.notices import NoticeKind
from rules.refusals import NotSignedIn
from rules.register import Act
from rules.second_factors import NothingOffered, SecondFactorNeeded, WrongSecondFactor
from rules.sessions import life_of, token_hash
from rules.throttling import Client, Door

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from reading.access import Viewer
    from rules.people import Identity

USE_STEP = "UPDATE second_factors SET used_step = $2 WHERE user_id = $1 AND seed = $3 AND used_step < $2 RETURNING 1"
USE_CODE = "DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2 RETURNING 1"


@dataclass(frozen=True)
class Offer:
    """A second factor that is not in force yet: what the telephone takes, and until when it may be confirmed."""

    seed: str
    uri: str
    expires_at: datetime


@dataclass(frozen=True)
class LiftedSession:
    """A session in which the second factor was shown; its token is another from now on, and is shown this once."""

    token: str
    expires_at: datetime
    user: User


@dataclass(frozen=True)
class _Shown:
    """A code that was found right, to be used up: a step of a seed, or a recovery code."""

    step: int = 0
    seed: str = ""
    code_hash: bytes | None = None


async def begin_second_factor(
    tools: Tools, viewer: Viewer, *, password: str, code: str | None = None, client: Client
) -> Offer:
    """
    Offer a new seed to the viewer, who puts it in force by a code of it within 30 minutes; until then nothing changes.

    Who has a second factor already, and changes telephones, shows a code of it, or a recovery code.

    Raises:
        WrongPassword: it is not theirs.
        MalformedCode, WrongSecondFactor: the code of the present second factor is missing, none, or wrong.
        TooManyRequests: too many tries, or too many passwords wait to be checked.
    """
    present = rules.clean_code(code or "") if viewer.has_second_factor else None
    user = await passwords.confirmed(tools, viewer, client, password)
    shown = await _tried(tools, user, present, client) if present else None
    seed = rules.new_seed(tools.random_bytes)
    sealed = tools.vault.seal(seed, about=user.id, nonce=tools.random_bytes(NONCE_BYTES))
    async with tx() as connection:
        account = await passwords.locked(user)
        if shown is None and await SecondFactor.exists(user_id=user.id, confirmed_at__isnull=False):
            raise WrongSecondFactor
        await SecondFactor.bulk_create([SecondFactor(user=account)], ignore_conflicts=True)
        await SecondFactor.filter(user_id=user.id).update(offered_seed=sealed, offered_at=tools.clock())
        if shown:
            await _use_up(connection, tools, account, shown)
    tools.wake(notices.NOTICES)
    shown_name = f"{user.identity_kind.value} {user.identity_number}"
    uri = rules.setup_uri(seed, account=shown_name, issuer=tools.institution.name)
    return Offer(seed, uri, tools.clock() + rules.OFFER_LIFE)


async def confirm_second_factor(
    tools: Tools, viewer: Viewer, *, code: str, client: Client
) -> tuple[LiftedSession, list[str]]:
    """
    Put the offered second factor in force, by a code of it; answer with the viewer's session and ten recovery codes.

    The codes are shown this once; earlier ones are worth nothing. All other sessions end, and the person is told by
    mail.

    Raises:
        MalformedCode, WrongSecondFactor: the code is none, or another.
        NothingOffered: nothing waits to be confirmed.
        TooManyRequests: too many tries.
    """
    typed = rules.clean_code(code)
    await gate.admit(tools, Door.SECOND_FACTOR, Client(client.address), account=str(viewer.user_id))
    since = tools.clock() - rules.OFFER_LIFE
    factor = await SecondFactor.get_or_none(user_id=viewer.user_id, offered_at__gt=since)
    if factor is None or factor.offered_seed is None:
        raise NothingOffered
    seed = tools.vault.open(factor.offered_seed, about=viewer.user_id)
    step = rules.matching_step(seed, typed, at=tools.clock(), used_step=0)
    await gate.forgive(tools, Door.SECOND_FACTOR, Client(client.address), account=str(viewer.user_id))
    async with tx() as connection:
        user = await User.filter(id=viewer.user_id).select_for_update(no_key=True).get()
        changed = await SecondFactor.filter(user_id=user.id, offered_seed=factor.offered_seed).update(
            seed=factor.offered_seed,
            confirmed_at=tools.clock(),
            used_step=step,
            offered_seed=None,
            offered_at=None,
        )
        if not changed:
            raise NothingOffered
        codes = await _make_codes(tools, user)
        await accounts.end_sessions(tools, user.id, keep=viewer.session_id)
        lifted = await lift(tools, user, viewer.session_id)
        await notices.promise(tools, NoticeKind.SECOND_FACTOR_SET, user=user)
        await _append(connection, tools, Act.SECOND_FACTOR_SET, user)
    tools.wake(notices.NOTICES)
    return lifted, codes


async def pass_second_factor(tools: Tools, holder: Viewer, *, code: str, client: Client) -> LiftedSession:
    """
    Take a session, begun by a password, further: by a code of the telephone, or a recovery code. Each is good once.

    The token of the session changes; who knew the old one knows nothing any more. A recovery code that was used, and
    five wrong codes in a row, are told to the person by mail.

    Raises:
        MalformedCode, WrongSecondFactor: the code is none, is another, or was used.
        SecondFactorNeeded: the account has no second factor.
        NotSignedIn: the session has ended meanwhile.
        TooManyRequests: too many tries; each further one waits longer, and nobody is locked out for good.
    """
    typed = rules.clean_code(code)
    user = await User.get(id=holder.user_id)
    shown = await _tried(tools, user, typed, client)
    async with tx() as connection:
        account = await User.filter(id=user.id).select_for_update(no_key=True).get()
        lifted = await lift(tools, account, holder.session_id)
        await _use_up(connection, tools, account, shown)
    tools.wake(notices.NOTICES)
    return lifted


async def renew_recovery_codes(tools: Tools, viewer: Viewer, *, code: str, client: Client) -> list[str]:
    """
    Make ten new recovery codes, which are shown this once; all earlier ones are worth nothing from then on.

    By a code of the telephone: who has lost it begins a new second factor, which comes with codes of its own.

    Raises:
        MalformedCode, WrongSecondFactor: the code of the telephone is none, is another, or was used.
        SecondFactorNeeded: the account has no second factor.
        TooManyRequests: too many tries.
    """
    typed = rules.clean_code(code)
    if rules.is_recovery_code(typed):
        raise rules.MalformedCode
    user = await User.get(id=viewer.user_id)
    shown = await _tried(tools, user, typed, client)
    async with tx() as connection:
        account = await User.filter(id=user.id).select_for_update(no_key=True).get()
        await _use_up(connection, tools, account, shown)
        codes = await _make_codes(tools, account)
        await notices.promise(tools, NoticeKind.RECOVERY_CODES_RENEWED, user=account)
        await _append(connection, tools, Act.RECOVERY_CODES_RENEWED, account)
    tools.wake(notices.NOTICES)
    return codes


async def plant_second_factor(tools: Tools, identity: Identity, seed: str) -> None:
    """Put a known *seed* in force for an account, for trying; a second factor that it has stays."""
    user = await User.get(identity_kind=identity.kind, identity_number=identity.number)
    sealed = tools.vault.seal(seed, about=user.id, nonce=tools.random_bytes(NONCE_BYTES))
    async with tx():
        factor = SecondFactor(user=user, confirmed_at=tools.clock(), seed=sealed)
        await SecondFactor.bulk_create([factor], ignore_conflicts=True)


async def _tried(tools: Tools, user: User, typed: str, client: Client) -> _Shown:
    """
    Spend a try, then compare; answer with what `_use_up` uses up.

    Counted by the account alone, whatever device or address: whoever knows the password gets as many device cookies as
    they like.
    """
    in_a_row = await gate.admit(tools, Door.SECOND_FACTOR, Client(client.address), account=str(user.id))
    factor = await SecondFactor.get_or_none(user_id=user.id, confirmed_at__isnull=False)
    if factor is None or factor.seed is None:
        raise SecondFactorNeeded
    try:
        shown = await _compared(tools, factor, typed)
    except WrongSecondFactor:
        await _warn(tools, user, in_a_row)
        raise
    await gate.forgive(tools, Door.SECOND_FACTOR, Client(client.address), account=str(user.id))
    return shown


async def _compared(tools: Tools, factor: SecondFactor, typed: str) -> _Shown:
    if rules.is_recovery_code(typed):
        code_hash = rules.recovery_hash(typed)
        if not await RecoveryCode.exists(user_id=factor.user_id, code_hash=code_hash):
            raise WrongSecondFactor
        return _Shown(code_hash=code_hash)
    assert factor.seed is not None
    seed = tools.vault.open(factor.seed, about=factor.user_id)
    step = rules.matching_step(seed, typed, at=tools.clock(), used_step=factor.used_step)
    return _Shown(step, factor.seed)


async def _warn(tools: Tools, user: User, in_a_row: int) -> None:
    if in_a_row != rules.WARN_AFTER:
        return
    async with tx():
        await notices.promise(tools, NoticeKind.SECOND_FACTOR_FAILURES, user=user)
    tools.wake(notices.NOTICES)


async def _use_up(connection: TransactionWrapper, tools: Tools, user: User, shown: _Shown) -> None:
    """Use up a code that was found right; of several who show it at once, one does."""
    if shown.code_hash is None:
        if not await connection.execute_query_dict(USE_STEP, [user.id, shown.step, shown.seed]):
            raise WrongSecondFactor
        return
    if not await connection.execute_query_dict(USE_CODE, [user.id, shown.code_hash]):
        raise WrongSecondFactor
    left = await RecoveryCode.filter(user_id=user.id).count()
    await notices.promise(tools, NoticeKind.RECOVERY_CODE_USED, user=user, detail={"left": left})
    await _append(connection, tools, Act.RECOVERY_CODE_USED, user)


async def _make_codes(tools: Tools, user: User) -> list[str]:
    """Replace, within a transaction, the recovery codes of an account."""
    codes = rules.new_recovery_codes(tools.random_bytes)
    hashes = [rules.recovery_hash(rules.clean_code(code)) for code in codes]
    await RecoveryCode.filter(user_id=user.id).delete()
    await RecoveryCode.bulk_create([RecoveryCode(user=user, code_hash=kept, made_at=tools.clock()) for kept in hashes])
    return codes


async def lift(tools: Tools, user: User, session_id: UUID) -> LiftedSession:
    """
    Note, within a transaction, that the second factor was shown in a session, and change its token.

    From then on it lasts as long as one of what *user* is now.
    """
    token, now = new_token(tools.random_bytes), tools.clock()
    live = Session.filter(id=session_id, user_id=user.id, ended_at__isnull=True, expires_at__gt=now)
    session = await live.select_for_update().first()
    if session is None:
        raise NotSignedIn
    life = life_of(session.kind, user.role if user.is_staff else Role.APPLICANT)
    session.token_hash, session.second_factor_at, session.last_seen_at = token_hash(token), now, now
    session.expires_at = min(session.expires_at, now + life.longest)
    session.idle_until = now + life.idle
    await session.save(update_fields=["token_hash", "second_factor_at", "last_seen_at", "idle_until", "expires_at"])
    return LiftedSession(token, session.expires_at, user)


async def _append(connection: TransactionWrapper, tools: Tools, act: Act, user: User) -> None:
    record = Record(act, tools.clock(), user.role, actor_id=user.id, detail={"user": str(user.id)})
    await register.append(connection, record)
