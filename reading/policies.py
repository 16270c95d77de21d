"""What administrators may change, as values for the rules: the calendar and the counter's policy, by their versions."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tortoise.connection import get_connections
from tortoise.expressions import Q

from models.calendar import CalendarVersion, Holiday, HoursChange, PolicyChange
from models.counter_policy import PolicyVersion
from models.drafts import PolicyText
from reading.catalogue import NoSuchOffice, is_code, office_from
from rules.counter_policy import CounterPolicy, fold
from rules.receipts import LogHeadFacts
from rules.workdays import Calendar, ClosedDay, day_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime, time
    from uuid import UUID

    from models.catalogue import Office
    from rules.workdays import FilingPolicy

LATEST = """
(SELECT id AS calendar_id, name AS calendar_name FROM calendar_versions ORDER BY id DESC LIMIT 1) latest_calendar,
(SELECT id AS policy_id, number AS policy_number FROM policy_versions ORDER BY number DESC LIMIT 1) latest_policy,
(SELECT head_day, head_size, head_root FROM (SELECT) one LEFT JOIN (
    SELECT day AS head_day, size AS head_size, encode(root, 'hex') AS head_root
    FROM receipt_log_heads ORDER BY day DESC LIMIT 1) newest ON true) latest_head
"""
"""What to read `Latest` from, for statements that read it along with something else."""

OFFICE = f"SELECT * FROM offices, {LATEST} WHERE offices.code = $1"  # noqa: S608 - our own

CALENDAR_NOW = "(SELECT max(id) FROM calendar_versions)"
POLICY_NOW = "(SELECT id FROM policy_versions ORDER BY number DESC LIMIT 1)"
"""The ids of the latest versions, for statements that read one along with something else."""

MOST_BOOKS = 100
"""How many are kept in memory: a book is of some hundred days, and there are few offices and versions in use."""


class NotAtHand(LookupError):
    """It is not kept in memory yet; it will be once it was read from the database."""


@dataclass(frozen=True)
class Book:
    """
    All that an office dates by, as of one version; policies and hours in the order in which they take effect.

    The first version records every national holiday until the end of `closed_until`; later ones, single days.
    """

    version: str
    policies: tuple[tuple[date, FilingPolicy], ...]
    hours: tuple[tuple[date, time, time], ...]
    closed: dict[date, ClosedDay]
    closed_until: int

    def on(self, day: date) -> Calendar:
        """Return the calendar by which what is sent on *day* is dated."""
        _, policy = next((each for each in reversed(self.policies) if each[0] <= day), self.policies[0])
        _, opens_at, closes_at = next((each for each in reversed(self.hours) if each[0] <= day), self.hours[0])
        return Calendar(self.version, policy, opens_at, closes_at, self.closed, self.closed_until)


_books: dict[tuple[UUID, int], Book] = {}
"""By office and version: neither ever changes, so a book is never stale."""


@dataclass(frozen=True)
class Latest:
    """The latest versions of calendar and policy and the last head, as of one instant: they hold for all at once."""

    calendar_id: int
    calendar_name: str
    policy_id: UUID
    policy_number: int
    log_head: LogHeadFacts | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Latest:
        """Return what a row says that was read from `LATEST`."""
        versions = {name: row[name] for name in ("calendar_id", "calendar_name", "policy_id", "policy_number")}
        return cls(**versions, log_head=head_facts(row))


def head_facts(row: Mapping[str, Any]) -> LogHeadFacts | None:
    """Return the head of the log of receipts that a row tells; None before the first one."""
    if row["head_day"] is None:
        return None
    return LogHeadFacts(day=row["head_day"], size=row["head_size"], root_sha256=row["head_root"])


async def read_latest() -> Latest:
    """Return the latest versions as of now; the first ones are made by the migrations."""
    rows = await get_connections().get("default").execute_query_dict(f"SELECT * FROM {LATEST}")  # noqa: S608 - our own
    return Latest.of(rows[0])


async def calendar_of(office: Office, *, at: datetime, latest: Latest | None = None) -> Calendar:
    """Return the calendar by which *office* dates what it receives at the instant *at*, by the latest version."""
    latest = latest or await read_latest()
    return (await _book(office, latest.calendar_id, latest.calendar_name)).on(day_of(at))


async def calendar_of_code(code: str, *, at: datetime) -> tuple[Office, Calendar]:
    """
    Return the office of that code, which may be any text, and the calendar by which it dates, read at once.

    Raises:
        NoSuchOffice: there is none.
    """
    rows = await get_connections().get("default").execute_query_dict(OFFICE, [code]) if is_code(code) else []
    if not rows:
        raise NoSuchOffice
    office = office_from(rows[0])
    return office, await calendar_of(office, at=at, latest=Latest.of(rows[0]))


async def calendar_by_version(office: Office, name: str, *, at: datetime) -> Calendar | None:
    """Return the calendar by which *office* dated at the instant *at* while version *name* was the latest."""
    version = await CalendarVersion.get_or_none(name=name)
    return (await _book(office, version.id, version.name)).on(day_of(at)) if version else None


async def _book(office: Office, version_id: int, name: str) -> Book:
    key = (office.id, version_id)
    if key not in _books:
        if len(_books) >= MOST_BOOKS:
            _books.clear()
        _books[key] = await _read_book(office, version_id, name)
    return _books[key]


def calendar_at_hand(office_id: UUID, version_id: int, *, at: datetime) -> Calendar:
    """
    Return the calendar of an office as of a version that was read along with something else.

    Raises:
        NotAtHand: it was not read yet.
    """
    book = _books.get((office_id, version_id))
    if book is None:
        raise NotAtHand
    return book.on(day_of(at))


async def _read_book(office: Office, version_id: int, name: str) -> Book:
    policies = await PolicyChange.filter(version_id__lte=version_id).order_by("version_id")
    hours = await HoursChange.filter(version_id__lte=version_id, office_id=office.id).order_by("version_id")
    holidays = (
        await Holiday.filter(version_id__lte=version_id)
        .filter(Q(office_id__isnull=True) | Q(office_id=office.id))
        .order_by("version_id")
    )
    first = (min(change.from_on for change in policies), office.opens_at, office.closes_at)
    return Book(
        version=name,
        policies=tuple(sorted(((change.from_on, change.policy) for change in policies), key=itemgetter(0))),
        hours=tuple(
            (from_on, opens.replace(tzinfo=None), closes.replace(tzinfo=None))  # Tortoise reads a time as one of UTC
            for from_on, opens, closes in [
                first,
                *sorted(((h.from_on, h.opens_at, h.closes_at) for h in hours), key=itemgetter(0)),
            ]
        ),
        closed=_closed(holidays),
        closed_until=max(day.day.year for day in holidays if day.version_id == holidays[0].version_id),
    )


def _closed(holidays: Iterable[Holiday]) -> dict[date, ClosedDay]:
    """Return the closed days: of the rows for all offices the latest holds, and of those for one office as well."""
    latest = {(row.day, row.office_id): row for row in holidays}
    return {row.day: ClosedDay(row.name, row.source) for row in latest.values() if row.is_closed}


async def policy_text(version: str) -> PolicyText | None:
    """Return a privacy policy that is or was in force."""
    return await PolicyText.get_or_none(version=version[:20])


@dataclass(frozen=True)
class PolicyBook:
    """All changes of the counter's policy as of one version, in the order in which they take effect."""

    number: int
    changes: tuple[tuple[datetime, dict[str, Any]], ...]

    def at(self, instant: datetime, *, base: CounterPolicy) -> CounterPolicy:
        """Return the policy at an instant; *base* is what held before anything was changed."""
        return fold(base, self.changes, instant)


_policy_books: dict[UUID, PolicyBook] = {}
"""By version, which never changes."""


async def policy_book(latest: Latest | None = None) -> PolicyBook:
    """Return the counter's policy by its latest version, which is asked for each time unless the caller just did."""
    latest = latest or await read_latest()
    if latest.policy_id not in _policy_books:
        if len(_policy_books) >= MOST_BOOKS:
            _policy_books.clear()
        rows = await PolicyVersion.filter(number__lte=latest.policy_number).order_by("from_at", "number")
        changes = tuple((row.from_at, row.changes) for row in rows)
        _policy_books[latest.policy_id] = PolicyBook(latest.policy_number, changes)
    return _policy_books[latest.policy_id]


def policy_at_hand(version_id: UUID, *, at: datetime, base: CounterPolicy) -> CounterPolicy:
    """
    Return the counter's policy at an instant, as of a version that was read along with something else.

    Raises:
        NotAtHand: it was not read yet.
    """
    book = _policy_books.get(version_id)
    if book is None:
        raise NotAtHand
    return book.at(at, base=base)
