"""Service tokens: made and revoked by administrators."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import uuid4

from actions import register
from actions.client_keys import claim_key, request_hash
from actions.register import ENTRIES, Record
from actions.staff import lock_administrators, offices_of
from actions.transaction import tx
from models.people import User
from models.service_tokens import ServiceToken
from rules import service_tokens as rules
from rules.access import Role
from rules.duties import Duty, check_duty
from rules.refusals import Checks
from rules.register import Act
from rules.service_tokens import MOST_LIVE, SECRET_BYTES, NoSuchAdministrator, NoSuchServiceToken, TooManyServiceTokens
from rules.sessions import token_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from reading.access import Viewer
    from rules.people import Identity
    from rules.service_tokens import Scope

ORDER_LOCK = 7_242_043


@dataclass(frozen=True, kw_only=True)
class TokenForm:
    """A service token to be, as typed; without days it holds for 90."""

    name: str
    scopes: Sequence[Scope]
    office_codes: Sequence[str] = ()
    all_offices: bool = False
    days: int | None = None

    def asked(self) -> bytes:
        """Return what names the request, for its key."""
        return request_hash(
            {
                "made": "SERVICE_TOKEN",
                "name": self.name,
                "scopes": sorted(self.scopes),
                "offices": sorted(self.office_codes),
                "allOffices": self.all_offices,
                "days": self.days,
            }
        )


@dataclass(frozen=True)
class MadeToken:
    """A service token, and what the program shows: None when it was shown before, for nobody keeps it."""

    row: ServiceToken
    token: str | None


async def create_service_token(tools: Tools, viewer: Viewer, form: TokenForm, *, client_key: UUID) -> MadeToken:
    """
    Make a service token, which is told this once; asked for again with the same key, the same one without its text.

    Raises:
        NotYourDuty: the viewer does not administer.
        InvalidInput: for every field that does not hold what it must.
        NoSuchOffice: one of them does not exist.
        KeyReused: the key made another one.
        TooManyServiceTokens: as many live as may.
    """
    check_duty(viewer.role, Duty.ADMINISTER)
    token, row = await _new(tools, viewer.user_id, form)
    async with tx() as connection:
        await lock_administrators(tools, viewer)
        earlier = await claim_key(
            connection,
            user_id=viewer.user_id,
            key=client_key,
            asked=form.asked(),
            makes_id=row.id,
            now=row.made_at,
        )
        if earlier is not None:
            return MadeToken(await ServiceToken.get(id=earlier), None)
        await _keep(connection, tools, row, by=viewer)
    tools.wake(ENTRIES)
    return MadeToken(row, token)


async def create_at_machine(tools: Tools, identity: Identity, form: TokenForm) -> MadeToken:
    """
    Make a service token at the machine itself, for which the administrator of that identity answers.

    Raises:
        NoSuchAdministrator: the identity is of nobody who administers.
        InvalidInput, NoSuchOffice, TooManyServiceTokens: as for `create_service_token`.
    """
    found = User.filter(identity_kind=identity.kind, identity_number=identity.number, role=Role.ADMINISTRATOR)
    user = await found.filter(deactivated_at__isnull=True, frozen_at__isnull=True).first()
    if user is None:
        raise NoSuchAdministrator
    token, row = await _new(tools, user.id, form)
    async with tx() as connection:
        await _keep(connection, tools, row, by=None)
    tools.wake(ENTRIES)
    return MadeToken(row, token)


async def _new(tools: Tools, maker_id: UUID, form: TokenForm) -> tuple[str, ServiceToken]:
    token, checks = rules.make_token(tools.random_bytes(SECRET_BYTES)), Checks()
    name = checks.take("name", rules.clean_name, form.name)
    scopes = checks.take("scopes", rules.check_scopes, form.scopes) or ()
    life = checks.take("days", rules.check_life, form.days) or rules.DEFAULT_LIFE
    check = partial(rules.check_offices, all_offices=form.all_offices)
    offices = checks.take("officeCodes", check, form.office_codes) or ()
    checks.refuse_any()
    await offices_of(sorted(offices))
    now = tools.clock()
    row = ServiceToken(
        id=uuid4(),
        name=name,
        token_hash=token_hash(token),
        ending=rules.ending_of(token),
        scopes=sorted(scope.value for scope in scopes),
        offices=sorted(offices),
        made_by_id=maker_id,
        made_at=now,
        expires_at=now + life,
    )
    return token, row


async def _keep(connection: TransactionWrapper, tools: Tools, row: ServiceToken, *, by: Viewer | None) -> None:
    # So that as many as may live are not passed by several who make one at once.
    await connection.execute_query_dict("SELECT pg_advisory_xact_lock($1)", [ORDER_LOCK])
    live = ServiceToken.filter(revoked_at__isnull=True, expires_at__gt=tools.clock())
    if await live.count() >= MOST_LIVE:
        raise TooManyServiceTokens
    await row.save(force_create=True)
    told = {"scopes": row.scopes, "offices": row.offices or "ALL", "expiresAt": row.expires_at.isoformat()}
    await _append(connection, tools, Act.SERVICE_TOKEN_MADE, row, by, {"user": str(row.made_by_id), **told})


async def revoke_service_token(tools: Tools, viewer: Viewer, token_id: UUID) -> ServiceToken:
    """
    Revoke a service token: it is good for nothing from the next request on, and its subscriptions end by themselves.

    Raises:
        NotYourDuty: the viewer does not administer.
        NoSuchServiceToken: none of that id holds.
    """
    check_duty(viewer.role, Duty.ADMINISTER)
    return await _revoke(tools, token_id, by=viewer)


async def revoke_at_machine(tools: Tools, token_id: UUID) -> ServiceToken:
    """
    Revoke a service token at the machine itself.

    Raises:
        NoSuchServiceToken: none of that id holds.
    """
    return await _revoke(tools, token_id, by=None)


async def _revoke(tools: Tools, token_id: UUID, *, by: Viewer | None) -> ServiceToken:
    async with tx() as connection:
        live = ServiceToken.filter(id=token_id, revoked_at__isnull=True, expires_at__gt=tools.clock())
        row = await live.select_for_update(no_key=True).first()
        if row is None:
            raise NoSuchServiceToken
        row.revoked_at, row.revoked_by_id = tools.clock(), by.user_id if by else None
        await row.save(update_fields=["revoked_at", "revoked_by_id"])
        await _append(connection, tools, Act.SERVICE_TOKEN_REVOKED, row, by)
    tools.wake(ENTRIES)
    return row


async def _append(
    connection: TransactionWrapper,
    tools: Tools,
    act: Act,
    row: ServiceToken,
    by: Viewer | None,
    told: Mapping[str, object] = MappingProxyType({}),
) -> None:
    # The name is what somebody wrote: the chain keeps its digest, as of all words.
    record = Record(
        act,
        tools.clock(),
        by.role if by else Role.SYSTEM,
        actor_id=by.user_id if by else None,
        text=row.name,
        detail={"serviceToken": str(row.id), **told},
    )
    await register.append(connection, record)
