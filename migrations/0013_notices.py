"""
What becomes of notices: addresses found dead, tasks closed with a note, courtesy notices switched off.

What is leased is found by an index of its own, so that one slow address holds one sender only.
"""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

INDEXES = """
CREATE UNIQUE INDEX tasks_open_user ON tasks (user_id, kind) WHERE done_at IS NULL AND tramite_id IS NULL;
CREATE INDEX notices_leased ON notices (address) WHERE state = 'PENDING' AND leased_until IS NOT NULL;
"""

CHECKS = """
ALTER TABLE bounced_addresses ADD CONSTRAINT bounced_addresses_lower CHECK (address = lower(address));
"""

GRANTS = "GRANT SELECT, INSERT, UPDATE ON bounced_addresses TO mesa_app;"


class Migration(migrations.Migration):
    """Creates the table, the columns, indexes, checks and grants."""

    dependencies = [("mesa", "0012_requests")]

    operations = [
        ops.CreateModel(
            name="BouncedAddress",
            fields=[
                ("address", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=254)),
                ("status", fields.CharField(max_length=20)),
                (
                    "notice",
                    fields.ForeignKeyField(
                        "mesa.Notice",
                        source_field="notice_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="marks",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("marked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("lifted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "bounced_addresses",
                "app": "mesa",
                "pk_attr": "address",
                "table_description": "An address, in lower case, that was found dead; nothing is sent there until it expires or is lifted.",
            },
            bases=["Model"],
        ),
        ops.AlterModelOptions(
            name="Task",
            options={
                "table": "tasks",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "One thing to be done about a trámite or an account; at most one of a kind is open about the same.",
            },
        ),
        ops.AddField(
            model_name="Task",
            name="note",
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name="User",
            name="wants_courtesy_notices",
            field=fields.BooleanField(default=True, db_default=True),
        ),
        ops.RunSQL(INDEXES, ""),
        ops.RunSQL(CHECKS, ""),
        ops.RunSQL(GRANTS, ""),
    ]
