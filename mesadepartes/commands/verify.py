"""`mesadepartes verify`."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mesadepartes.commands.environment import run_on_database, settings_for, store_for

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from files.store import Store
    from mesadepartes.verifying import Kept, Proved
    from reading.chains import Told

FAULT_EXIT = 3
"""How the command ends that has found a fault; with 1 it could not look."""


class FaultFound(click.ClickException):
    """Something is not as it was recorded."""

    exit_code = FAULT_EXIT

    def format_message(self) -> str:
        """Return what is said."""
        return f"FAULT at {self.message}."


@click.command("verify")
@click.option(
    "--anchors",
    "anchors_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with anchors as they were mailed, or a saved mail: finds a cut tail and a whole rewrite.",
)
@click.option("--without-files", is_flag=True, help="Leave out the bytes of the files.")
@click.option("--url", help="Another database, such as a restored backup; MESA_DATABASE_URL when not given.")
@click.option("--store", help="Folder or bucket (s3://bucket/prefix) of its files; MESA_STORE when not given.")
def command(anchors_file: Path | None, *, without_files: bool, url: str | None, store: str | None) -> None:
    """
    Recompute the register and compare everything with it. Changes nothing; the counter may be running.

    Ends with 0 when all is in order, with 3 at the first fault, with 1 when it could not look.
    """
    settings = settings_for()
    url = url or settings.database_url
    if url is None:
        raise click.UsageError("Say which database: --url, or MESA_DATABASE_URL.")
    anchors = _read(anchors_file) if anchors_file else []
    run_on_database(_verify(url, None if without_files else store_for(settings, store), anchors))


def _read(file: Path) -> list[Kept]:
    from mesadepartes.verifying import read_anchors

    if not (anchors := read_anchors(file.read_bytes())):
        raise click.UsageError(f"{file} holds no anchor, such as: 2026-03-09 acts 1234 and 64 hexadecimal digits.")
    return anchors


async def _verify(url: str, store: Store | None, anchors: Sequence[Kept]) -> None:
    import asyncpg

    from actions.transaction import OUTAGES
    from mesadepartes.verifying import WrongSchema, verify
    from reading.chains import Fault

    try:
        proved = await verify(url, store, anchors=anchors, progress=_progress)
    except Fault as fault:
        raise FaultFound(str(fault)) from None
    except OUTAGES:
        raise
    except asyncpg.PostgresError as error:
        raise click.ClickException(f"The database does not let us look: {error.args[0]}") from None
    except WrongSchema:
        raise click.ClickException("The database is of another version: use the program that it belongs to.") from None
    _say(proved, anchors)


@contextmanager
def _progress(name: str, length: int) -> Generator[Told]:
    """Show a bar on a terminal, and only the name elsewhere."""
    with click.progressbar(length=length, label=f"{name:<7}") as bar:
        yield bar.update


def _say(proved: Proved, anchors: Sequence[Kept]) -> None:
    for walk in proved.walks:
        click.echo(f"{walk.chain.value}: {walk.sequence} entries, the last one's hash is {walk.hash.hex()}")
    files = "not looked at" if proved.files is None else f"{proved.files}, each with the bytes that were received"
    click.echo(f"files: {files}")
    click.echo(f"Everything is as it was recorded; {len(set(anchors))} anchors of yours agree.")
