"""
Finding trámites: their text in Spanish, accents optional, and an index for each order of one's own.

The text is what a person remembers of a document: what it is about, its number, who sent it and for whom. Signs between
letters and digits become spaces, so that «12-2026» is two words.

The index of words serves staff; it has no list of rows to be sorted in later (fastupdate), which each search would have
to read through. Whoever sees only their own trámites searches among those.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

SEARCH = """
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;
CREATE TEXT SEARCH CONFIGURATION public.spanish_plain (COPY = pg_catalog.spanish);
ALTER TEXT SEARCH CONFIGURATION public.spanish_plain
    ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, pg_catalog.spanish_stem;
ALTER TABLE tramites ADD COLUMN search tsvector GENERATED ALWAYS AS (
    to_tsvector('public.spanish_plain', translate(
        subject || ' ' || coalesce(document_number, '') || ' ' || sender_name || ' ' || coalesce(organization_name, ''),
        '-_/.,;:()[]"''&@#+*=', '                    '))
) STORED;
"""

INDEXES = """
CREATE INDEX tramites_search ON tramites USING gin (search) WITH (fastupdate = off);
CREATE INDEX tramites_applicant_office ON tramites (applicant_id, office_id, sent_at DESC, id DESC);
CREATE INDEX tramites_applicant_filed ON tramites (applicant_id, filed_on DESC, id DESC);
CREATE INDEX tramites_applicant_deadline ON tramites (applicant_id, correct_by, id) WHERE correct_by IS NOT NULL;
CREATE INDEX tramites_filed ON tramites (filed_on DESC, id DESC);
CREATE INDEX tramites_deadline ON tramites (correct_by, id) WHERE correct_by IS NOT NULL;
CREATE INDEX tramites_ruc ON tramites (organization_ruc) WHERE organization_ruc IS NOT NULL;
"""


class Migration(migrations.Migration):
    """Creates column and indexes."""

    dependencies = [("mesa", "0009_gate")]
    operations = [
        ops.RunSQL(
            SEARCH, "ALTER TABLE tramites DROP COLUMN search; DROP TEXT SEARCH CONFIGURATION public.spanish_plain;"
        ),
        ops.RunSQL(INDEXES, ""),
    ]
