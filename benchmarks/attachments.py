"""
What files that are handed in cost, each figure beside a reference of the same run.

The sieve: the structure check of a scan of 30 MB, and of the worst file of the corpus, beside the SHA-256 of 30 MB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.attachments_sieve import sieve_figures
from benchmarks.figures import Figure, parser, run

if TYPE_CHECKING:
    import argparse


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Take all figures, one after the other: they would hold each other up."""
    return [
        *sieve_figures(arguments.rounds),
    ]


def command_line() -> argparse.ArgumentParser:
    """Return what may be said to make it shorter."""
    made = parser(__doc__ or "")
    made.add_argument("--rounds", type=int, default=15, help="times that each check is made")
    return made


if __name__ == "__main__":
    run(command_line().parse_args(), measure)
