"""
Contents that nothing refers to may be removed: since when they are abandoned, and what tells quickly who refers to them.

What is abandoned already is marked. A content that anything refers to cannot be deleted: the foreign keys restrict it.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

INDEXES = """
CREATE INDEX uploads_content ON uploads (content_id);
CREATE INDEX mail_items_original ON mail_items (original_id);
CREATE INDEX contents_abandoned ON contents (abandoned_at) WHERE abandoned_at IS NOT NULL;
"""

MARK = """
UPDATE contents c SET abandoned_at = stored_at
WHERE NOT EXISTS (SELECT FROM uploads u WHERE u.content_id = c.sha256)
    AND NOT EXISTS (SELECT FROM attachments a WHERE a.content_id = c.sha256)
    AND NOT EXISTS (SELECT FROM mail_items m WHERE m.original_id = c.sha256);
"""

GRANTS = "GRANT DELETE ON contents TO mesa_app;"


class Migration(migrations.Migration):
    """Adds the column, indexes and grant, and marks what is abandoned."""

    dependencies = [("mesa", "0013_notices")]

    operations = [
        ops.AddField(
            model_name="Content",
            name="abandoned_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(INDEXES, "DROP INDEX uploads_content, mail_items_original, contents_abandoned;"),
        ops.RunSQL(MARK, ""),
        ops.RunSQL(GRANTS, "REVOKE DELETE ON contents FROM mesa_app;"),
    ]
