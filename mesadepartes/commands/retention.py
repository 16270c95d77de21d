"""`mesadepartes retention`: what is past the time for which it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mesadepartes.commands.environment import run_on_database, settings_for
from mesadepartes.variables import Part

if TYPE_CHECKING:
    from mesadepartes.settings import Settings


@click.command("retention")
@click.option("--dry-run", "is_dry", is_flag=True, help="Say what would be erased, and change nothing.")
@click.option("--apply", "is_applied", is_flag=True, help="Erase it, also if erasing by itself is off.")
def command(*, is_dry: bool, is_applied: bool) -> None:
    """
    Say what is past the time for which it is kept, or erase it.

    What is erased does not come back. Run it first with --dry-run; it may be cut off at any moment and run again.
    """
    if is_dry == is_applied:
        raise click.UsageError("Give one of --dry-run and --apply.")
    # Looking needs the database only; erasing needs what the rounds need, the store above all.
    settings = settings_for(Part.ROUNDS if is_applied else Part.MIGRATE, log_as="retention")
    run_on_database(_erase(settings) if is_applied else _preview(settings))


async def _preview(settings: Settings) -> None:
    from mesadepartes.clock import now
    from mesadepartes.database import connected
    from reading.retention import preview

    assert settings.database_url is not None
    async with connected(settings.database_url, pool_size=1):
        for found in await preview(at=now()):
            held = f", held back {found.held_count}" if found.held_count else ""
            some = f": {', '.join(found.examples)}" if found.examples else ""
            click.echo(f"{found.kind.value} (over {found.days} days): {found.count}{held}{some}")


async def _erase(settings: Settings) -> None:
    from actions.erasing import erase_batch
    from mesadepartes.wiring import opened
    from reading.retention import retention_now

    async with opened(settings, pool_size=2) as tools:
        done: dict[str, int] = {}
        while any((batch := await erase_batch(tools, await retention_now())).values()):
            for kind, count in batch.items():
                done[kind.value] = done.get(kind.value, 0) + count
    for name, count in done.items():
        click.echo(f"{name}: {count}")
    click.echo("Nothing more is past its time.")
