"""
The sealed file of a receipt: which content it is, since when, and its place in the log.

Receipts of before have none yet; they are sealed as those that are issued now, the oldest first.
"""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

INDEXES = """
CREATE INDEX receipts_unsealed ON receipts (issued_at, id) WHERE log_index IS NULL AND erased_at IS NULL;
CREATE INDEX receipts_content ON receipts (content_id) WHERE content_id IS NOT NULL;
"""
UNDO_INDEXES = "DROP INDEX receipts_unsealed, receipts_content;"

CHECKS = """
ALTER TABLE receipts ADD CONSTRAINT receipts_sealed CHECK (
    (log_index IS NULL) = (content_id IS NULL) AND (log_index IS NULL) = (sealed_at IS NULL) AND log_index >= 0);
"""
UNDO_CHECKS = "ALTER TABLE receipts DROP CONSTRAINT receipts_sealed;"

ONCE = """
CREATE FUNCTION receipts_refuse_second_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a receipt is sealed once' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER receipts_sealed_once BEFORE UPDATE ON receipts
FOR EACH ROW WHEN (OLD.log_index IS NOT NULL
    AND (OLD.content_id, OLD.sealed_at, OLD.log_index) IS DISTINCT FROM (NEW.content_id, NEW.sealed_at, NEW.log_index))
EXECUTE FUNCTION receipts_refuse_second_seal();
CREATE TRIGGER receipts_sealed_stay BEFORE DELETE ON receipts
FOR EACH ROW WHEN (OLD.log_index IS NOT NULL) EXECUTE FUNCTION receipts_refuse_second_seal();
"""
UNDO_ONCE = """
DROP TRIGGER receipts_sealed_once ON receipts;
DROP TRIGGER receipts_sealed_stay ON receipts;
DROP FUNCTION receipts_refuse_second_seal();
"""

GRANTS = "REVOKE ALL ON FUNCTION receipts_refuse_second_seal() FROM PUBLIC;"


class Migration(migrations.Migration):
    """Adds the columns, and that they are set once."""

    dependencies = [("mesa", "0034_receipt_log")]

    operations = [
        ops.AlterModelOptions(
            name="Receipt",
            options={
                "table": "receipts",
                "app": "mesa",
                "unique_together": (("tramite", "kind", "version"),),
                "pk_attr": "id",
                "table_description": "Frozen facts, and the sealed PDF that is made from them once; a row that is not sealed yet is the queue.",
            },
        ),
        ops.AddField(
            model_name="Receipt",
            name="content",
            field=fields.ForeignKeyField(
                "mesa.Content",
                source_field="content_id",
                null=True,
                db_constraint=True,
                to_field="sha256",
                related_name="receipts",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(model_name="Receipt", name="sealed_at", field=fields.DatetimeField(null=True)),
        ops.AddField(model_name="Receipt", name="log_index", field=fields.BigIntField(null=True, unique=True)),
        ops.RunSQL(INDEXES, UNDO_INDEXES),
        ops.RunSQL(CHECKS, UNDO_CHECKS),
        ops.RunSQL(ONCE, UNDO_ONCE),
        ops.RunSQL(GRANTS, ""),
    ]
