"""
The status changes: entries of the register, read in commit order by whoever may see their trámites.

The table is the truth. A place in it is a sequence, the same in every process and for ever, so that nothing must be
kept about who follows: whoever says where they left off is shown what came after.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias, assert_never
from uuid import UUID

from tortoise.connection import get_connections
from tortoise.expressions import Q, Subquery

from models.register import RegisterHead
from models.tramites import Referral
from reading.access import NoSuchTramite, in_office, visible_tramites
from reading.catalogue import office_of_code
from reading.tramites import UnknownCursor, act_of, find
from rules.access import Role
from rules.chain import Chain
from rules.choices import check_choices
from rules.refusals import Checks, InvalidInput, NotFound
from rules.service_tokens import Scope

if TYPE_CHECKING:
    from collections.abc import Collection

    from reading.access import Viewer
    from reading.tramites import PastAct
    from rules.lifecycle import TramiteStatus

PAGE = 100
NEWS = 1_000
STRETCH = 50_000
STATEMENTS = 256
SEQUENCE_BYTES = 8
CURSOR_KIND = b"F1"
"""Of what a cursor is, and how it is written: a cursor of a list is no cursor of the feed."""

NOBODY = UUID(int=0)
"""As whom is read what all of an office are shown alike: it has filed nothing."""

WHAT_HAPPENED = """
SELECT h.sequence AS head, e.sequence, e.tramite_id, e.applicant_id, e.office_id, e.past_offices
FROM register_heads h LEFT JOIN LATERAL (
    SELECT e.sequence, e.tramite_id, t.applicant_id, t.office_id,
        ARRAY(SELECT DISTINCT r.from_office_id FROM referrals r WHERE r.tramite_id = t.id) AS past_offices
    FROM entries e JOIN tramites t ON t.id = e.tramite_id
    WHERE e.sequence > $1 AND e.to_status IS NOT NULL ORDER BY e.sequence LIMIT $2
) e ON true WHERE h.chain = $3
"""


CHANGES = """
SELECT e.sequence, e.at, e.act, e.role, e.from_status, e.to_status, coalesce(w.text, e.text) AS text,
    t.id AS tramite_id, t.number, t.applicant_id, t.office_id
FROM entries e JOIN tramites t ON t.id = e.tramite_id LEFT JOIN entry_texts w ON w.sequence = e.sequence
WHERE e.sequence > {after} AND e.sequence <= {reach} AND e.tramite_id IN ({seen})
    AND e.to_status IS NOT NULL AND ({into}::text[] IS NULL OR e.to_status = ANY({into}))
