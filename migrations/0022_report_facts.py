"""
What reports are counted from: narrow facts, added by the database in the transaction of each act that the register takes.

Nobody writes them but a trigger on `entries`, so they are what the register says, in the order in which it says it;
the application may read them. All of it is filled from the entries that are there, by the same function as later: some
four minutes a million trámites, while which the register waits.

`report_cells` names what is counted apart: office, document kind (empty where none is known), channel, status.
`report_acts` counts acts by the day of Lima's clock on which they were done, in the cell that they led to; of what is
referred, with the office that referred it. `report_waiting` holds by how much the number of those that wait, and of
those that are late, changes on a day, and `report_waiting_months` in a month; their sums up to a day are how many there
are when it ends. What is to be late is noted on the day after it is due, which may be to come, and taken back when it
waits no longer.

What waits waits by the terms that stood then: those of its filing, until a correction or a reopening sets others. Their
entries tell which, so that what is filled in later knows them too, whatever the row of the trámite says by then.

`report_steps` holds how long each step took: 1 filed to received, 2 filed to observed, 3 observed to corrected,
4 received to answered, 5 filed to answered, 6 reopened to answered. Its `bucket` is coarse (four to each doubling) and never falls as
seconds rise, so that `report_months`, which counts buckets by month, tells in which of them a percentile lies, and
the few facts in it which one it is.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

TABLES = """
CREATE TABLE report_cells (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    office_id uuid NOT NULL REFERENCES offices (id),
    document_kind varchar(20) NOT NULL,
    channel varchar(20) NOT NULL,
    status varchar(20) NOT NULL,
    UNIQUE (office_id, document_kind, channel, status)
);
CREATE TABLE report_positions (
    tramite_id uuid PRIMARY KEY REFERENCES tramites (id),
    cell_id int NOT NULL,
    since_on date NOT NULL,
    late_on date,
    route_by date,
    attend_by date,
    filed_at timestamptz NOT NULL,
    observed_at timestamptz,
    received_at timestamptz,
    reopened_at timestamptz
) WITH (fillfactor = 80);
CREATE TABLE report_acts (
    day date NOT NULL,
    cell_id int NOT NULL,
    act varchar(20) NOT NULL,
    times int NOT NULL CHECK (times > 0),
    PRIMARY KEY (day, cell_id, act) INCLUDE (times)
) WITH (fillfactor = 80);
CREATE TABLE report_waiting (
    cell_id int NOT NULL,
    day date NOT NULL,
    waiting int NOT NULL,
    late int NOT NULL,
    PRIMARY KEY (cell_id, day)
) WITH (fillfactor = 80);
CREATE TABLE report_waiting_months (
    cell_id int NOT NULL,
    month date NOT NULL,
    waiting int NOT NULL,
    late int NOT NULL,
    PRIMARY KEY (cell_id, month)
) WITH (fillfactor = 80);
CREATE TABLE report_steps (
    cell_id int NOT NULL,
    day date NOT NULL,
    step smallint NOT NULL CHECK (step BETWEEN 1 AND 6),
    bucket smallint NOT NULL,
    seconds int NOT NULL CHECK (seconds >= 0),
    sequence bigint NOT NULL,
    PRIMARY KEY (step, bucket, cell_id, day, seconds, sequence)
);
CREATE TABLE report_months (
    month date NOT NULL,
    cell_id int NOT NULL,
    step smallint NOT NULL,
    bucket smallint NOT NULL,
    times int NOT NULL CHECK (times > 0),
    PRIMARY KEY (month, cell_id, step, bucket) INCLUDE (times)
) WITH (fillfactor = 80);
"""

INDEXES = """
CREATE INDEX report_steps_day ON report_steps (day, step, seconds, cell_id, bucket);
"""

DUE = """
CREATE FUNCTION report_due_on(p_tramite tramites, p_status text, p_correct_by date) RETURNS date
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_status
        WHEN 'PENDING' THEN coalesce(p_tramite.route_by, p_tramite.filed_on)
        WHEN 'REFERRED' THEN coalesce(p_tramite.attend_by, p_tramite.filed_on + 42)
        WHEN 'OBSERVED' THEN coalesce(p_correct_by, p_tramite.correct_by) END;
