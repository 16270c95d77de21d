"""
Finding trámites: one and many by the same word, and an index for each order of an office.

The stemmer knows «notificaciones» as many of «notificación» by an accent, which is optional here. So endings that one
and many have in common are made those of one before it sees them, here and in what is asked for. Angle brackets too
become spaces: what stood between them was taken for markup, and not found.

Words are written down anew, for which the table is locked as long as it takes to write it: about a minute a million.

By its indexes an office's list never goes through those of others.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

SEARCH = """
ALTER TABLE tramites DROP COLUMN search;
ALTER TABLE tramites ADD COLUMN search tsvector GENERATED ALWAYS AS (
    to_tsvector('public.spanish_plain', regexp_replace(translate(
        subject || ' ' || coalesce(document_number, '') || ' ' || sender_name || ' ' || coalesce(organization_name, ''),
        '-_/.,;:()[]"''&@#+*=<>', '                      '), '(ion|es|en)es\\M', '\\1', 'gi'))
) STORED;
CREATE INDEX tramites_search ON tramites USING gin (search) WITH (fastupdate = off);
"""

INDEXES = """
CREATE INDEX tramites_office_filed ON tramites (office_id, filed_on DESC, id DESC);
CREATE INDEX tramites_office_deadline ON tramites (office_id, correct_by, id) WHERE correct_by IS NOT NULL;
"""


class Migration(migrations.Migration):
    """Makes the column of words anew, and creates indexes."""

    dependencies = [("mesa", "0014_contents")]
    operations = [
        ops.RunSQL(SEARCH, ""),
        ops.RunSQL(INDEXES, "DROP INDEX tramites_office_filed; DROP INDEX tramites_office_deadline;"),
    ]
