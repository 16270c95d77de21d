"""Reports: acts, what waits, and the times of steps, counted from the facts that the database keeps of each act."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, assert_never

from tortoise.connection import get_connections

from models.catalogue import Office
from rules.catalogue import Channel, DocumentKind
from rules.choices import check_choices
from rules.duties import Duty, has_duty
from rules.lifecycle import TramiteStatus
from rules.refusals import Checks
from rules.register import Act
from rules.reports import Line, Period, ReportGroup, ReportStep, StepTime, check_period
from rules.service_tokens import Scope
from rules.workdays import day_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from reading.access import Viewer

CELLS = """
SELECT c.id, o.code AS office, c.document_kind, c.channel, c.status
FROM report_cells c JOIN offices o ON o.id = c.office_id
"""

SUMS = """
WITH c AS MATERIALIZED (SELECT * FROM unnest($1::int[], $2::int[]) AS c (cell_id, place)),
acts AS (
    SELECT cell_id, act, sum(times) AS times FROM report_acts
    WHERE day BETWEEN $3::date AND $4::date AND cell_id = ANY ($1::int[]) GROUP BY cell_id, act),
waiting AS (
    SELECT cell_id, waiting, late FROM report_waiting_months
    WHERE month < date_trunc('month', $5::date::timestamp)::date AND cell_id = ANY ($1::int[])
    UNION ALL
    SELECT cell_id, waiting, late FROM report_waiting
    WHERE day BETWEEN date_trunc('month', $5::date::timestamp)::date AND $5::date AND cell_id = ANY ($1::int[])),
steps AS (
    SELECT cell_id, step, bucket, times FROM report_months
    WHERE month BETWEEN $6::date AND $7::date AND cell_id = ANY ($1::int[])
    UNION ALL
    SELECT cell_id, step, bucket, 1 FROM report_steps
    WHERE day BETWEEN $3::date AND least($4::date, $6::date - 1) AND cell_id = ANY ($1::int[])
    UNION ALL
    SELECT cell_id, step, bucket, 1 FROM report_steps
    WHERE day BETWEEN $8::date AND $4::date AND cell_id = ANY ($1::int[])),
tallied AS (SELECT cell_id, step, bucket, sum(times) AS times FROM steps GROUP BY cell_id, step, bucket),
spread AS (
    SELECT place, step, bucket, sum(times)::bigint AS times,
        sum(sum(times)) OVER (PARTITION BY place, step ORDER BY bucket)::bigint AS up_to,
        sum(sum(times)) OVER (PARTITION BY place, step)::bigint AS total
    FROM tallied JOIN c USING (cell_id) GROUP BY place, step, bucket),
wanted AS (
    SELECT s.*, q.tenths, (s.total * q.tenths + 9) / 10 - (s.up_to - s.times) AS rank
    FROM spread s, (VALUES (5), (9)) q (tenths)
    WHERE (s.total * q.tenths + 9) / 10 > s.up_to - s.times AND (s.total * q.tenths + 9) / 10 <= s.up_to)
SELECT c.place, a.act, 0 AS step, 0 AS tenths, sum(a.times)::bigint AS counted, 0 AS more
FROM acts a JOIN c USING (cell_id) GROUP BY c.place, a.act
UNION ALL
SELECT c.place, NULL, 0, 0, sum(w.waiting)::bigint, sum(w.late)::int
FROM (SELECT cell_id, sum(waiting) AS waiting, sum(late) AS late FROM waiting GROUP BY cell_id) w JOIN c USING (cell_id)
GROUP BY c.place
UNION ALL
SELECT w.place, NULL, w.step, w.tenths, w.total, (
    SELECT f.seconds FROM report_steps f
    WHERE f.step = w.step AND f.bucket = w.bucket AND f.day BETWEEN $3::date AND $4::date
        AND f.cell_id = ANY (ARRAY(SELECT c.cell_id FROM c WHERE c.place = w.place))
    ORDER BY f.seconds OFFSET w.rank - 1 LIMIT 1)
FROM wanted w
"""
"""
$1 are the cells that are counted and $2 the line in which each is, $3 and $4 the first and last day of the period,
$5 is the day at whose end is counted what waits; $6 and $7 are the whole months of the period, $8 the day after them.

