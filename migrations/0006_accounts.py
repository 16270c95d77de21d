"""
Addresses that were proved, and the codes that prove them.

Accounts from before are taken as proved: what they were sent so far went to these addresses, and they have filed.
"""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

PROVED = "UPDATE users SET email_verified_at = created_at;"

INDEXES = "CREATE INDEX codes_sent ON codes (sent_at);"

CHECKS = (
    "ALTER TABLE codes ADD CONSTRAINT codes_counted CHECK (tries >= 0 AND sent_count > 0 AND expires_at > sent_at);"
)

GRANTS = "GRANT SELECT, INSERT, UPDATE, DELETE ON codes TO mesa_app;"


class Migration(migrations.Migration):
    """Creates the table, its index, check and grants, and adds the column."""

    dependencies = [("mesa", "0005_tramite_number")]

    operations = [
        ops.CreateModel(
            name="Code",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("purpose", fields.CharField(max_length=20)),
                ("subject_id", fields.UUIDField()),
                ("address", fields.CharField(null=True, max_length=254)),
                ("kept_hash", fields.CharField(max_length=200)),
                ("tries", fields.SmallIntField(default=0)),
                ("sent_count", fields.SmallIntField(default=1)),
                ("sent_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "codes",
                "app": "mesa",
                "unique_together": (("subject_id", "purpose"),),
                "pk_attr": "id",
                "table_description": "The last code sent to one subject for one purpose; only its slow hash is kept.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="User",
            name="email_verified_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(PROVED, ""),
        ops.RunSQL(INDEXES, ""),
        ops.RunSQL(CHECKS, ""),
        ops.RunSQL(GRANTS, ""),
    ]
