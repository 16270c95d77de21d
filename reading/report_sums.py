"""What reports ask the database: one statement each, that finds what is counted, counts it, and names its lines."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from rules.reports import ReportGroup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.reports import Period

CELLS = """
SELECT c.id, o.code, c.document_kind, c.channel, c.status FROM report_cells c JOIN offices o ON o.id = c.office_id
WHERE ($1::text[] IS NULL OR o.code = ANY ($1)) AND ($2::uuid[] IS NULL OR o.id = ANY ($2))
    AND ($3::text[] IS NULL OR c.document_kind = ANY ($3)) AND ($4::text[] IS NULL OR c.status = ANY ($4))
    AND ($5::text IS NULL OR c.channel = $5)
"""
"""What is counted: of offices by their codes and by their ids, of kinds, of statuses, of a channel; null means all."""

OFFICES = """
SELECT o.code AS key, o.name AS label, row_number() OVER (ORDER BY o.position, o.code) AS place FROM offices o
WHERE ($1::text[] IS NULL OR o.code = ANY ($1)) AND ($2::uuid[] IS NULL OR o.id = ANY ($2))
"""
GIVEN = "SELECT * FROM unnest($12::text[], $13::text[]) WITH ORDINALITY AS l (key, label, place)"
"""The lines of a report: all offices that are asked for, or what rules know of."""

SUMS = """
WITH lines AS MATERIALIZED ({lines}),
c AS MATERIALIZED (SELECT w.id AS cell_id, l.place::int AS place FROM ({cells}) w JOIN lines l ON l.key = {key}),
acts AS (
    SELECT cell_id, act, sum(times) AS times FROM report_acts
    WHERE day BETWEEN $6::date AND $7::date AND cell_id = ANY (ARRAY(SELECT cell_id FROM c)) GROUP BY cell_id, act),
waiting AS (
    SELECT cell_id, waiting, late FROM report_waiting_months
    WHERE month < date_trunc('month', $8::date::timestamp)::date AND cell_id = ANY (ARRAY(SELECT cell_id FROM c))
    UNION ALL
    SELECT cell_id, waiting, late FROM report_waiting
    WHERE day BETWEEN date_trunc('month', $8::date::timestamp)::date AND $8::date
        AND cell_id = ANY (ARRAY(SELECT cell_id FROM c))),
steps AS (
    SELECT cell_id, step, bucket, times FROM report_months
    WHERE month BETWEEN $9::date AND $10::date AND cell_id = ANY (ARRAY(SELECT cell_id FROM c))
    UNION ALL
    SELECT cell_id, step, bucket, 1 FROM report_steps
    WHERE day BETWEEN $6::date AND least($7::date, $9::date - 1) AND cell_id = ANY (ARRAY(SELECT cell_id FROM c))
    UNION ALL
    SELECT cell_id, step, bucket, 1 FROM report_steps
    WHERE day BETWEEN $11::date AND $7::date AND cell_id = ANY (ARRAY(SELECT cell_id FROM c))),
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
SELECT c.place, NULL AS key, NULL AS label, a.act, 0 AS step, 0 AS tenths, sum(a.times)::bigint AS counted, 0 AS more
FROM acts a JOIN c USING (cell_id) GROUP BY c.place, a.act
UNION ALL
SELECT c.place, NULL, NULL, NULL, 0, 0, sum(w.waiting)::bigint, sum(w.late)::int
FROM (SELECT cell_id, sum(waiting) AS waiting, sum(late) AS late FROM waiting GROUP BY cell_id) w JOIN c USING (cell_id)
GROUP BY c.place
UNION ALL
SELECT w.place, NULL, NULL, NULL, w.step, w.tenths, w.total, (
    SELECT f.seconds FROM report_steps f
    WHERE f.step = w.step AND f.bucket = w.bucket AND f.day BETWEEN $6::date AND $7::date
        AND f.cell_id = ANY (ARRAY(SELECT c.cell_id FROM c WHERE c.place = w.place))
    ORDER BY f.seconds OFFSET w.rank - 1 LIMIT 1)
