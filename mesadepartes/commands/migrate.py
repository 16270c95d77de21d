"""`mesadepartes migrate`."""

from __future__ import annotations

import asyncio

import click

from mesadepartes.commands.environment import run_on_database, settings_for
from mesadepartes.variables import Part


@click.command("migrate")
@click.option("--check", is_flag=True, help="Change nothing; fail when the models have changes without a migration.")
def command(*, check: bool) -> None:
    """Bring the database's schema up to date; several at once wait for each other."""
    if check:
        _check()
        return
    settings = settings_for(Part.MIGRATE, log_as="migrate")
    from mesadepartes.database import migrate

    url = settings.owner_database_url or settings.database_url
    assert url is not None
    run_on_database(migrate(url))
    click.echo("The schema is up to date.")


def _check() -> None:
    if missing := asyncio.run(_missing_operations()):
        raise click.ClickException("Changes of the models without a migration:\n" + "\n".join(missing))


async def _missing_operations() -> list[str]:
    """Return what the migrations do not say of the models; needs no database."""
    from tortoise import Tortoise
    from tortoise.migrations.autodetector import MigrationAutodetector

    from mesadepartes.database import tortoise_config

    config = tortoise_config("postgresql://nowhere/none")
    await Tortoise.init(config=config, init_connections=False)
    assert Tortoise.apps is not None
    writers = await MigrationAutodetector(Tortoise.apps, config["apps"]).changes()
    return [repr(operation) for writer in writers for operation in writer.operations]
