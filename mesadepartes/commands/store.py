"""`mesadepartes store`: all files that were handed in, moved to another place or encrypted anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mesadepartes.commands.environment import run_on_database, say_mistakes, settings_for, store_for
from mesadepartes.variables import Part, WrongSettings

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Awaitable, Callable

    from files.store import Store
    from mesadepartes.copying import Fate

TROUBLE_EXIT = 3
"""How a command ends that had to leave something as it is; with 1 it could not go on."""


@click.group("store")
def command() -> None:
    """Copy all files to another store (store copy), or encrypt them with the newest key (store rotate)."""


@command.command("copy")
@click.option("--to", "to", required=True, help="s3://bucket/prefix, a folder, or `folder`: that below MESA_DATA.")
@click.option("--from", "from_", help="The same, of the store that is copied; MESA_STORE when not given.")
def copy(to: str, from_: str | None) -> None:
    """
    Copy all files, each read and compared after it has arrived. Changes nothing in the store that is copied.

    The counter may be running: run it again for what came meanwhile. What is there and right is not sent again. Files
    are encrypted as MESA_STORE_KEYS says. Ends with 3 if something is damaged, with 1 if a store cannot be used.
    """
    from mesadepartes.storing import store_of

    settings = settings_for()
    from_ = from_ or settings.store
    if to.rstrip("/") == from_.rstrip("/"):
        raise click.UsageError("That is the store that is copied.")
    source = store_for(settings, from_)
    try:
        target = store_of(settings, to)
    except WrongSettings as wrong:
        say_mistakes(wrong)
    run_on_database(_copy(source, target, to=to))


@command.command("rotate")
def rotate() -> None:
    """
    Encrypt with the first of MESA_STORE_KEYS all that older keys hold, or none; each is proved before the old one goes.

    The counter may be running, if all its parts have that key. It may be cut off at any moment and run again. Ends with
    3 if something is damaged or locked, with 1 if the store cannot be used.
    """
    settings = settings_for(Part.MIGRATE)
    if not settings.store_keys:
        raise click.UsageError("MESA_STORE_KEYS is not set: there is no key to encrypt with.")
    assert settings.database_url is not None
    run_on_database(_rotate(store_for(settings), settings.database_url, newest=settings.store_keys[0][0]))


async def _copy(source: Store, target: Store, *, to: str) -> None:
    from mesadepartes.copying import TROUBLES, copy_content

    async def work(sha256: str) -> Fate:
        return await copy_content(source, target, sha256)

    fates = await _walk(source, work, label="copied")
    _end(fates)
    if not any(fates[trouble] for trouble in TROUBLES):
        click.echo(
            "All of it is there. To change over: stop the counter's parts, run this once more for what came meanwhile, "
            f"{_how_to_use(to)}, and start them."
        )


def _how_to_use(to: str) -> str:
    if to.startswith("s3:"):
        return f"set MESA_STORE={to} for all of them, with MESA_S3_…"
    return f"set MESA_STORE=folder for all of them, and see that {to} is the folder `store` below MESA_DATA"


async def _rotate(store: Store, url: str, *, newest: str) -> None:
    from actions.renewing import renew_content
    from mesadepartes.copying import TROUBLES, Fate
    from mesadepartes.database import connected

    async def work(sha256: str) -> Fate:
        return Fate.DONE if await renew_content(store, sha256) else Fate.RIGHT

    async with connected(url, pool_size=4):
        fates = await _walk(store, work, label="encrypted")
    _end(fates)
    if not any(fates[trouble] for trouble in TROUBLES):
        click.echo(f"All is encrypted with {newest}: the other keys may go from MESA_STORE_KEYS.")


async def _walk(store: Store, work: Callable[[str], Awaitable[Fate]], *, label: str) -> Counter[Fate]:
    """Walk with a bar on a terminal, and only the label elsewhere."""
    from mesadepartes.copying import walk, weigh

    with click.progressbar(length=await weigh(store), label=label) as bar:
        return await walk(store, work, bar.update)


def _end(fates: Counter[Fate]) -> None:
    """Say what came of all; end the process if something had to stay as it is."""
    from mesadepartes.copying import TROUBLES

    for fate, count in sorted(fates.items()):
        click.echo(f"{count} {fate.value}")
    if any(fates[trouble] for trouble in TROUBLES):
        click.echo("What is damaged, unreadable or locked was left as it is: `mesadepartes verify` names it.", err=True)
        raise SystemExit(TROUBLE_EXIT)