ORDER BY e.sequence LIMIT {most}
"""


class About(Enum):
    """What a topic is about."""

    ANY = auto()
    PERSON = auto()
    OFFICE = auto()
    TRAMITE = auto()


Topic: TypeAlias = tuple[About, UUID]

ANYTHING: Topic = (About.ANY, NOBODY)


@dataclass(frozen=True, slots=True)
class ChangesWanted:
    """Which changes: of one trámite, of those that are or were in an office, into some statuses; or all."""

    tramite_id: UUID | None = None
    office_id: UUID | None = None
    statuses: frozenset[TramiteStatus] = frozenset()


@dataclass(frozen=True, slots=True)
class Changes:
    """Some changes in order; there are no others up to `end`, and none beyond it unless `is_last` says no."""

    acts: list[PastAct]
    end: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class Audience:
    """
    Who is shown the same: all whose `scope` is equal, as the one `reader`.

    Only changes about one of the `topics` can be for them. Those about what a member filed (`apart`) are shown to that
    member otherwise than to the rest.
    """

    scope: tuple[object, ...]
    reader: Viewer
    topics: frozenset[Topic]
    apart: Topic | None = None


async def last_sequence() -> int:
    """Return the end of the register: the sequence of its last entry."""
    return (await RegisterHead.get(chain=Chain.ACTS.value)).sequence


def feed_cursor(sequence: int) -> str:
    """Return the cursor of a place in the feed; it says nothing to clients, and is good for ever and everywhere."""
    return base64.urlsafe_b64encode(CURSOR_KIND + sequence.to_bytes(SEQUENCE_BYTES, "big")).rstrip(b"=").decode()


async def start_of(cursor: str | None, *, from_start: bool = False) -> int:
    """
    Return the place that a client's cursor means; without one, the end of the register, or its start.

    Raises:
        UnknownCursor: it is none of this feed, or one of a register that got further than this one.
    """
    end = await last_sequence()
    if cursor is None:
        return 0 if from_start else end
    sequence = _sequence_in(cursor)
    if sequence > end:
        raise UnknownCursor
    return sequence


def _sequence_in(cursor: str) -> int:
    try:
        content = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise UnknownCursor from None
    sequence = int.from_bytes(content[len(CURSOR_KIND) :], "big")
    if sequence >= 2 ** (SEQUENCE_BYTES * 8 - 1) or feed_cursor(sequence) != cursor:
        raise UnknownCursor
    return sequence


async def wanted_by(
    viewer: Viewer, *, number: str | None, office_code: str | None, statuses: Collection[TramiteStatus]
) -> ChangesWanted:
    """
    Return which changes a viewer wants.

    Raises:
        TooManyChoices: more statuses than may be named.
        NoSuchTramite, InvalidNumber, NoSuchOffice: there is no such trámite that they may see, or no such office.
    """
    checks = Checks()
    checks.take("statuses", check_choices, statuses)
    try:
        checks.refuse_any()
        tramite = await find(viewer, number) if number is not None else None
        office = await office_of_code(office_code) if office_code is not None else None
    except (InvalidInput, NotFound) as refusal:
        raise refusal.at("filter") from None
    if number is not None and tramite is None:
        raise NoSuchTramite().at("filter", "number")
    return ChangesWanted(tramite.id if tramite else None, office.id if office else None, frozenset(statuses))


async def changes_after(viewer: Viewer, sequence: int, wanted: ChangesWanted, *, upto: int | None = None) -> Changes:
    """
    Return at most a hundred changes after *sequence* that the viewer may read now, as far as *upto* or the end.

    A page ends sooner if there are few of theirs among many: no statement goes through more than `STRETCH` entries.
    """
    # Asked first: up to there the page holds everything, for it is read later.
    end = upto if upto is not None else await last_sequence()
    reach = max(sequence, min(end, sequence + STRETCH))
    statement, values = _statement(viewer, wanted)
    rows = await get_connections().get("default").execute_query_dict(statement, [*values, sequence, reach, PAGE])
    acts = [act_of(row) for row in rows]
    if len(acts) == PAGE:
        return Changes(acts, acts[-1].sequence, is_last=False)
    return Changes(acts, reach, is_last=reach >= end)


@lru_cache(maxsize=STATEMENTS)
def _statement(viewer: Viewer, wanted: ChangesWanted) -> tuple[str, tuple[Any, ...]]:
    """Return what reads the changes that a viewer wants and may see: made once, for that takes longer than reading."""
    seen = visible_tramites(viewer).filter(_about(wanted)).values_list("id", flat=True)
    seen.sql()
    which, values = seen.query.get_parameterized_sql()
    names = ("into", "after", "reach", "most")
    places = {name: f"${place}" for place, name in enumerate(names, len(values) + 1)}
    statuses = [status.value for status in wanted.statuses] or None
    return CHANGES.format(seen=which, **places), (*values, statuses)


def _about(wanted: ChangesWanted) -> Q:
    condition = Q(id=wanted.tramite_id) if wanted.tramite_id else Q()
    if wanted.office_id:
        left = Referral.filter(from_office_id=wanted.office_id).values_list("tramite_id", flat=True)
        condition &= Q(in_office(wanted.office_id), Q(id__in=Subquery(left)), join_type=Q.OR)
    return condition


async def topics_after(sequence: int) -> tuple[frozenset[Topic], int, bool]:
    """Return what the changes after *sequence* are about, up to where that is said, and whether that is the end."""
    connection = get_connections().get("default")
    rows = await connection.execute_query_dict(WHAT_HAPPENED, [sequence, NEWS, Chain.ACTS.value])
    happened = [row for row in rows if row["sequence"] is not None]
    topics = frozenset(topic for row in happened for topic in _topics_of(row))
    is_last = len(happened) < NEWS
    return topics, rows[0]["head"] if is_last else happened[-1]["sequence"], is_last


def _topics_of(row: dict[str, Any]) -> list[Topic]:
    topics = [ANYTHING, (About.TRAMITE, row["tramite_id"]), (About.OFFICE, row["office_id"])]
    if row["applicant_id"] is not None:
        topics.append((About.PERSON, row["applicant_id"]))
    return topics + [(About.OFFICE, office_id) for office_id in row["past_offices"]]


def audience_of(viewer: Viewer, wanted: ChangesWanted, *, is_alike: bool) -> Audience:
    """
    Return with whom a viewer is shown the same, as `reading.access.visible` would have it.

    `is_alike` says that what they ask for is the same for all who may see a trámite in the same role, but who filed it.
    """
    own: Topic = (About.PERSON, viewer.user_id)
    match viewer.role:
        case Role.CLERK:
            topics = frozenset((About.OFFICE, id_) for id_ in viewer.office_ids)
        case Role.SUPERVISOR | Role.AUDITOR:
            topics = frozenset({ANYTHING})
        case Role.PROGRAM if viewer.may_read(Scope.STATUS):
            offices = frozenset((About.OFFICE, id_) for id_ in viewer.office_ids)
            topics = frozenset({ANYTHING}) if viewer.has_all_offices else offices
        case Role.APPLICANT | Role.ADMINISTRATOR | Role.SYSTEM | Role.PROGRAM:
            return Audience((viewer.role, viewer.user_id), viewer, _narrowed(frozenset({own}), wanted))
        case _:
            assert_never(viewer.role)
    scope = (viewer.role, viewer.office_ids, viewer.has_all_offices, viewer.scopes)
    if not is_alike:
        return Audience((*scope, viewer.user_id), viewer, _narrowed(topics | {own}, wanted))
    anybody = replace(viewer, user_id=NOBODY, session_id=NOBODY, token_hash=b"")
    return Audience(scope, anybody, _narrowed(topics, wanted), apart=own)


def _narrowed(topics: frozenset[Topic], wanted: ChangesWanted) -> frozenset[Topic]:
    if wanted.tramite_id:
        return frozenset({(About.TRAMITE, wanted.tramite_id)})
    return frozenset({(About.OFFICE, wanted.office_id)}) if wanted.office_id else topics
