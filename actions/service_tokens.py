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
from models.service_tokens import ServiceToken
from rules import service_tokens as rules
from rules.duties import Duty, check_duty
from rules.refusals import Checks
from rules.register import Act
from rules.service_tokens import MOST_LIVE, SECRET_BYTES, NoSuchServiceToken, TooManyServiceTokens
from rules.sessions import token_hash

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from reading.access import Viewer
    from rules.service_tokens import Scope


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
    token = rules.make_token(tools.random_bytes(SECRET_BYTES))
    row = _new(tools, viewer, token, form)
    await offices_of(row.offices)
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
        await _check_room(tools)
        await row.save(force_create=True)
        told = {"scopes": row.scopes, "offices": row.offices or "ALL", "expiresAt": row.expires_at.isoformat()}
        await _append(connection, tools, Act.SERVICE_TOKEN_MADE, viewer, row, told)
    tools.wake(ENTRIES)
    return MadeToken(row, token)


def _new(tools: Tools, viewer: Viewer, token: str, form: TokenForm) -> ServiceToken:
    checks = Checks()
    name = checks.take("name", rules.clean_name, form.name)
    scopes = checks.take("scopes", rules.check_scopes, form.scopes) or ()
    life = checks.take("days", rules.check_life, form.days) or rules.DEFAULT_LIFE
    check = partial(rules.check_offices, all_offices=form.all_offices)
    offices = checks.take("officeCodes", check, form.office_codes) or ()
    checks.refuse_any()
    now = tools.clock()
    return ServiceToken(
        id=uuid4(),
        name=name,
        token_hash=token_hash(token),
        ending=rules.ending_of(token),
        scopes=sorted(scope.value for scope in scopes),
        offices=sorted(offices),
        made_by_id=viewer.user_id,
        made_at=now,
        expires_at=now + life,
    )


async def _check_room(tools: Tools) -> None:
    live = ServiceToken.filter(revoked_at__isnull=True, expires_at__gt=tools.clock())
    if await live.count() >= MOST_LIVE:
        raise TooManyServiceTokens


async def revoke_service_token(tools: Tools, viewer: Viewer, token_id: UUID) -> ServiceToken:
    """
    Revoke a service token: it is good for nothing from the next request on, and its subscriptions end by themselves.

    Raises:
        NotYourDuty: the viewer does not administer.
        NoSuchServiceToken: none of that id holds.
    """
    check_duty(viewer.role, Duty.ADMINISTER)
    async with tx() as connection:
        live = ServiceToken.filter(id=token_id, revoked_at__isnull=True, expires_at__gt=tools.clock())
        row = await live.select_for_update(no_key=True).first()
        if row is None:
            raise NoSuchServiceToken
        row.revoked_at, row.revoked_by_id = tools.clock(), viewer.user_id
        await row.save(update_fields=["revoked_at", "revoked_by_id"])
        await _append(connection, tools, Act.SERVICE_TOKEN_REVOKED, viewer, row)
    tools.wake(ENTRIES)
    return row


async def _append(
    connection: TransactionWrapper,
    tools: Tools,
    act: Act,
    viewer: Viewer,
    row: ServiceToken,
    told: Mapping[str, object] = MappingProxyType({}),
) -> None:
    # The name is what somebody wrote: the chain keeps its digest, as of all words.
    record = Record(
        act,
        tools.clock(),
        viewer.role,
        actor_id=viewer.user_id,
        text=row.name,
        detail={"serviceToken": str(row.id), **told},
    )
    await register.append(connection, record)
