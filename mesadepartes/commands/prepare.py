"""`mesadepartes prepare`: what `run` does to the database before it starts the parts."""

from __future__ import annotations

import click

from mesadepartes.commands.environment import run_on_database, settings_for
from mesadepartes.settings import Settings
from mesadepartes.variables import Part


@click.command("prepare")
def command() -> None:
    """Migrate, plant the offices, the mailbox and the people for trying."""
    run_on_database(_prepare(settings_for(*Part, log_as="prepare")))


async def _prepare(settings: Settings) -> None:
    from mesadepartes.database import migrate
    from mesadepartes.seeds import plant_trial
    from mesadepartes.wiring import opened

    url = settings.owner_database_url or settings.database_url
    assert url is not None
    await migrate(url)
    async with opened(settings, pool_size=2) as tools:
        await plant_trial(tools, settings)
