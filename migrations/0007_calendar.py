"""
The legal calendar with its versions, and how a term to correct came about.

The first version is what held before there were versions: policy A, and the national holidays as the library knows them
now. They are recorded, so that a date that was given means the same whatever a later library knows.
"""

import functools
from json import dumps, loads
from uuid import uuid4

import holidays
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

YEARS = range(2020, 2041)


def _first_holidays() -> str:
    days = holidays.country_holidays("PE", years=YEARS, language="es", expand=False)
    return ", ".join(f"(gen_random_uuid(), 1, '{day}', '{name}')" for day, name in sorted(days.items()))


FIRST_VERSION = f"""
INSERT INTO calendar_versions (id, name, made_at, change) VALUES (1, '2026-1', '2020-01-01T00:00Z', 'Calendario inicial');
SELECT setval(pg_get_serial_sequence('calendar_versions', 'id'), 1);
INSERT INTO policy_changes (id, version_id, from_on, policy) VALUES (gen_random_uuid(), 1, '2020-01-01', 'A');
INSERT INTO holidays (id, version_id, day, name, source, is_closed)
SELECT id, version, day::date, name, 'Decreto Legislativo 713 y sus modificatorias', true
FROM (VALUES {_first_holidays()}) AS first (id, version, day, name);
"""  # noqa: S608 - the library's names

INDEXES = """
CREATE INDEX policy_changes_version ON policy_changes (version_id);
CREATE INDEX hours_changes_office ON hours_changes (office_id, version_id);
CREATE INDEX holidays_office ON holidays (office_id, version_id);
"""

CHECKS = """
ALTER TABLE hours_changes ADD CONSTRAINT hours_changes_order CHECK (opens_at < closes_at);
ALTER TABLE policy_changes ADD CONSTRAINT policy_changes_policy CHECK (policy IN ('A', 'B'));
"""

GRANTS = """
GRANT SELECT, INSERT ON calendar_versions, policy_changes, hours_changes, holidays TO mesa_app;
GRANT USAGE ON SEQUENCE calendar_versions_id_seq TO mesa_app;
"""


class Migration(migrations.Migration):
    """Creates the tables and the first version."""

    dependencies = [("mesa", "0006_accounts")]

    operations = [
        ops.CreateModel(
            name="CalendarVersion",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(unique=True, max_length=20)),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("change", fields.CharField(max_length=200)),
            ],
            options={
                "table": "calendar_versions",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "One change of the calendar; `id` is the order of all.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Holiday",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "version",
                    fields.ForeignKeyField(
                        "mesa.CalendarVersion",
                        source_field="version_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="holidays",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "office",
                    fields.ForeignKeyField(
                        "mesa.Office",
                        source_field="office_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="holidays",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("day", fields.DateField()),
                ("name", fields.CharField(max_length=120)),
                ("source", fields.CharField(max_length=200)),
                ("is_closed", fields.BooleanField(default=True)),
            ],
            options={
                "table": "holidays",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "A day that does not count (feriado), everywhere or in one office; of several rows the latest holds.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="HoursChange",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "version",
                    fields.ForeignKeyField(
                        "mesa.CalendarVersion",
                        source_field="version_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="hours",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "office",
                    fields.ForeignKeyField(
                        "mesa.Office",
                        source_field="office_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="hours_changes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("from_on", fields.DateField()),
                ("opens_at", fields.TimeField(auto_now=False, auto_now_add=False)),
                ("closes_at", fields.TimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "hours_changes",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "From a day on, an office is open in these hours.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PolicyChange",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "version",
                    fields.ForeignKeyField(
                        "mesa.CalendarVersion",
                        source_field="version_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="policies",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("from_on", fields.DateField()),
                ("policy", fields.CharField(max_length=20)),
            ],
            options={
                "table": "policy_changes",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "From a day on, the hour of sending counts by this policy.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Tramite",
            name="deadline_rule",
            field=fields.JSONField(null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
        ),
        ops.RunSQL(FIRST_VERSION, ""),
        ops.RunSQL(INDEXES, ""),
        ops.RunSQL(CHECKS, ""),
        ops.RunSQL(GRANTS, ""),
    ]
