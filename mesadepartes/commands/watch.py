"""`mesadepartes watch`: the feed of a counter as JSON lines, for whatever reads those."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mesadepartes.variables import WATCH_TOKEN

if TYPE_CHECKING:
    from collections.abc import Coroutine

LONGEST_FILE = 1_000

REFUSED_EXIT, TOKEN_EXIT, AWAY_EXIT = 1, 3, 4
"""How the command ends: the counter says no; the token is not good; with --once, the counter is away."""


@click.command("watch")
@click.argument("url")
@click.option("--cursor", "cursor_file", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--token-file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--office", help="Only trámites that are in this office (dependencia) or went through it, by its code.")
@click.option("--tramite", help="Only the trámite of this number.")
@click.option("--from-start", is_flag=True, help="If no cursor is remembered, begin with the first change ever.")
@click.option("--once", is_flag=True, help="End when everything up to now is written.")
def command(
    url: str,
    cursor_file: Path,
    token_file: Path | None,
    office: str | None,
    tramite: str | None,
    *,
    from_start: bool,
    once: bool,
) -> None:
    """
    Follow the status changes of the counter at URL: one JSON object for each, in a line of its own, on standard output.

    The service token (token de servicio) is read from MESA_WATCH_TOKEN or from --token-file. The file --cursor holds
    where the reading got to, and is written after each line: started again, the next change is the next line, whatever
    was lost meanwhile. If this program is killed between a line and its cursor, that line comes once more; its `cursor`
    and `sequence` say that it is the same. Ends with 3 if the token is not good (any more), with 1 if the counter says
    no; everything else is waited for. Messages are on standard error.
    """
    from mesadepartes.following import Lost, Refused, TokenNotGood, Wish, follow, socket_url

    try:
        address = socket_url(url)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    wanted = {"officeCode": office, "number": tramite}
    filter_ = {name: each for name, each in wanted.items() if each}
    wish = Wish(address, _token(token_file), filter_, is_from_start=from_start, is_once=once)
    memory = CursorFile(cursor_file)
    memory.recall()
    try:
        _run(follow(wish, memory, _write, lambda text: click.echo(text, err=True)))
    except TokenNotGood as error:
        _end(error, TOKEN_EXIT)
    except Refused as error:
        _end(error, REFUSED_EXIT)
    except Lost as error:
        _end(error, AWAY_EXIT)


class CursorFile:
    """A file that holds the last cursor."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self) -> str | None:
        """Return the last cursor; None while there is no such file."""
        try:
            kept = _read_line(self._path)
        except FileNotFoundError:
            return None
        if not kept.isascii() or not kept.isprintable() or not kept:
            raise click.ClickException(f"{self._path} holds no cursor. Delete it to begin anew, and nothing else.")
        return kept

    def remember(self, cursor: str) -> None:
        """
        Put a cursor in the place of the last one, in one step that a loss of power does not do half.

        What lies where it is written before, left by a killed program or laid there by somebody else who may write to
        this folder, is removed and never written to: it may be a link to another file.
        """
        beside = self._path.with_name(f"{self._path.name}.new")
        try:
            beside.unlink(missing_ok=True)
            _write_new(beside, f"{cursor}\n".encode("ascii"))
            beside.replace(self._path)
        except OSError as error:
            raise click.ClickException(f"The cursor cannot be kept in {self._path}: {error.strerror}.") from None


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that must not be there yet, down to the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _token(file: Path | None) -> str:
    """Return the token; never from the command line, which everybody on the machine can read."""
    token = _read_line(file) if file else os.environ.get(WATCH_TOKEN, "").strip()
    if not token:
        raise click.UsageError(f"A service token is needed: in {WATCH_TOKEN}, or in the file that --token-file names.")
    if not token.isascii() or not token.isprintable():
        raise click.UsageError("This is no service token.")
    return token


def _read_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as opened:
            return opened.read(LONGEST_FILE).strip()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror}.") from None


def _write(change: dict[str, Any]) -> None:
    """Write one line, and let it go out before its cursor is kept."""
    sys.stdout.write(json.dumps(change, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def _run(work: Coroutine[object, object, None]) -> None:
    """Do *work* until it ends, or somebody asks this program to; a reader that has gone is no fault of ours."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")  # pyright: ignore[reportAttributeAccessIssue]

    async def until_told() -> None:
        task = asyncio.ensure_future(work)
        for each in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(each, task.cancel)
        with suppress(asyncio.CancelledError):
            await task

    try:
        asyncio.run(until_told())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would complain when it flushes


def _end(error: Exception, code: int) -> None:
    click.echo(str(error), err=True)
    raise SystemExit(code)
