"""
The chain holds digests only: what is said with an act stands apart, with a salt, and can be erased.

From here on `register_append` takes text and salt beside the record, and refuses a record that does not hold their
digest. A record of the form before, which code of before still sends, is taken as it always was; what was written so
stays as it is. Sensitive reads get a chain of their own, and both chains anchors.
"""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

HEAD = """
INSERT INTO register_heads (chain, sequence, hash)
VALUES ('reads', 0, sha256(convert_to('mesa de partes digital: reads', 'UTF8')));
"""

APPEND = """
DROP FUNCTION register_append(text);
CREATE FUNCTION register_append(p_record text, p_text text DEFAULT NULL, p_salt bytea DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    head public.register_heads;
    act jsonb := p_record::jsonb;
    has_digest boolean := act ? 'form';
    link bytea;
BEGIN
    IF has_digest AND act->>'text' IS DISTINCT FROM encode(sha256(p_salt || convert_to(p_text, 'UTF8')), 'hex') THEN
        RAISE EXCEPTION 'the record does not hold the digest of its text' USING ERRCODE = 'check_violation';
    END IF;
    SELECT * INTO STRICT head FROM public.register_heads WHERE chain = 'acts' FOR UPDATE;
    head.sequence := head.sequence + 1;
    link := sha256(head.hash || int8send(head.sequence) || convert_to(p_record, 'UTF8'));
    INSERT INTO public.entries
        (sequence, at, act, tramite_id, actor_id, role, from_status, to_status, text, detail,
         record, previous_hash, hash)
    VALUES
        (head.sequence, (act->>'at')::timestamptz, act->>'act', (act->>'tramite')::uuid, (act->>'actor')::uuid,
         act->>'role', act->>'from', act->>'to', CASE WHEN NOT has_digest THEN act->>'text' END, act->'detail',
         p_record, head.hash, link);
    IF has_digest AND p_text IS NOT NULL THEN
        INSERT INTO public.entry_texts (sequence, salt, text) VALUES (head.sequence, p_salt, p_text);
    END IF;
    UPDATE public.register_heads SET sequence = head.sequence, hash = link WHERE chain = 'acts';
    RETURN head.sequence;
END $$;
"""

ERASE = """
CREATE FUNCTION register_erase_text(p_sequence bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.entry_texts SET text = NULL, salt = NULL, erased_at = now()
    WHERE sequence = p_sequence AND text IS NOT NULL;
    RETURN FOUND;
END $$;
"""

READS = """
CREATE FUNCTION reads_append(p_record text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    head public.register_heads;
    seen jsonb := p_record::jsonb;
    link bytea;
BEGIN
    SELECT * INTO STRICT head FROM public.register_heads WHERE chain = 'reads' FOR UPDATE;
    head.sequence := head.sequence + 1;
    link := sha256(head.hash || int8send(head.sequence) || convert_to(p_record, 'UTF8'));
    INSERT INTO public.read_entries
        (sequence, at, kind, viewer_id, role, tramite_id, subject_id, detail, record, previous_hash, hash)
    VALUES
        (head.sequence, (seen->>'at')::timestamptz, seen->>'kind', (seen->>'viewer')::uuid, seen->>'role',
         (seen->>'tramite')::uuid, (seen->>'subject')::uuid, seen->'detail', p_record, head.hash, link);
    UPDATE public.register_heads SET sequence = head.sequence, hash = link WHERE chain = 'reads';
    RETURN head.sequence;
END $$;
"""

ANCHOR = """
CREATE FUNCTION register_anchor(p_day date, p_at timestamptz) RETURNS SETOF anchors
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO public.anchors (day, chain, sequence, hash, anchored_at)
    SELECT p_day, chain, sequence, hash, p_at FROM public.register_heads ORDER BY chain
    ON CONFLICT (day, chain) DO NOTHING RETURNING *;
$$;
"""

GUARDS = """
CREATE FUNCTION register_only_erase() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.sequence = OLD.sequence AND OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL
        AND NEW.text IS NULL AND NEW.salt IS NULL THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was said is erased or stays' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER entry_texts_only_erase BEFORE UPDATE ON entry_texts
FOR EACH ROW EXECUTE FUNCTION register_only_erase();
CREATE TRIGGER entry_texts_no_delete BEFORE DELETE ON entry_texts
FOR EACH ROW EXECUTE FUNCTION register_refuse_change();
CREATE TRIGGER entry_texts_no_truncate BEFORE TRUNCATE ON entry_texts
FOR EACH STATEMENT EXECUTE FUNCTION register_refuse_change();
CREATE TRIGGER read_entries_append_only BEFORE UPDATE OR DELETE ON read_entries
FOR EACH ROW EXECUTE FUNCTION register_refuse_change();
CREATE TRIGGER read_entries_no_truncate BEFORE TRUNCATE ON read_entries
FOR EACH STATEMENT EXECUTE FUNCTION register_refuse_change();
CREATE TRIGGER anchors_append_only BEFORE UPDATE OR DELETE ON anchors
FOR EACH ROW EXECUTE FUNCTION register_refuse_change();
CREATE TRIGGER anchors_no_truncate BEFORE TRUNCATE ON anchors
FOR EACH STATEMENT EXECUTE FUNCTION register_refuse_change();
"""

