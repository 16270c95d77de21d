"""`mesadepartes ruc`: SUNAT's published register of taxpayers."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mesadepartes.commands.environment import run_on_database, settings_for
from mesadepartes.variables import Part

if TYPE_CHECKING:
    from datetime import date, datetime

    from actions.taxpayers import Load

APPLICATION_NAME = "mesadepartes ruc import"
MOST_ROWS = 100_000_000


@click.group("ruc")
def command() -> None:
    """Load SUNAT's published register of taxpayers (padrón reducido del RUC)."""


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--published-on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Its date; else that of the file (in an archive: of its member).",
)
@click.option("--may-shrink", is_flag=True, help="Load it even if it has not half the rows of the last one.")
def import_(file: Path, *, published_on: datetime | None, may_shrink: bool) -> None:
    """
    Replace the register by FILE, as SUNAT publishes it (text, or a zip archive with it).

    As the owner of the tables (MESA_OWNER_DATABASE_URL). The register changes in one moment, at the end; whatever
    interrupts it before leaves the last one as it was, and it can simply be run again.
    """
    settings = settings_for(Part.MIGRATE, log_as="ruc")
    url = settings.owner_database_url or settings.database_url
    assert url is not None
    began = time.perf_counter()
    done: list[Load] = []
    run_on_database(_import(url, file, published_on.date() if published_on else None, may_shrink=may_shrink, done=done))
    _say(done[0], time.perf_counter() - began)


async def _import(url: str, file: Path, published_on: date | None, *, may_shrink: bool, done: list[Load]) -> None:
    import asyncpg

    from actions.taxpayers import CannotLoad, load_taxpayers
    from mesadepartes.clock import now
    from mesadepartes.database import CONNECT_SECONDS
    from mesadepartes.taxpayer_files import UnreadableFile, published_file
    from rules.taxpayers import NotTheRegister

    connection = await asyncpg.connect(
        url, timeout=CONNECT_SECONDS, server_settings={"application_name": APPLICATION_NAME}
    )
    try:
        with (
            published_file(file) as opened,
            click.progressbar(length=opened.size_bytes, label=file.name, file=sys.stderr) as bar,
        ):
            load = await load_taxpayers(
                connection,
                opened.blocks(bar.update),
                published_on=published_on or opened.published_on,
                loaded_at=now(),
                may_shrink=may_shrink,
            )
    except (CannotLoad, NotTheRegister, UnreadableFile) as reason:
        raise click.ClickException(f"{reason}\nThe register was not changed.") from None
    except asyncpg.InsufficientPrivilegeError:
        raise click.ClickException("Only the owner of the tables may load: set MESA_OWNER_DATABASE_URL.") from None
    finally:
        await connection.close(timeout=CONNECT_SECONDS)
    done.append(load)


def _say(load: Load, seconds: float) -> None:
    click.echo(f"{load.row_count:,} taxpayers loaded in {seconds:.1f} s.")
    for fault, count in sorted(load.faults.items()):
        click.echo(f"{count:,} lines left out: {fault.label}.")
    if load.repeated_count:
        click.echo(f"{load.repeated_count:,} lines left out: their RUC comes again further down.")


@command.command("generate")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--rows", type=click.IntRange(1, MOST_ROWS), default=200_000, show_default=True, help="Taxpayers in it.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same file.")
def generate(file: Path, *, rows: int, seed: int) -> None:
    """Write made-up taxpayers to FILE (a zip archive if its name ends in .zip), to try loading."""
    from mesadepartes.taxpayer_samples import write_samples

    with click.progressbar(length=rows, label=file.name, file=sys.stderr) as bar:
        write_samples(file, rows, seed=seed, told=bar.update)
