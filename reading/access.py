"""Who looks, and which trámites they may see: the one query condition that every list and look-up starts from."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, assert_never

from tortoise.connection import get_connections
from tortoise.expressions import Q, Subquery

from models.tramites import Referral, Tramite
from rules.access import Relation, Role
from rules.refusals import NotFound
from rules.service_tokens import NOTED_EVERY as PROGRAM_NOTED_EVERY
from rules.service_tokens import Scope, is_service_token, is_well_formed
from rules.sessions import NOTED_EVERY, SessionKind, bearer_token, token_hash

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from tortoise.queryset import QuerySet, ValuesListQuery

    Ask: TypeAlias = Callable[..., Awaitable[Sequence[Any]]]
    """Asks the database by a statement and its values, and returns rows."""

HOLDER = """
SELECT s.id, s.user_id, s.token_hash, s.last_seen_at, s.second_factor_at, u.role, u.deactivated_at, f.confirmed_at,
    CASE WHEN s.second_factor_at IS NOT NULL AND u.role <> 'APPLICANT'
        THEN (SELECT array_agg(p.office_id ORDER BY p.office_id) FROM posts p WHERE p.user_id = u.id) END AS office_ids
FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN second_factors f ON f.user_id = u.id
WHERE s.ended_at IS NULL AND s.expires_at > $1 AND (s.idle_until IS NULL OR s.idle_until > $1) AND u.frozen_at IS NULL
"""
HOLDER_BY_TOKEN = f"{HOLDER} AND s.token_hash = $2"
HOLDER_BY_TOKEN_OF_KIND = f"{HOLDER_BY_TOKEN} AND s.kind = $3"
PROGRAMS = """
SELECT t.id, t.token_hash, t.scopes, t.offices = '[]' AS has_all_offices, t.made_by_id, t.last_used_at,
    ARRAY(SELECT o.id FROM offices o WHERE t.offices ? o.code) AS office_ids
FROM service_tokens t JOIN users u ON u.id = t.made_by_id
WHERE {which} AND t.revoked_at IS NULL AND t.expires_at > $2
    AND u.role = 'ADMINISTRATOR' AND u.deactivated_at IS NULL AND u.frozen_at IS NULL
