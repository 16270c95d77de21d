"""
The desk: when a trámite was received at it, the points of an observation, notes, templates, and who is looking.

What was referred or resolved already counts as received by the first such act. Who is looking is UNLOGGED: a crash of
the database may forget it.
"""

import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

RECEIVED = """
UPDATE tramites t SET received_at = e.at
FROM (
    SELECT tramite_id, min(at) AS at FROM entries WHERE act IN ('REFERRED', 'RESOLVED') GROUP BY tramite_id
) e
WHERE e.tramite_id = t.id;
"""

VIEWINGS = """
CREATE UNLOGGED TABLE viewings (
    tramite_id uuid NOT NULL,
    user_id uuid NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (tramite_id, user_id)
);
CREATE INDEX viewings_seen_at ON viewings (seen_at);
"""

INDEXES = """
CREATE INDEX notes_tramite ON notes (tramite_id, written_at, id);
CREATE INDEX templates_list ON templates (title, id);
"""

CHECKS = """
ALTER TABLE notes ADD CONSTRAINT notes_text CHECK (length(text) BETWEEN 1 AND 2000);
ALTER TABLE template_versions ADD CONSTRAINT template_versions_version CHECK (version > 0);
"""

GRANTS = """
GRANT SELECT, INSERT, UPDATE ON notes, templates TO mesa_app;
GRANT SELECT, INSERT ON template_versions TO mesa_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON viewings TO mesa_app;
"""


class Migration(migrations.Migration):
    """Adds tables, columns, indexes and grants, and says when what was validated had been received."""

    dependencies = [("mesa", "0017_tramite_owner")]

    operations = [
        ops.CreateModel(
            name="Note",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "tramite",
                    fields.ForeignKeyField(
                        "mesa.Tramite",
                        source_field="tramite_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="notes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "author",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="author_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="notes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("text", fields.TextField(unique=False)),
                ("written_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notes",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "An internal note about a trámite; neither its applicant nor an auditor ever reads it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Template",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("kind", fields.CharField(max_length=20)),
                ("version", fields.IntField(default=1)),
                ("title", fields.CharField(max_length=120)),
                ("text", fields.TextField(unique=False)),
                (
                    "office",
                    fields.ForeignKeyField(
                        "mesa.Office",
                        source_field="office_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="templates",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("retired_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "templates",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "A sentence that is used again and again, as it stands now; of no office if it is for all.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TemplateVersion",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "template",
                    fields.ForeignKeyField(
                        "mesa.Template",
                        source_field="template_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="versions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("version", fields.IntField()),
                ("title", fields.CharField(max_length=120)),
                ("text", fields.TextField(unique=False)),
                (
                    "office",
                    fields.ForeignKeyField(
                        "mesa.Office",
                        source_field="office_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="template_versions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("saved_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "saved_by",
                    fields.ForeignKeyField(
                        "mesa.User",
                        source_field="saved_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="saved_templates",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "template_versions",
                "app": "mesa",
                "unique_together": (("template", "version"),),
                "pk_attr": "id",
                "table_description": "A template as it was saved once; never changed.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Tramite",
            name="observation_points",
            field=fields.JSONField(
                default=list, db_default=[], encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
            ),
        ),
        ops.AddField(
            model_name="Tramite",
            name="received_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(RECEIVED, ""),
        ops.RunSQL(VIEWINGS, "DROP TABLE viewings;"),
        ops.RunSQL(INDEXES, ""),
        ops.RunSQL(CHECKS, ""),
        ops.RunSQL(GRANTS, ""),
    ]
