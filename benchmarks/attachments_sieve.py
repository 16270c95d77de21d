"""What the sieve costs beside the SHA-256 of the same bytes: processor time, taken in turns, the library loaded."""

from __future__ import annotations

import hashlib
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.attachments_scan import scan
from benchmarks.figures import Figure
from files.sieve.judge import judge
from tests.corpus import samples

if TYPE_CHECKING:
    from collections.abc import Callable

PAGES = 30
MOST_FOR_SCAN, MOST_FOR_WORST = 1 / 8, 8.0
WORST_AGAIN = 5
"""How many of the most expensive are measured once more."""


def sieve_figures(rounds: int) -> list[Figure]:
    """Measure a scan, and every file of the corpus."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scan.pdf"
        path.write_bytes(scan(PAGES))
        content = path.read_bytes()
        hashed, checked = _in_turns(rounds, lambda: hashlib.sha256(content).digest(), lambda: _judge(path))
        worst, name = _worst(Path(folder), rounds)
    beside_scan, beside_worst = round(checked / hashed, 3), round(worst / hashed, 2)
    return [
        Figure("sieve: SHA-256 of a scan of 30 MB", round(hashed, 2), "ms CPU"),
        Figure("sieve: its structure check", round(checked, 2), "ms CPU"),
        Figure("sieve: to its SHA-256", beside_scan, "times", f"<= {MOST_FOR_SCAN}", beside_scan <= MOST_FOR_SCAN),
        Figure(f"sieve: worst of the corpus ({name})", round(worst, 1), "ms CPU"),
        Figure("sieve: to that", beside_worst, "times", f"<= {MOST_FOR_WORST:g}", beside_worst <= MOST_FOR_WORST),
    ]


def _judge(path: Path) -> None:
    judge(str(path).encode())


def _worst(folder: Path, rounds: int) -> tuple[float, str]:
    """Return what the most expensive file costs, and which it is: all are tried, the dearest of them several times."""
    costs: list[tuple[float, Path, str]] = []
    for number, sample in enumerate(samples()):
        path = folder / str(number)
        path.write_bytes(sample.make())
        costs.append((_cost(lambda path=path: _judge(path)), path, sample.name))
    dearest = sorted(costs, reverse=True)[:WORST_AGAIN]
    return max(
        (median(_cost(lambda path=path: _judge(path)) for _ in range(rounds)), name) for _, path, name in dearest
    )


def _in_turns(rounds: int, *ways: Callable[[], object]) -> list[float]:
    """Return the median of what each costs in milliseconds."""
    costs = [[_cost(way) for way in ways] for _ in range(rounds + 1)][1:]
    return [median(column) for column in zip(*costs, strict=True)]


def _cost(way: Callable[[], object]) -> float:
    start = time.process_time()
    way()
    return (time.process_time() - start) * 1000