"""
PROGRAM_BY_TOKEN = PROGRAMS.format(which="t.token_hash = $1")
BY_IDS = PROGRAMS.format(which="t.id = ANY ($1::uuid[])")
"""Once nobody answers for a service token, it is worth nothing: whoever made it must administer still."""


@dataclass(slots=True, unsafe_hash=True)
class Viewer:
    """
    A signed-in person, as of the start of the request; or a program. Nobody changes it: frozen, it is slow to make.

    A program has no account: `user_id` and `session_id` are the id of its token, which is nobody's, so nothing is its
    own.
    """

    user_id: UUID
    session_id: UUID
    role: Role
    office_ids: frozenset[UUID] = frozenset()
    is_stale: bool = field(default=False, compare=False)
    """Whether it should be written down that the session is in use."""
    appointed_role: Role = Role.APPLICANT
    """What they are at the counter once a second factor was shown in this session; `role` is what counts now."""
    has_second_factor: bool = False
    awaits_second_factor: bool = False
    """Only the password was shown of an account with a second factor: the session is good for showing that, only."""
    token_hash: bytes = field(default=b"", compare=False, repr=False)
    """Of the token that the session had: once it has another, whoever came with the old one is nobody."""
    scopes: frozenset[Scope] = frozenset()
    """What a program may read; of people their role says it."""
    has_all_offices: bool = False
    """Whether a program may read of every office."""
    made_by: UUID | None = None
    """Who answers for a program: the administrator who made its token."""

    @property
    def is_program(self) -> bool:
        """Whether it is a program, which showed a service token."""
        return self.role is Role.PROGRAM

    @property
    def accountable_id(self) -> UUID:
        """The account that stands for this viewer where it is written down who read something."""
        return self.made_by or self.user_id

    def may_read(self, scope: Scope) -> bool:
        """Say whether what *scope* names is open to them as far as their role goes; programs need the scope besides."""
        return not self.is_program or scope in self.scopes

    def serves(self, office_id: UUID) -> bool:
        """Say whether an office is one of theirs."""
        return self.has_all_offices or office_id in self.office_ids


class NoSuchTramite(NotFound):
    """There is no such trámite, or the viewer may not see it: both are answered alike."""

    code = "TRAMITE_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("No encontramos ese trámite. Revise el número, por ejemplo MPD-2026-000001-M.")


class Reason(Enum):
    """Why a trámite may be seen."""

    OWN = auto()
    IN_OFFICE = auto()
    REFERRED = auto()
    ANY = auto()


def visible(viewer: Viewer) -> Q:
    """Return the condition that holds for exactly the trámites that `rules.access.may` lets the viewer see."""
    return Q(*(condition for _, condition in visible_parts(viewer)), join_type=Q.OR)


def visible_parts(viewer: Viewer) -> list[tuple[Reason, Q]]:
    """
    Return the conditions of which `visible` wants any: a list that is read part by part has an index for each.

    A clerk's offices come before what they referred, so that what is referred meanwhile is in one or the other.
    """
    own = (Reason.OWN, Q(applicant_id=viewer.user_id))
    match viewer.role:
        case Role.CLERK:
            return [own, *_of_offices(viewer)]
        case Role.SUPERVISOR | Role.AUDITOR:
            return [(Reason.ANY, Q(id__isnull=False))]
        case Role.PROGRAM if viewer.may_read(Scope.STATUS):
            return [(Reason.ANY, Q(id__isnull=False))] if viewer.has_all_offices else _of_offices(viewer)
        case Role.APPLICANT | Role.ADMINISTRATOR | Role.SYSTEM | Role.PROGRAM:
            return [own]
        case _:
            assert_never(viewer.role)


def _of_offices(viewer: Viewer) -> list[tuple[Reason, Q]]:
    offices = [(Reason.IN_OFFICE, in_office(id_)) for id_ in sorted(viewer.office_ids)]
    return [*offices, (Reason.REFERRED, Q(id__in=Subquery(_referred_by(viewer))))]


def in_office(id_: UUID) -> Q:
    """
    Return the condition for an office as a range of one.

    So it may be put first in an order, and the planner goes by that office's index. Of one office, were it equal, the
    planner would drop that, and go through everybody's list to find a share that it takes to be spread evenly.
    """
    return Q(office_id__gte=id_, office_id__lte=id_)


def visible_tramites(viewer: Viewer) -> QuerySet[Tramite]:
    """Return the query of all trámites that *viewer* may see, each once."""
    return Tramite.filter(visible(viewer))


def _referred_by(viewer: Viewer) -> ValuesListQuery[Any]:
    return Referral.filter(from_office_id__in=viewer.office_ids).values_list("tramite_id", flat=True)


def relation(viewer: Viewer, tramite: Tramite, *, was_in_office: bool) -> Relation:
    """Return how *viewer* stands to *tramite*."""
    return Relation(
        is_applicant=tramite.applicant_id == viewer.user_id,
        in_office=viewer.serves(tramite.office_id),
        was_in_office=was_in_office,
    )


async def relations_of(viewer: Viewer, tramite_ids: Collection[UUID]) -> dict[UUID, Relation]:
    """Return how *viewer* stands to each of those trámites that there are."""
    known = await Tramite.filter(id__in=list(tramite_ids)).only("id", "applicant_id", "office_id")
    referred = Referral.filter(tramite_id__in=list(tramite_ids), from_office_id__in=list(viewer.office_ids))
    were = set(await referred.values_list("tramite_id", flat=True)) if viewer.office_ids else set[Any]()
    return {tramite.id: relation(viewer, tramite, was_in_office=tramite.id in were) for tramite in known}


async def viewer_of(token: str, *, at: datetime, kind: SessionKind | None = None) -> Viewer | None:
    """
    Return who holds the session of *token* at the instant *at*; None when it is unknown, ended or expired.

    None also while the second factor of the account was not shown in it. A token is good only in the way in which its
    session was begun, if that is told.
    """
    return admitted(await holder_of(token, at=at, kind=kind))


async def holder_of(
    token: str, *, at: datetime, kind: SessionKind | None = None, ask: Ask | None = None
) -> Viewer | None:
    """
    Return who holds the session of *token*, as `viewer_of`, also while it awaits the second factor; or which program.

    A service token says by its form that it is one, so that one question is asked of the database for either. What is
    asked, *ask* asks, if it is given.
    """
    ask = ask or _ask
    if is_service_token(token):
        if kind is SessionKind.COOKIE or not is_well_formed(token):
            return None
        rows = await ask(PROGRAM_BY_TOKEN, token_hash(token), at)
        return program_of(rows[0], at=at) if rows else None
    if kind is None:
        rows = await ask(HOLDER_BY_TOKEN, at, token_hash(token))
    else:
        rows = await ask(HOLDER_BY_TOKEN_OF_KIND, at, token_hash(token), kind.value)
    return _held(rows[0], at=at) if rows else None


async def bearer(authorization: str | None, *, at: datetime) -> Viewer | None:
    """Return whose live session the token of an `Authorization` header is; None for nobody."""
    token = bearer_token(authorization)
    return await viewer_of(token, at=at, kind=SessionKind.BEARER) if token else None


async def renewed(viewer: Viewer, *, at: datetime) -> Viewer | None:
    """
    Return *viewer* with the role and offices of now; None when the session or service token has ended or expired.

    None also when its token was changed since: what it was lifted to is for who holds the new one.
    """
    if viewer.is_program:
        return (await programs_renewed([viewer], at=at)).get(viewer.session_id)
    return admitted(await _viewer({"id": viewer.session_id, "token_hash": viewer.token_hash}, at=at))


async def viewer_of_session(session_id: UUID, *, at: datetime) -> Viewer | None:
    """Return who holds a live session, for whoever has other proof that they do; None as for `viewer_of`."""
    return admitted(await _viewer({"id": session_id}, at=at))


def admitted(holder: Viewer | None) -> Viewer | None:
    """Return who holds a session if it is good for more than showing a second factor."""
    return None if holder is None or holder.awaits_second_factor else holder


async def _viewer(which: Mapping[str, object], *, at: datetime) -> Viewer | None:
    """Return who holds the one live session whose columns hold those values, asked for in one statement."""
    rows = await _ask(_holder_by(*which), at, *which.values())
    return _held(rows[0], at=at) if rows else None


async def _ask(sql: str, *values: object) -> Sequence[Any]:
    client: Any = get_connections().get("default")
    async with client.acquire_connection() as connection:
        return await connection.fetch(sql, *values)


@cache
def _holder_by(*columns: str) -> str:
    return HOLDER + "".join(f" AND s.{column} = ${place}" for place, column in enumerate(columns, start=2))


def _held(row: Iterable[Any], *, at: datetime) -> Viewer:
    id_, user_id, hash_, last_seen_at, second_factor_at, role_name, deactivated_at, confirmed_at, office_ids = row
    has_second_factor, has_passed = confirmed_at is not None, second_factor_at is not None
    appointed = Role.APPLICANT if deactivated_at else _ROLES[role_name]
    role = appointed if has_passed else Role.APPLICANT
    return Viewer(
        user_id,
        id_,
        role,
        frozenset(office_ids or ()) if role is not Role.APPLICANT else frozenset(),
        is_stale=last_seen_at is None or last_seen_at <= at - NOTED_EVERY,
        appointed_role=appointed,
        has_second_factor=has_second_factor,
        awaits_second_factor=has_second_factor and not has_passed,
        token_hash=hash_,
    )


_ROLES = {role.value: role for role in Role}


async def programs_renewed(programs: Collection[Viewer], *, at: datetime) -> dict[UUID, Viewer]:
    """Return, by the ids of their tokens, those *programs* whose token is still good, with the offices of now."""
    rows = await _ask(BY_IDS, [program.session_id for program in programs], at)
    return {program.session_id: program for program in (program_of(row, at=at) for row in rows)}


def program_of(row: Mapping[str, Any], *, at: datetime) -> Viewer:
    """Return the program of a row that a statement made of `PROGRAMS` gave."""
    used_at: datetime | None = row["last_used_at"]
    return Viewer(
        row["id"],
        row["id"],
        Role.PROGRAM,
        frozenset(row["office_ids"]),
        is_stale=used_at is None or used_at <= at - PROGRAM_NOTED_EVERY,
        appointed_role=Role.PROGRAM,
        token_hash=bytes(row["token_hash"]),
        scopes=frozenset(map(Scope, json.loads(row["scopes"]))),
        has_all_offices=row["has_all_offices"],
        made_by=row["made_by_id"],
    )
