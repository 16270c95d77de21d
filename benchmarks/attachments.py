"""
What files that are handed in cost, each figure beside a reference of the same run.

The sieve: the structure check of a scan of 30 MB, and of the worst file of the corpus, beside the SHA-256 of 30 MB.
An upload: a scan of 20 MB end to end beside writing, hashing and fsyncing it; how the web process grows at 20 at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.attachments_sieve import sieve_figures
from benchmarks.attachments_upload import upload_figures
from benchmarks.figures import Figure, parser, run

if TYPE_CHECKING:
    import argparse


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Take all figures, one after the other: they would hold each other up."""
    return [
        *sieve_figures(arguments.rounds),
        *await upload_figures(rounds=arguments.rounds, at_once=arguments.at_once, pages=arguments.pages),
    ]


def command_line() -> argparse.ArgumentParser:
    """Return what may be said to make it shorter."""
    made = parser(__doc__ or "")
    made.add_argument("--rounds", type=int, default=15, help="times that each check is made, and a file uploaded")
    made.add_argument("--pages", type=int, default=20, help="of an uploaded scan, 1 MB each")
    made.add_argument("--at-once", type=int, default=20, help="uploads at once for which memory is measured")
    return made


if __name__ == "__main__":
    run(command_line().parse_args(), measure)
