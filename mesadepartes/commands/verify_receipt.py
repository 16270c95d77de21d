"""`mesadepartes verify-receipt`."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from mesadepartes.receipt_check import Evidence

FAULT_EXIT = 3
"""How the command ends that has found a fault; with 1 it could not look."""

LARGEST_FILE = 64 << 20
TIMEOUT = timedelta(minutes=10)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("verify-receipt")
@click.argument("receipt", metavar="FILE.pdf", type=FILE)
@click.option("--proof", type=FILE, help="Its proof file: where it is in the log of receipts.")
@click.option(
    "--heads", type=FILE, multiple=True, help="A file of published heads; of several, such as one of earlier, too."
)
@click.option(
    "--certificate",
    "certificates",
    type=FILE,
    multiple=True,
    help="Of the institution, or of the authority above it (PEM or DER); that of the time stamps too.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer with one JSON object, for programs.")
def command(
    receipt: Path, proof: Path | None, heads: tuple[Path, ...], certificates: tuple[Path, ...], *, as_json: bool
) -> None:
    """
    Check a receipt by its own files, offline: nothing is asked of the counter, and nobody is told.

    Answers in Spanish, one line for each check: ✓ it is so, ✗ it is not, – not checked, and what to give. Ends with 0
    when nothing is wrong, though something may not have been checked: programs read the outcome of --json. Ends with 3
    at a fault, with 1 when it could not look.
    """
    from mesadepartes.receipt_check import Evidence

    evidence = Evidence(
        receipt=_read(receipt),
        proof=None if proof is None else _read(proof),
        heads=tuple(map(_read, heads)),
        certificates=tuple(map(_read, certificates)),
    )
    answer = asyncio.run(_check(evidence))
    if "unreadable" in answer:
        raise click.ClickException(answer["unreadable"])
    _print_anywhere()
    click.echo(json.dumps(answer, ensure_ascii=False) if as_json else _lines(answer))
    if answer["outcome"] == "FAULT":
        raise click.exceptions.Exit(FAULT_EXIT)


def _print_anywhere() -> None:
    """Print what the terminal's character set lacks as a question mark, instead of failing."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise click.ClickException(f"No se puede leer {file}: {error.strerror}.") from None
    if len(data) > LARGEST_FILE:
        raise click.ClickException(f"{file} pesa más de {LARGEST_FILE >> 20} MB: no es lo que se pide.")
    return data


async def _check(evidence: Evidence) -> dict[str, Any]:
    """Check in a process with little memory and time, for the files may come from anybody."""
    from files.jail import Jail, JailBroken, JailFailed, JailTimeout
    from mesadepartes.receipt_check import CHECK

    jail = Jail([CHECK])
    try:
        return json.loads(await jail.run(CHECK, evidence.pack(), timeout=TIMEOUT))
    except JailTimeout:
        raise click.ClickException("No se pudo comprobar: los archivos piden más tiempo que los de verdad.") from None
    except JailFailed as failed:
        raise click.ClickException(_WITHOUT_END.get(failed.kind, f"No se pudo comprobar ({failed.kind}).")) from None
    except JailBroken as error:
        raise click.ClickException(f"No se pudo empezar a comprobar en este equipo ({error}).") from None
    finally:
        await jail.close()


def _lines(answer: dict[str, Any]) -> str:
    from mesadepartes.receipt_findings import Finding

    findings = [Finding.from_json(each) for each in answer["checks"]]
    return "\n".join([*(finding.line() for finding in findings), "", _VERDICTS[answer["outcome"]]])


_TOO_MUCH = "No se pudo comprobar: los archivos piden más memoria que los de verdad."
_WITHOUT_END = {"MemoryError": _TOO_MUCH, "crash": _TOO_MUCH, "RecursionError": _TOO_MUCH}
_VERDICTS = {
    "IN_ORDER": "Todo está en orden.",
    "UNCHECKED": "Nada de lo comprobado está mal; lo que lleva – no se comprobó.",
    "FAULT": "HAY UNA FALLA: vea lo que lleva ✗.",
}