$$;
"""

PARTS = """
CREATE FUNCTION report_day(p_at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS $$
    SELECT ((p_at AT TIME ZONE 'UTC') - interval '5 hours')::date;
$$;
CREATE FUNCTION report_cell(p_office uuid, p_kind text, p_channel text, p_status text) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    found_id int;
BEGIN
    SELECT id INTO found_id FROM public.report_cells
    WHERE office_id = p_office AND document_kind = p_kind AND channel = p_channel AND status = p_status;
    IF found_id IS NULL THEN
        INSERT INTO public.report_cells (office_id, document_kind, channel, status)
        VALUES (p_office, p_kind, p_channel, p_status) RETURNING id INTO found_id;
    END IF;
    RETURN found_id;
END $$;
CREATE FUNCTION report_step(p_step int, p_cell int, p_began timestamptz, p_entry entries) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    done_on date := public.report_day(p_entry.at);
    took int := greatest(0, floor(extract(epoch FROM p_entry.at - p_began)))::int;
    into_bucket smallint := floor(4 * ln(took + 1::float8) / ln(2::float8))::smallint;
BEGIN
    INSERT INTO public.report_steps (step, bucket, cell_id, day, seconds, sequence)
    VALUES (p_step, into_bucket, p_cell, done_on, took, p_entry.sequence);
    INSERT INTO public.report_months AS m (month, cell_id, step, bucket, times)
    VALUES (date_trunc('month', done_on::timestamp)::date, p_cell, p_step, into_bucket, 1)
    ON CONFLICT (month, cell_id, step, bucket) DO UPDATE SET times = m.times + 1;
END $$;
"""

FILED_AS = """
CREATE FUNCTION report_filed_as(p_entry entries, p_key text, OUT known boolean, OUT value text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    known := p_entry.detail ? p_key;
    value := p_entry.detail->>p_key;
    IF NOT known THEN
        SELECT true, coalesce(e.detail->'changes'->p_key->>'before', e.detail->>'fromOffice') INTO known, value
        FROM public.entries e
        WHERE e.tramite_id = p_entry.tramite_id AND e.sequence > p_entry.sequence AND (
            e.detail->'changes' ? p_key OR p_key = 'officeCode' AND e.detail ? 'fromOffice')
        ORDER BY e.sequence LIMIT 1;
    END IF;
END $$;
"""
"""What the first entries did not say of a filing, the first change of it does; else it is as it still stands."""

SHIFT = """
CREATE FUNCTION report_shift(p_was report_positions, p_had report_cells, p_now report_positions, p_waits boolean)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH shifted (cell, shifted_on, more, later) AS (
        SELECT * FROM (VALUES
            (CASE WHEN p_had.status IN ('PENDING', 'OBSERVED', 'REFERRED') THEN p_had.id END, p_now.since_on, -1, 0),
            (CASE WHEN p_was.late_on IS NOT NULL THEN p_had.id END, greatest(p_now.since_on, p_was.late_on), 0, -1),
            (CASE WHEN p_waits THEN p_now.cell_id END, p_now.since_on, 1, 0),
            (CASE WHEN p_now.late_on IS NOT NULL THEN p_now.cell_id END, p_now.late_on, 0, 1)
        ) v (cell, shifted_on, more, later) WHERE cell IS NOT NULL),
    days AS (
        INSERT INTO public.report_waiting AS w (cell_id, day, waiting, late)
        SELECT cell, shifted_on, sum(more), sum(later) FROM shifted
        GROUP BY cell, shifted_on HAVING sum(more) <> 0 OR sum(later) <> 0
        ON CONFLICT (cell_id, day) DO UPDATE SET waiting = w.waiting + excluded.waiting, late = w.late + excluded.late)
    INSERT INTO public.report_waiting_months AS w (cell_id, month, waiting, late)
    SELECT cell, date_trunc('month', shifted_on::timestamp)::date, sum(more), sum(later) FROM shifted
    GROUP BY 1, 2 HAVING sum(more) <> 0 OR sum(later) <> 0
    ON CONFLICT (cell_id, month) DO UPDATE SET waiting = w.waiting + excluded.waiting, late = w.late + excluded.late;
END $$;
"""

MEASURE = """
CREATE FUNCTION report_measure(p_entry entries, p_was report_positions, p_cell int) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_entry.act IN ('FILED', 'OBSERVED', 'CORRECTED', 'LAPSED', 'REFERRED', 'RESOLVED', 'VOIDED', 'REOPENED') THEN
        INSERT INTO public.report_acts AS a (day, cell_id, act, times)
        VALUES (public.report_day(p_entry.at), p_cell, p_entry.act, 1)
        ON CONFLICT (day, cell_id, act) DO UPDATE SET times = a.times + 1;
    END IF;
    IF p_entry.act = 'CORRECTED' THEN
        PERFORM public.report_step(3, p_cell, p_was.observed_at, p_entry);
    ELSIF p_entry.act = 'RESOLVED' AND p_was.reopened_at IS NOT NULL THEN
        PERFORM public.report_step(6, p_cell, p_was.reopened_at, p_entry);
    ELSIF p_was.reopened_at IS NOT NULL THEN
        RETURN;
    ELSIF p_entry.act = 'OBSERVED' THEN
        PERFORM public.report_step(2, p_cell, p_was.filed_at, p_entry);
    ELSIF p_entry.act = 'RESOLVED' THEN
        PERFORM public.report_step(5, p_cell, p_was.filed_at, p_entry);
        IF p_was.received_at IS NOT NULL THEN
            PERFORM public.report_step(4, p_cell, p_was.received_at, p_entry);
        END IF;
    END IF;
    IF p_entry.act IN ('REFERRED', 'RESOLVED') AND p_was.received_at IS NULL AND p_was.reopened_at IS NULL THEN
        PERFORM public.report_step(1, p_cell, p_was.filed_at, p_entry);
    END IF;
END $$;
"""

PLACE = """
CREATE FUNCTION report_place(
    p_entry entries, p_had report_cells, p_office_id uuid, p_document_kind text,
    OUT office_id uuid, OUT document_kind text)
LANGUAGE plpgsql AS $$
DECLARE
    changes jsonb := p_entry.detail->'changes';
    into_office text;
    filed record;
BEGIN
    IF p_had.id IS NULL THEN
        SELECT * INTO filed FROM public.report_filed_as(p_entry, 'documentKind');
        document_kind := coalesce(CASE WHEN filed.known THEN filed.value ELSE p_document_kind END, '');
        SELECT value INTO into_office FROM public.report_filed_as(p_entry, 'officeCode');
    ELSE
        document_kind := CASE WHEN changes ? 'documentKind'
            THEN coalesce(changes->'documentKind'->>'after', '') ELSE p_had.document_kind END;
        into_office := coalesce(changes->'officeCode'->>'after', p_entry.detail->>'toOffice');
    END IF;
    SELECT id INTO office_id FROM public.offices o WHERE o.code = into_office;
    IF office_id IS NULL AND p_entry.act <> 'REFERRED' THEN
        office_id := p_had.office_id;
    END IF;
    office_id := coalesce(office_id, p_office_id);
END $$;
"""

TAKE = """
CREATE FUNCTION report_take(p_entry entries) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    tramite public.tramites;
    due_on date;
    was public.report_positions;
    place public.report_positions;
    had public.report_cells;
    spot record;
    acting int;
    waits boolean := p_entry.to_status IN ('PENDING', 'OBSERVED', 'REFERRED');
BEGIN
    SELECT * INTO STRICT tramite FROM public.tramites t WHERE t.id = p_entry.tramite_id;
    SELECT * INTO was FROM public.report_positions WHERE tramite_id = p_entry.tramite_id;
    SELECT * INTO had FROM public.report_cells WHERE id = was.cell_id;
    SELECT * INTO spot FROM public.report_place(p_entry, had, tramite.office_id, tramite.document_kind);
    place := was;
    place.tramite_id := p_entry.tramite_id;
    place.cell_id := public.report_cell(spot.office_id, spot.document_kind, tramite.channel, p_entry.to_status);
    acting := place.cell_id;
    IF p_entry.act = 'REFERRED' AND had.office_id <> spot.office_id THEN
        acting := public.report_cell(had.office_id, spot.document_kind, tramite.channel, p_entry.to_status);
    END IF;
    IF p_entry.act NOT IN ('FILED', 'CORRECTED', 'REOPENED') THEN
        tramite.route_by := coalesce(was.route_by, tramite.route_by);
        tramite.attend_by := coalesce(was.attend_by, tramite.attend_by);
    END IF;
    place.route_by := coalesce((p_entry.detail->>'routeBy')::date, tramite.route_by);
    place.attend_by := coalesce((p_entry.detail->>'attendBy')::date, tramite.attend_by);
    tramite.route_by := place.route_by;
    tramite.attend_by := place.attend_by;
    due_on := public.report_due_on(tramite, p_entry.to_status, (p_entry.detail->>'correctBy')::date);
    place.since_on := greatest(public.report_day(p_entry.at), was.since_on);
    place.late_on := CASE WHEN due_on IS NOT NULL THEN greatest(place.since_on, due_on + 1) END;
    PERFORM public.report_shift(was, had, place, waits);
    PERFORM public.report_measure(p_entry, was, acting);
    CASE p_entry.act
        WHEN 'FILED' THEN place.filed_at := p_entry.at;
        WHEN 'OBSERVED' THEN place.observed_at := p_entry.at;
        WHEN 'REFERRED', 'RESOLVED' THEN place.received_at := coalesce(was.received_at, p_entry.at);
        WHEN 'REOPENED' THEN place.reopened_at := p_entry.at;
        ELSE NULL;
    END CASE;
    INSERT INTO public.report_positions SELECT (place).*
    ON CONFLICT (tramite_id) DO UPDATE SET
        cell_id = excluded.cell_id, since_on = excluded.since_on, late_on = excluded.late_on,
        route_by = excluded.route_by, attend_by = excluded.attend_by,
        observed_at = excluded.observed_at, received_at = excluded.received_at, reopened_at = excluded.reopened_at;
END $$;
"""

TRIGGER = """
CREATE FUNCTION report_take_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM public.report_take(NEW);
    RETURN NULL;
END $$;
CREATE TRIGGER entries_counted AFTER INSERT ON entries
FOR EACH ROW WHEN (NEW.tramite_id IS NOT NULL AND NEW.to_status IS NOT NULL) EXECUTE FUNCTION report_take_entry();
"""

FILL = """
DO $$
DECLARE
    entry public.entries;
BEGIN
    FOR entry IN SELECT * FROM public.entries WHERE tramite_id IS NOT NULL AND to_status IS NOT NULL ORDER BY sequence
    LOOP
        PERFORM public.report_take(entry);
    END LOOP;
END $$;
"""

GRANTS = """
REVOKE ALL ON FUNCTION report_due_on(tramites, text, date), report_day(timestamptz),
    report_cell(uuid, text, text, text), report_step(int, int, timestamptz, entries),
    report_filed_as(entries, text),
    report_shift(report_positions, report_cells, report_positions, boolean),
    report_measure(entries, report_positions, int), report_place(entries, report_cells, uuid, text), report_take(entries),
    report_take_entry() FROM PUBLIC;
GRANT SELECT ON report_cells, report_acts, report_waiting, report_waiting_months, report_steps, report_months
    TO mesa_app;
"""

UNDO = """
DROP TRIGGER entries_counted ON entries;
DROP FUNCTION report_take_entry, report_take, report_place, report_measure, report_shift, report_filed_as, report_step,
    report_cell, report_day, report_due_on;
"""


class Migration(migrations.Migration):
    """Creates tables, functions, trigger, index and grants, and fills the tables."""

    dependencies = [("mesa", "0021_keep_digests")]
    operations = [
        ops.RunSQL(
            TABLES,
            "DROP TABLE report_months, report_steps, report_waiting_months, report_waiting, report_acts, report_positions, report_cells;",
        ),
        ops.RunSQL(DUE + PARTS + FILED_AS + SHIFT + MEASURE + PLACE + TAKE + TRIGGER, UNDO),
        ops.RunSQL(FILL, ""),
        ops.RunSQL(INDEXES, ""),
        ops.RunSQL(GRANTS, ""),
    ]
