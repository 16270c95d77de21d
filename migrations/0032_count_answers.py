"""
How often an address was answered is counted by a function, which locks before it counts.

A statement sees what was committed before it began: one that locks and counts would not see what it waited for. Each
statement within the function begins anew.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

MAIL_ANSWERS = """
CREATE FUNCTION mail_answers(p_key bytea, p_since timestamptz) RETURNS bigint
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(('x' || encode(substr(p_key, 1, 8), 'hex'))::bit(64)::bigint);
    RETURN (
        SELECT count(*) FROM public.notices
        WHERE answer_key = p_key AND state <> 'SUPPRESSED' AND created_at > p_since
    );
END $$;
"""

GRANTS = """
REVOKE ALL ON FUNCTION mail_answers(bytea, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mail_answers(bytea, timestamptz) TO mesa_app;
"""


class Migration(migrations.Migration):
    """Adds the function."""

    dependencies = [("mesa", "0031_certify_completions")]

    operations = [
        ops.RunSQL(MAIL_ANSWERS, "DROP FUNCTION mail_answers(bytea, timestamptz);"),
        ops.RunSQL(GRANTS, ""),
    ]
