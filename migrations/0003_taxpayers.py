"""
SUNAT's published register of taxpayers, which is replaced as a whole.

`taxpayers` is partitioned but has never more than one partition, for all RUCs: a load fills a table of its own and puts
it in the place of the last one in the transaction that also says so in `taxpayer_loads`. Grants, indexes and views
belong to `taxpayers` itself, which stays. Only the owner loads; the application reads.
"""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

PARTITIONED = """
DROP TABLE taxpayers;
CREATE TABLE taxpayers (
    ruc varchar(11) NOT NULL PRIMARY KEY,
    name varchar(200) NOT NULL,
    state varchar(200) NOT NULL,
    condition varchar(200) NOT NULL
) PARTITION BY RANGE (ruc);
COMMENT ON TABLE taxpayers IS 'Whom a RUC belongs to; all rows are in the one partition of the current load.';
"""

GRANTS = "GRANT SELECT ON taxpayers, taxpayer_loads TO mesa_app;"


class Migration(migrations.Migration):
    """Creates both tables, the first of them anew as a partitioned one, which the models cannot say."""

    dependencies = [("mesa", "0002_register_functions")]

    operations = [
        ops.CreateModel(
            name="Taxpayer",
            fields=[
                ("ruc", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=11)),
                ("name", fields.CharField(max_length=200)),
                ("state", fields.CharField(max_length=200)),
                ("condition", fields.CharField(max_length=200)),
            ],
            options={
                "table": "taxpayers",
                "app": "mesa",
                "pk_attr": "ruc",
                "table_description": "Whom a RUC belongs to. The table is partitioned; all its rows are in the one partition of the current load.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TaxpayerLoad",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("published_on", fields.DateField()),
                ("loaded_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("row_count", fields.BigIntField()),
                ("bad_line_count", fields.BigIntField()),
            ],
            options={
                "table": "taxpayer_loads",
                "app": "mesa",
                "pk_attr": "id",
                "table_description": "One publication that was loaded; the current one has the highest `id`, after which its partition is named.",
            },
            bases=["Model"],
        ),
        ops.RunSQL(PARTITIONED, ""),
        ops.RunSQL(GRANTS, ""),
    ]
