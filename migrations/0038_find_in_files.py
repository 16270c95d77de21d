"""
Finding by the words of files: how far the text of each content is, its pieces, and all of its words in one column.

Words are those of `tramites.search`. Each piece has its own with their places, for phrases and for what is shown; a
content has all of them without places, so that one index answers for words that stand anywhere in a file. A piece is
so short that a row of words always has room for its own.

Files of before are queued by the round, little by little; so is each that is attached.
"""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

WORDS = """
ALTER TABLE content_texts ADD COLUMN words tsvector;
ALTER TABLE content_text_pieces ADD COLUMN words tsvector GENERATED ALWAYS AS (
    to_tsvector('public.spanish_plain', regexp_replace(translate(
        text, '-_/.,;:()[]"''&@#+*=<>', '                      '), '(ion|es|en)es\\M', '\\1', 'gi'))
) STORED;
"""

GATHER = """
CREATE FUNCTION content_texts_gather(p_id uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
WITH found AS (
    SELECT w.lexeme, min(p.page * 1000 + p.part) AS place FROM public.content_text_pieces p, unnest(p.words) w
    WHERE p.text_of_id = p_id GROUP BY 1),
told AS (
    SELECT lexeme, sum(octet_length(lexeme)) OVER (ORDER BY place, lexeme) AS used FROM found)
UPDATE public.content_texts SET
    words = (SELECT array_to_tsvector(array_agg(lexeme)) FROM told WHERE used <= 1000000),
    is_cut = is_cut OR EXISTS (SELECT FROM told WHERE used > 1000000)
WHERE id = p_id
$$;
"""

# The planner does not know that words lie apart from their rows, and would rather go through all of them.
FIND = """
CREATE FUNCTION content_texts_having(p_words text, p_most int) RETURNS int
LANGUAGE plpgsql STABLE SET enable_seqscan = off SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (SELECT count(*) FROM (
        SELECT FROM public.content_texts WHERE words @@ to_tsquery('public.spanish_plain', p_words) LIMIT p_most) found);
END $$;
CREATE FUNCTION tramites_having(p_words text, p_phrases text[]) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE ROWS 10 SET enable_seqscan = off SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT f.tramite_id FROM public.content_texts c JOIN public.attachments f ON f.content_id = c.content_id
    WHERE c.words @@ to_tsquery('public.spanish_plain', p_words) AND f.erased_at IS NULL AND NOT EXISTS (
        SELECT FROM unnest(p_phrases) phrase WHERE NOT EXISTS (
            SELECT FROM public.content_text_pieces p
            WHERE p.text_of_id = c.id AND p.words @@ to_tsquery('public.spanish_plain', phrase)));
END $$;
"""
UNDO_FIND = "DROP FUNCTION content_texts_having(text, int), tramites_having(text, text[]);"

INDEXES = """
CREATE INDEX content_texts_words ON content_texts USING gin (words) WITH (fastupdate = off);
CREATE INDEX content_texts_pending ON content_texts (try_after, id) WHERE state = 'PENDING';
CREATE INDEX content_texts_failed ON content_texts (id) WHERE state = 'FAILED';
CREATE INDEX content_texts_unrecognized ON content_texts (try_after, id)
    WHERE pages_without_text > 0 AND recognized_at IS NULL AND state IN ('DONE', 'NO_TEXT');
CREATE INDEX attachments_await_text ON attachments (id) WHERE awaits_text AND erased_at IS NULL;
"""
UNDO_INDEXES = "DROP INDEX attachments_await_text;"

CHECKS = """
ALTER TABLE content_texts ADD CONSTRAINT content_texts_state CHECK (
    (state = 'PENDING') = (done_at IS NULL) AND pages_done >= 0 AND pages_recognized <= pages_without_text);
ALTER TABLE content_text_pieces ADD CONSTRAINT content_text_pieces_length CHECK (
    length(text) BETWEEN 1 AND 10000 AND page >= 0 AND part >= 0);
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON content_texts, content_text_pieces TO mesa_app;
REVOKE ALL ON FUNCTION content_texts_gather(uuid), content_texts_having(text, int), tramites_having(text, text[])
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION content_texts_gather(uuid), content_texts_having(text, int), tramites_having(text, text[])
TO mesa_app;
"""


class Migration(migrations.Migration):
    """Creates the tables, their words, indexes, checks and grants, and the queue of attachments."""

    dependencies = [("mesa", "0035_seal_receipts")]

    operations = [
        ops.CreateModel(
            name="ContentText",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "content",
                    fields.OneToOneField(
                        "mesa.Content",
                        source_field="content_id",
                        db_constraint=True,
                        to_field="sha256",
                        related_name="text",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("state", fields.CharField(max_length=20)),
                ("problem", fields.CharField(null=True, max_length=20)),
                ("pages", fields.IntField(null=True)),
                ("pages_done", fields.IntField(default=0, db_default=0)),
                ("pages_without_text", fields.IntField(default=0, db_default=0)),
                ("pages_recognized", fields.IntField(default=0, db_default=0)),
                ("recognized_to", fields.IntField(null=True)),
                ("recognized_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("characters", fields.IntField(default=0, db_default=0)),
                ("is_cut", fields.BooleanField(default=False, db_default=False)),
                ("attempts", fields.SmallIntField(default=0, db_default=0)),
                ("try_after", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("lease_holder", fields.UUIDField(null=True)),
                ("leased_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("done_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "content_texts",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "How far the text of a content has been taken out; a row that is pending is the queue.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ContentTextPiece",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "text_of",
                    fields.ForeignKeyField(
                        "mesa.ContentText",
                        source_field="text_of_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="pieces",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("page", fields.IntField()),
                ("part", fields.IntField()),
                ("text", fields.TextField(unique=False)),
                ("is_recognized", fields.BooleanField(default=False, db_default=False)),
            ],
            options={
                "table": "content_text_pieces",
                "app": "mesa",
                "unique_together": (("text_of", "page", "part"),),
                "pk_attr": "id",
                "table_description": "A page with text, or a part of a long one; of what has no pages, parts of page 0. Its words are in `words`.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Attachment", name="awaits_text", field=fields.BooleanField(default=True, db_default=True)
        ),
        ops.RunSQL(WORDS, ""),
        ops.RunSQL(GATHER, "DROP FUNCTION content_texts_gather(uuid);"),
        ops.RunSQL(FIND, UNDO_FIND),
        ops.RunSQL(INDEXES, UNDO_INDEXES),
        ops.RunSQL(CHECKS, ""),
        ops.RunSQL(GRANTS, ""),
    ]
