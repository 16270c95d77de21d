"""
What the desk finds trámites by: until when each waits for it, names, files received before; saved searches, exports.

`due_on` is made by the database from the status and the days, so that it is right whoever changes the status. Whatever
is open has one: for rows without `route_by` and `attend_by`, which older programs go on writing for a while, it is the
legal date, and six weeks later for what was referred.

`repeats` is noted when the files of a trámite come in, of the trámite that comes later; of two at the same instant it
is the one that the register takes second. The row that is changed is the new one, which nobody else has.

`past_offices` are the offices that referred a trámite and so go on seeing it, with what their lists are ordered by: by a
join with referrals no index has both the office and the order.

What is open when this runs gets its terms: thirty working days from its legal date, by the calendar as it stands.

Rows are written anew, for which the table is locked: about two minutes a million.
"""

import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

FILL = """
WITH latest AS (
    SELECT DISTINCT ON (day, office_id) day, office_id, is_closed FROM holidays ORDER BY day, office_id, version_id DESC),
bounds AS (
    SELECT min(filed_on) AS first, max(filed_on) + 150 AS last FROM tramites
    WHERE status IN ('PENDING', 'OBSERVED', 'REFERRED')),
days AS (
    SELECT o.id AS office_id, d::date AS day, extract(isodow FROM d) < 6 AND NOT EXISTS (
        SELECT FROM latest l WHERE l.day = d::date AND l.is_closed AND (l.office_id IS NULL OR l.office_id = o.id)
    ) AS counts
    FROM offices o, bounds, generate_series(bounds.first, bounds.last, interval '1 day') d),
counted AS (
    SELECT *, count(*) FILTER (WHERE counts) OVER (PARTITION BY office_id ORDER BY day) AS so_far FROM days)
UPDATE tramites t SET route_by = t.filed_on, attend_by = e.day
FROM counted b JOIN counted e ON e.office_id = b.office_id AND e.counts AND e.so_far = b.so_far + 30
WHERE b.office_id = t.office_id AND b.day = t.filed_on AND t.status IN ('PENDING', 'OBSERVED', 'REFERRED');
"""

REPEATED = """
WITH received AS (
    SELECT DISTINCT a.content_id, a.tramite_id, t.sent_at FROM attachments a JOIN tramites t ON t.id = a.tramite_id
    WHERE a.content_id IN (SELECT content_id FROM attachments GROUP BY 1 HAVING count(DISTINCT tramite_id) > 1)),
placed AS (
    SELECT tramite_id, row_number() OVER (PARTITION BY content_id ORDER BY sent_at, tramite_id) AS place FROM received)
UPDATE tramites SET repeats = true WHERE id IN (SELECT tramite_id FROM placed WHERE place > 1);
"""

GENERATED = """
ALTER TABLE tramites DROP COLUMN due_on;
ALTER TABLE tramites
    ADD COLUMN due_on date GENERATED ALWAYS AS (CASE status
        WHEN 'PENDING' THEN coalesce(route_by, filed_on)
        WHEN 'REFERRED' THEN coalesce(attend_by, filed_on + 42)
        WHEN 'OBSERVED' THEN correct_by END) STORED,
    ADD COLUMN names tsvector GENERATED ALWAYS AS (
        to_tsvector('public.spanish_plain', regexp_replace(translate(
            sender_name || ' ' || coalesce(organization_name, ''),
            '-_/.,;:()[]"''&@#+*=<>', '                      '), '(ion|es|en)es\\M', '\\1', 'gi'))
    ) STORED;
"""

NOTE_REPEATED = """
CREATE FUNCTION attachments_note_repeated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM public.attachments WHERE content_id = NEW.content_id AND tramite_id <> NEW.tramite_id
        AND role IN ('MAIN', 'ANNEX'))
    THEN
        UPDATE public.tramites SET repeats = true WHERE id = NEW.tramite_id AND NOT repeats;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER attachments_repeated AFTER INSERT ON attachments
FOR EACH ROW WHEN (NEW.role IN ('MAIN', 'ANNEX')) EXECUTE FUNCTION attachments_note_repeated();
"""

PAST_OFFICES = """
INSERT INTO past_offices (id, tramite_id, office_id, status, sent_at, filed_on, due_on)
SELECT DISTINCT ON (t.id, r.from_office_id)
    gen_random_uuid(), t.id, r.from_office_id, t.status, t.sent_at, t.filed_on, t.due_on
FROM referrals r JOIN tramites t ON t.id = r.tramite_id;

CREATE FUNCTION referrals_note_office() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.past_offices (id, tramite_id, office_id, status, sent_at, filed_on, due_on)
    SELECT gen_random_uuid(), id, NEW.from_office_id, status, sent_at, filed_on, due_on
    FROM public.tramites WHERE id = NEW.tramite_id
    ON CONFLICT (tramite_id, office_id) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER referrals_office AFTER INSERT ON referrals FOR EACH ROW EXECUTE FUNCTION referrals_note_office();

CREATE FUNCTION tramites_tell_offices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.past_offices
    SET status = NEW.status, sent_at = NEW.sent_at, filed_on = NEW.filed_on, due_on = NEW.due_on
    WHERE tramite_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER tramites_offices AFTER UPDATE ON tramites FOR EACH ROW
WHEN ((OLD.status, OLD.sent_at, OLD.filed_on, OLD.due_on) IS DISTINCT FROM
    (NEW.status, NEW.sent_at, NEW.filed_on, NEW.due_on))
EXECUTE FUNCTION tramites_tell_offices();
"""

