"""`mesadepartes seed`."""

from __future__ import annotations

import random
import sys

import click

from mesadepartes.commands.environment import run_on_database, settings_for
from mesadepartes.settings import Settings
from mesadepartes.variables import Part

MOST_TRAMITES = 10_000_000


@click.command("seed")
@click.option(
    "--tramites",
    type=click.IntRange(1, MOST_TRAMITES),
    help="Also make up so many trámites, for trying; only in a register without any but made-up ones.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes up alike.")
def command(tramites: int | None, seed: int) -> None:
    """Put the nine offices into the database; those that are there stay as they are."""
    settings = settings_for(*([Part.WEB] if tramites else []), Part.MIGRATE, log_as="seed")
    run_on_database(_seed(settings))
    click.echo("The offices are there.")
    if tramites:
        run_on_database(_multiply(settings, tramites, seed))


async def _seed(settings: Settings) -> None:
    from actions.administration import plant_offices
    from mesadepartes.database import connected

    assert settings.database_url is not None
    async with connected(settings.database_url, pool_size=1):
        await plant_offices()


async def _multiply(settings: Settings, count: int, seed: int) -> None:
    from mesadepartes.multitude import multiply
    from mesadepartes.wiring import opened

    url = settings.owner_database_url or settings.database_url
    assert url is not None
    async with opened(settings, pool_size=2) as tools:
        if await holds_real_filings():
            # What is made up would stand beside it for ever.
            raise click.ClickException(
                "This register has trámites that are not made up; try it on a database of its own."
            )
        with click.progressbar(length=count, label="trámites", file=sys.stderr) as bar:
            await multiply(tools, url, count, chance=random.Random(seed), told=bar.update)  # noqa: S311 - made up


async def holds_real_filings() -> bool:
    """Tell whether anybody filed who was not made up here, with an account or by mail."""
    from tortoise.expressions import Q

    from mesadepartes.multitude import FIRST_DNI
    from models.tramites import Tramite

    number = "applicant__identity_number"
    others = Q(**{f"{number}__lt": str(FIRST_DNI)}) | Q(**{f"{number}__gte": str(FIRST_DNI * 11 // 10)})
    return await Tramite.filter(others | Q(applicant_id__isnull=True)).exists()
