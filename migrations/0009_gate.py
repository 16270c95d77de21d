"""
Counters of attempts, answered security checks, and what a session is.

Sessions of before end: nobody knows what kind they are, and signing in anew is all that it takes.

Counters are UNLOGGED: a crash of the database may forget them. Answers are not: each is good once.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

TABLES = """
CREATE UNLOGGED TABLE throttles (
    key bytea PRIMARY KEY CHECK (octet_length(key) = 16),
    free_at timestamptz NOT NULL,
    failures int NOT NULL
);
CREATE INDEX throttles_free_at ON throttles (free_at);
CREATE TABLE spent_challenges (
    digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    expires_at timestamptz NOT NULL
);
CREATE INDEX spent_challenges_expires_at ON spent_challenges (expires_at);
CREATE INDEX sessions_end ON sessions (coalesce(ended_at, expires_at));
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON throttles, spent_challenges TO mesa_app;
GRANT DELETE ON sessions TO mesa_app;
GRANT SELECT ON tortoise_migrations TO mesa_app;
"""


class Migration(migrations.Migration):
    """Creates tables, columns and grants."""

    dependencies = [("mesa", "0008_drafts")]

    operations = [
        ops.RunSQL("DELETE FROM sessions;", ""),
        ops.AddField(
            model_name="Session",
            name="device",
            field=fields.CharField(default="desconocido", max_length=60),
        ),
        ops.AddField(
            model_name="Session",
            name="idle_until",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Session",
            name="kind",
            field=fields.CharField(default="BEARER", max_length=20),
        ),
        ops.AddField(
            model_name="Session",
            name="last_seen_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(TABLES, "DROP TABLE throttles, spent_challenges; DROP INDEX sessions_end;"),
        ops.RunSQL(GRANTS, ""),
    ]