CHECKS = """
ALTER TABLE entry_texts ADD CONSTRAINT entry_texts_entry FOREIGN KEY (sequence) REFERENCES entries (sequence);
ALTER TABLE entry_texts ADD CONSTRAINT entry_texts_erased CHECK (
    (text IS NULL) = (erased_at IS NOT NULL) AND (salt IS NULL) = (erased_at IS NOT NULL));
ALTER TABLE entry_texts ADD CONSTRAINT entry_texts_salt CHECK (octet_length(salt) = 16);
"""

INDEXES = """
CREATE INDEX entries_act ON entries (act, sequence);
CREATE INDEX entries_actor ON entries (actor_id, sequence) WHERE actor_id IS NOT NULL;
CREATE INDEX read_entries_viewer ON read_entries (viewer_id, sequence);
CREATE INDEX read_entries_tramite ON read_entries (tramite_id, sequence) WHERE tramite_id IS NOT NULL;
CREATE INDEX read_entries_subject ON read_entries (subject_id, sequence) WHERE subject_id IS NOT NULL;
"""

GRANTS = """
GRANT SELECT ON entry_texts, read_entries, anchors TO mesa_app;
REVOKE ALL ON FUNCTION register_append(text, text, bytea), register_erase_text(bigint), reads_append(text),
    register_anchor(date, timestamptz), register_only_erase() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION register_append(text, text, bytea), register_erase_text(bigint), reads_append(text),
    register_anchor(date, timestamptz) TO mesa_app;
"""


class Migration(migrations.Migration):
    """Creates the tables, the second head, functions, guards, checks, indexes and grants."""

    dependencies = [("mesa", "0020_desk_lists")]

    operations = [
        ops.CreateModel(
            name="Anchor",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("day", fields.DateField()),
                ("chain", fields.CharField(max_length=20)),
                ("sequence", fields.BigIntField()),
                ("hash", fields.BinaryField()),
                ("anchored_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "anchors",
                "app": "mesa",
                "unique_together": (("day", "chain"),),
                "pk_attr": "id",
                "table_description": "Where a chain ended when a day was over; written only by `register_anchor`, and mailed to who keeps it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EntryText",
            fields=[
                ("sequence", fields.BigIntField(primary_key=True, generated=False, unique=True, db_index=True)),
                ("salt", fields.BinaryField(null=True)),
                ("text", fields.TextField(null=True, unique=False)),
                ("erased_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "entry_texts",
                "app": "mesa",
                "pk_attr": "sequence",
                "table_description": "What was said with an act, and the salt of its digest in the chain. Written only by `register_append`.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReadEntry",
            fields=[
                ("sequence", fields.BigIntField(primary_key=True, generated=False, unique=True, db_index=True)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("kind", fields.CharField(max_length=30)),
                (
                    "viewer",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="viewer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="reads",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("role", fields.CharField(max_length=20)),
                (
                    "tramite",
                    fields.ForeignKeyField(
                        "mesa.Tramite",
                        source_field="tramite_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reads",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("subject_id", fields.UUIDField(null=True)),
                (
                    "detail",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("record", fields.TextField(unique=False)),
                ("previous_hash", fields.BinaryField()),
                ("hash", fields.BinaryField()),
            ],
            options={
                "table": "read_entries",
                "app": "mesa",
                "pk_attr": "sequence",
                "table_description": "One sensitive read, in a chain of its own; written only by `reads_append`, like an `Entry` otherwise.",
            },
            bases=["Model"],
        ),
        ops.AlterModelOptions(
            name="RegisterHead",
            options={
                "table": "register_heads",
                "app": "mesa",
                "pk_attr": "chain",
                "table_description": "The end of a chain; the lock of that of acts orders all acts and gives all numbers.",
            },
        ),
        ops.RunSQL(HEAD, "DELETE FROM register_heads WHERE chain = 'reads';"),
        ops.RunSQL(APPEND, ""),
        ops.RunSQL(ERASE, "DROP FUNCTION register_erase_text(bigint);"),
        ops.RunSQL(READS, "DROP FUNCTION reads_append(text);"),
        ops.RunSQL(ANCHOR, "DROP FUNCTION register_anchor(date, timestamptz);"),
        ops.RunSQL(GUARDS, ""),
        ops.RunSQL(CHECKS, ""),
        ops.RunSQL(INDEXES, ""),
        ops.RunSQL(GRANTS, ""),
    ]
