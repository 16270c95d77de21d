"""`mesadepartes seed`."""

from __future__ import annotations

import click

from mesadepartes.commands.environment import run_on_database, settings_for
from mesadepartes.settings import Part, Settings


@click.command("seed")
def command() -> None:
    """Put the nine offices into the database; those that are there stay as they are."""
    run_on_database(_seed(settings_for(Part.MIGRATE, log_as="seed")))
    click.echo("The offices are there.")


async def _seed(settings: Settings) -> None:
    from actions.administration import plant_offices
    from mesadepartes.database import connected

    assert settings.database_url is not None
    async with connected(settings.database_url, pool_size=1):
        await plant_offices()