UNDO_PAST_OFFICES = """
DROP TRIGGER referrals_office ON referrals;
DROP TRIGGER tramites_offices ON tramites;
DROP FUNCTION referrals_note_office, tramites_tell_offices;
"""

INDEXES = """
CREATE INDEX past_offices_sent ON past_offices (office_id, sent_at DESC, tramite_id DESC);
CREATE INDEX past_offices_filed ON past_offices (office_id, filed_on DESC, tramite_id DESC);
CREATE INDEX past_offices_status ON past_offices (office_id, status, sent_at DESC, tramite_id DESC);
CREATE INDEX past_offices_status_filed ON past_offices (office_id, status, filed_on DESC, tramite_id DESC);
CREATE INDEX past_offices_due ON past_offices (office_id, due_on, tramite_id) WHERE due_on IS NOT NULL;
CREATE INDEX tramites_due ON tramites (due_on, id) WHERE due_on IS NOT NULL;
CREATE INDEX tramites_office_due ON tramites (office_id, due_on, id) WHERE due_on IS NOT NULL;
CREATE INDEX tramites_status ON tramites (status, sent_at DESC, id DESC);
CREATE INDEX tramites_status_filed ON tramites (status, filed_on DESC, id DESC);
CREATE INDEX tramites_office_status ON tramites (office_id, status, sent_at DESC, id DESC);
CREATE INDEX tramites_office_status_filed ON tramites (office_id, status, filed_on DESC, id DESC);
CREATE INDEX tramites_kind ON tramites (document_kind, sent_at DESC, id DESC);
CREATE INDEX tramites_channel ON tramites (channel, sent_at DESC, id DESC);
CREATE INDEX tramites_names ON tramites USING gin (names) WITH (fastupdate = off);
CREATE INDEX tramites_repeats ON tramites (sent_at DESC, id DESC) WHERE repeats;
CREATE INDEX tramites_owned ON tramites (sent_at DESC, id DESC) WHERE owner_id IS NOT NULL;
CREATE INDEX exports_owner ON exports (owner_id);
CREATE INDEX exports_expiry ON exports (expires_at);
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON saved_searches, exports TO mesa_app;
GRANT SELECT, INSERT, UPDATE ON past_offices TO mesa_app;
"""


class Migration(migrations.Migration):
    """Creates tables and columns, fills what is there, notes what comes, and creates indexes and grants."""

    dependencies = [("mesa", "0019_equip_desk")]

    operations = [
        ops.CreateModel(
            name="Export",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "owner",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="owner_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="exports",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("format", fields.CharField(max_length=20)),
                ("wanted", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
                ("order", fields.CharField(max_length=40)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("runs_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "exports",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "A list of trámites that is to be fetched as a file (exportación); gone soon after.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SavedSearch",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "owner",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="owner_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="saved_searches",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", fields.CharField(max_length=60)),
                ("wanted", fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads)),
                ("order", fields.CharField(max_length=40)),
                ("saved_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "saved_searches",
                "app": "mesa",
                "unique_together": (("owner", "name"),),
                "pk_attr": "id",
                "table_description": "A search that a person keeps under a name (búsqueda guardada).",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PastOffice",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "tramite",
                    fields.ForeignKeyField(
                        "mesa.Tramite",
                        source_field="tramite_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="past_offices",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "office",
                    fields.ForeignKeyField(
                        "mesa.Office",
                        source_field="office_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="past_tramites",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("status", fields.CharField(max_length=20)),
                ("sent_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("filed_on", fields.DateField()),
                ("due_on", fields.DateField(null=True)),
            ],
            options={
                "table": "past_offices",
                "app": "mesa",
                "unique_together": (("tramite", "office"),),
                "pk_attr": "id",
                "table_description": "An office that referred a trámite, and goes on seeing it, with what its list is ordered by.",
            },
            bases=["Model"],
        ),
        ops.AddField(model_name="Tramite", name="route_by", field=fields.DateField(null=True)),
        ops.AddField(model_name="Tramite", name="attend_by", field=fields.DateField(null=True)),
        ops.AddField(model_name="Tramite", name="due_on", field=fields.DateField(generated=True, null=True)),
        ops.AddField(model_name="Tramite", name="repeats", field=fields.BooleanField(default=False, db_default=False)),
        ops.RunSQL(FILL, ""),
        ops.RunSQL(REPEATED, ""),
        ops.RunSQL(GENERATED, "ALTER TABLE tramites DROP COLUMN names;"),
        ops.RunSQL(
            NOTE_REPEATED,
            "DROP TRIGGER attachments_repeated ON attachments; DROP FUNCTION attachments_note_repeated;",
        ),
        ops.RunSQL(PAST_OFFICES, UNDO_PAST_OFFICES),
        ops.RunSQL(INDEXES, ""),
        ops.RunSQL(GRANTS, ""),
    ]
