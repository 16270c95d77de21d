"""Trámites: who has taken one on, and its revision, by which the second of two who change it at once is told."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

INDEXES = "CREATE INDEX tramites_owner ON tramites (owner_id, filed_on DESC, id DESC) WHERE owner_id IS NOT NULL;"


class Migration(migrations.Migration):
    """Adds the columns and an index."""

    dependencies = [("mesa", "0016_forget_requests")]

    operations = [
        ops.AddField(
            model_name="Tramite",
            name="owner",
            field=fields.ForeignKeyField(
                "mesa.User",
                source_field="owner_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="owned_tramites",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(model_name="Tramite", name="revision", field=fields.IntField(default=1, db_default=1)),
        ops.RunSQL(INDEXES, "DROP INDEX tramites_owner;"),
    ]