Months tell in which bucket the median and the ninth decile lie, and its facts which one it is.
"""

DAYS = """
WITH changed AS (
    SELECT $2::date AS day, waiting, late FROM report_waiting_months
    WHERE month < date_trunc('month', $2::date::timestamp)::date AND cell_id = ANY ($1::int[])
    UNION ALL
    SELECT greatest(day, $2::date), waiting, late FROM report_waiting
    WHERE day BETWEEN date_trunc('month', $2::date::timestamp)::date AND $4::date AND cell_id = ANY ($1::int[])),
done AS (
    SELECT day, step, count(*) AS total, array_agg(seconds ORDER BY seconds) AS times FROM report_steps
    WHERE day BETWEEN $2::date AND $3::date AND cell_id = ANY ($1::int[]) GROUP BY day, step)
SELECT day - $2::date AS place, act, 0 AS step, 0 AS tenths, sum(times)::bigint AS counted, 0 AS more
FROM report_acts WHERE day BETWEEN $2::date AND $3::date AND cell_id = ANY ($1::int[]) GROUP BY day, act
UNION ALL
SELECT d::date - $2::date, NULL, 0, 0,
    sum(sum(waiting)) OVER (ORDER BY d)::bigint, sum(sum(late)) OVER (ORDER BY d)::int
FROM generate_series($2::date, $4::date, interval '1 day') d LEFT JOIN changed ON changed.day = d::date GROUP BY d
UNION ALL
SELECT t.day - $2::date, NULL, t.step, q.tenths, t.total, t.times[(t.total * q.tenths + 9) / 10]
FROM done t, (VALUES (5), (9)) q (tenths)
"""
"""As `SUMS`, but the line is the day, counted from the first; $2 and $3 are the period, $4 the last day of waiting."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a report shall tell of, and by what apart; an empty list means all."""

    period: Period
    group: ReportGroup | None = None
    office_codes: tuple[str, ...] = ()
    document_kinds: tuple[DocumentKind, ...] = ()
    statuses: tuple[TramiteStatus, ...] = ()
    channel: Channel | None = None
    within: frozenset[str] | None = None
    """Of which offices a program may read, None for any."""

    def takes(self, office: str) -> bool:
        """Say whether what an office has is counted."""
        is_asked = not self.office_codes or office in self.office_codes
        return is_asked and (self.within is None or office in self.within)


@dataclass(frozen=True)
class Report:
    """A report; what waits is counted as it is at the end of the day `waiting_on`."""

    waiting_on: date
    group: ReportGroup | None
    lines: list[Line]


@dataclass(frozen=True)
class Cell:
    """What is counted apart, by the day of each fact."""

    id: int
    office: str
    document_kind: str
    channel: str
    status: str

    def is_wanted(self, wanted: Wanted) -> bool:
        """Say whether it is counted."""
        return (
            wanted.takes(self.office)
            and (not wanted.document_kinds or self.document_kind in wanted.document_kinds)
            and (not wanted.statuses or self.status in wanted.statuses)
            and (wanted.channel is None or self.channel == wanted.channel)
        )

    def key(self, group: ReportGroup | None) -> str | None:
        """Return the key of the line in which it is counted; by days, that says the day of the fact."""
        match group:
            case ReportGroup.OFFICE:
                return self.office
            case ReportGroup.DOCUMENT_KIND:
                return self.document_kind or None
            case ReportGroup.STATUS:
                return self.status
            case ReportGroup.CHANNEL:
                return self.channel
            case ReportGroup.DAY | None:
                return None
            case _:
                assert_never(group)


