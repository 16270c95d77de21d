"""
Requests to recover an account that asked for nothing may be deleted, and no others.

Nobody sees them, and they name nobody; anybody may make them, so that they must not stay for ever.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

INDEXES = "CREATE INDEX recovery_requests_ignored ON recovery_requests (asked_at) WHERE state = 'IGNORED';"

GUARD = """
CREATE FUNCTION recovery_requests_refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a request of an account stays' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER recovery_requests_stay BEFORE DELETE ON recovery_requests
FOR EACH ROW WHEN (OLD.state <> 'IGNORED') EXECUTE FUNCTION recovery_requests_refuse_deletion();
"""

GRANTS = "GRANT DELETE ON recovery_requests TO mesa_app;"


class Migration(migrations.Migration):
    """Creates index, guard and grant."""

    dependencies = [("mesa", "0015_search_offices")]

    operations = [
        ops.RunSQL(INDEXES, "DROP INDEX recovery_requests_ignored;"),
        ops.RunSQL(
            GUARD,
            "DROP TRIGGER recovery_requests_stay ON recovery_requests; DROP FUNCTION recovery_requests_refuse_deletion;",
        ),
        ops.RunSQL(GRANTS, "REVOKE DELETE ON recovery_requests FROM mesa_app;"),
    ]