FROM wanted w
UNION ALL
SELECT l.place, l.key, l.label, NULL, 0, 0, count(c.cell_id), 0 FROM lines l LEFT JOIN c USING (place)
GROUP BY l.place, l.key, l.label
"""
"""
$6 and $7 are the first and last day of the period, $8 is the day at whose end is counted what waits; $9 and $10 are the
whole months of the period, $11 the day after them. Last come the lines, each with how many cells are counted in it.

Months tell in which bucket the median and the ninth decile lie, and its facts which one it is.
"""

DAYS = """
WITH c AS MATERIALIZED (SELECT w.id AS cell_id FROM ({cells}) w),
changed AS (
    SELECT $6::date AS day, waiting, late FROM report_waiting_months
    WHERE month < date_trunc('month', $6::date::timestamp)::date AND cell_id = ANY (ARRAY(SELECT cell_id FROM c))
    UNION ALL
    SELECT greatest(day, $6::date), waiting, late FROM report_waiting
    WHERE day BETWEEN date_trunc('month', $6::date::timestamp)::date AND $8::date
        AND cell_id = ANY (ARRAY(SELECT cell_id FROM c))),
done AS (
    SELECT day, step, count(*) AS total, array_agg(seconds ORDER BY seconds) AS times FROM report_steps
    WHERE day BETWEEN $6::date AND $7::date AND cell_id = ANY (ARRAY(SELECT cell_id FROM c)) GROUP BY day, step)
SELECT day - $6::date AS place, act, 0 AS step, 0 AS tenths, sum(times)::bigint AS counted, 0 AS more FROM report_acts
WHERE day BETWEEN $6::date AND $7::date AND cell_id = ANY (ARRAY(SELECT cell_id FROM c)) GROUP BY day, act
UNION ALL
SELECT d::date - $6::date, NULL, 0, 0,
    sum(sum(waiting)) OVER (ORDER BY d)::bigint, sum(sum(late)) OVER (ORDER BY d)::int
FROM generate_series($6::date, $8::date, interval '1 day') d LEFT JOIN changed ON changed.day = d::date GROUP BY d
UNION ALL
SELECT t.day - $6::date, NULL, t.step, q.tenths, t.total, t.times[(t.total * q.tenths + 9) / 10]
FROM done t, (VALUES (5), (9)) q (tenths)
"""
"""As `SUMS`, but the line is the day, counted from the first; $8 is the last day of waiting."""

_KEYS = {
    None: "''",
    ReportGroup.OFFICE: "w.code",
    ReportGroup.DOCUMENT_KIND: "w.document_kind",
    ReportGroup.STATUS: "w.status",
    ReportGroup.CHANNEL: "w.channel",
}
"""By what cells are put to their lines."""

_DAYS = DAYS.format(cells=CELLS)
_SUMS = {
    group: SUMS.format(cells=CELLS, key=key, lines=OFFICES if group is ReportGroup.OFFICE else GIVEN)
    for group, key in _KEYS.items()
}


def by_days(which: list[Any], period: Period, counted_on: date) -> tuple[str, list[Any]]:
    """Return the statement that counts each day of a period, and its values; *which* are those of `CELLS`."""
    return _DAYS, [*which, period.from_on, period.to_on, counted_on]


def by_lines(
    which: list[Any], period: Period, counted_on: date, *, group: ReportGroup | None, lines: Mapping[str, str]
) -> tuple[str, list[Any]]:
    """Return the statement that counts by a group, and its values; *lines* are labels by keys, but for offices."""
    values = [*which, period.from_on, period.to_on, counted_on, *_months(period)]
    named = [] if group is ReportGroup.OFFICE else [list(lines), list(lines.values())]
    return _SUMS[group], [*values, *named]


def _months(period: Period) -> tuple[date, date, date]:
    """Return the first and the last whole month of a period, and the day after them."""
    if (months := period.whole_months()) is not None:
        return *months, (months[1] + timedelta(days=31)).replace(day=1)
    after = period.to_on + timedelta(days=1)  # no month is between these, and the period is all before them
    return after, period.from_on, after
