"""What every benchmark prints: one JSON object per figure with --json, else a table with what each was compared to."""

from __future__ import annotations

import argparse
import asyncio
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import uvloop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


@dataclass(frozen=True)
class Figure:
    """One measured value; `target` in words, `met` None for a reference that has no target."""

    name: str
    value: float
    unit: str
    target: str | None = None
    met: bool | None = None


def parser(description: str) -> argparse.ArgumentParser:
    """Return the parser of a benchmark's command line."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--json", action="store_true", help="one JSON object per figure")
    return made


def run(
    arguments: argparse.Namespace, measure: Callable[[argparse.Namespace], Coroutine[None, None, list[Figure]]]
) -> None:
    """Measure, print, and exit with 1 when a target was missed."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(measure(arguments))
    print("\n".join(json.dumps(asdict(figure)) for figure in figures) if arguments.json else _table(figures))
    if any(figure.met is False for figure in figures):
        raise SystemExit(1)


def _table(figures: list[Figure]) -> str:
    rows = [("figure", "value", "unit", "target", "met")]
    rows += [
        (f.name, f"{f.value:g}", f.unit, f.target or "(reference)", {None: "", True: "yes", False: "NO"}[f.met])
        for f in figures
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