async def report_of(viewer: Viewer, wanted: Wanted, *, at: datetime) -> Report | None:
    """
    Return a report as of the instant *at*; None for who has no duty to see any.

    An act counts on the day in Lima on which it was done, with the office, kind and channel that the trámite had then
    and the status that it led to; a referral with the office that referred. What waits, and what is late, is counted
    as of the end of the period, or of today while that is to come. All of it is of one moment, and exact.

    Raises:
        InvalidInput: the period is none or too long, or a list is.
    """
    if not has_duty(viewer.role, Duty.SEE_REPORTS) or not viewer.may_read(Scope.REPORTS):
        return None
    if viewer.is_program and not viewer.has_all_offices:
        codes = await Office.filter(id__in=list(viewer.office_ids)).values_list("code", flat=True)
        wanted = replace(wanted, within=frozenset(map(str, codes)))
    check_period(wanted.period, group=wanted.group)
    _check_lists(wanted)
    counted_on = min(wanted.period.to_on, day_of(at))
    cells = await cells_for(wanted)
    titles = await titles_of(wanted, cells, counted_on)
    statement, values = question(wanted, cells, list(titles), counted_on)
    found = await get_connections().get("default").execute_query_dict(statement, values)
    return Report(counted_on, wanted.group, _lines(titles, found))


def _check_lists(wanted: Wanted) -> None:
    checks = Checks()
    checks.take("officeCodes", check_choices, wanted.office_codes)
    checks.take("documentKinds", check_choices, wanted.document_kinds)
    checks.take("statuses", check_choices, wanted.statuses)
    checks.refuse_any()


async def cells_for(wanted: Wanted) -> list[Cell]:
    """Return what is counted."""
    rows = await get_connections().get("default").execute_query_dict(CELLS)
    return [cell for row in rows if (cell := Cell(**row)).is_wanted(wanted)]


def question(wanted: Wanted, cells: Iterable[Cell], keys: list[str | None], counted_on: date) -> tuple[str, list[Any]]:
    """Return the statement that answers, and its values."""
    cells, period = list(cells), wanted.period
    ids, days = [cell.id for cell in cells], [period.from_on, period.to_on, counted_on]
    if wanted.group is ReportGroup.DAY:
        return DAYS, [ids, *days]
    places = {key: place for place, key in enumerate(keys)}
    values = [ids, [places[cell.key(wanted.group)] for cell in cells], *days]
    months = period.whole_months()
    if months is None:  # no month is between these, and the period is all before them
        after = period.to_on + timedelta(days=1)
        return SUMS, [*values, after, period.from_on, after]
    return SUMS, [*values, *months, _after_month(months[1])]


def _after_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


async def titles_of(wanted: Wanted, cells: Iterable[Cell], counted_on: date) -> dict[str | None, str]:
    """Return the keys of all lines, in their order, with what people call them."""
    match wanted.group:
        case None:
            return {None: "Total"}
        case ReportGroup.OFFICE:
            offices = await Office.all().order_by("position", "code")
            return {office.code: office.name for office in offices if wanted.takes(office.code)}
        case ReportGroup.DOCUMENT_KIND:
            kinds = {kind.value: kind.label for kind in wanted.document_kinds or DocumentKind}
            unknown = {None: "Sin tipo"} if any(not cell.document_kind for cell in cells) else {}
            return {**kinds, **unknown}
        case ReportGroup.STATUS:
            return {
                status.value: status.label for status in TramiteStatus if status in (wanted.statuses or TramiteStatus)
            }
        case ReportGroup.CHANNEL:
            return {channel.value: channel.label for channel in Channel if wanted.channel in (None, channel)}
        case ReportGroup.DAY:
            days = Period(wanted.period.from_on, counted_on).days()
            return {day.isoformat(): f"{day:%d/%m/%Y}" for day in days}
        case _:
            assert_never(wanted.group)


def _lines(titles: dict[str | None, str], found: list[dict[str, Any]]) -> list[Line]:
    rows: dict[int, list[dict[str, Any]]] = {}
    for row in found:
        rows.setdefault(row["place"], []).append(row)
    return [_line(key, label, rows.get(place, [])) for place, (key, label) in enumerate(titles.items())]


def _line(key: str | None, label: str, rows: list[dict[str, Any]]) -> Line:
    acts = {Act(row["act"]): row["counted"] for row in rows if row["act"]}
    waits = [(row["counted"], row["more"]) for row in rows if not row["act"] and not row["step"]]
    times = {(row["step"], row["tenths"]): row for row in rows if row["step"]}
    steps = {
        step: StepTime(median["counted"], median["more"], times[number, 9]["more"])
        for number, step in enumerate(ReportStep, 1)
        if (median := times.get((number, 5)))
    }
    waiting, late = waits[0] if waits else (0, 0)
    return Line(key, label, acts, waiting or 0, late or 0, steps)
