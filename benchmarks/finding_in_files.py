"""How long lists by words of files take at the server, each filing with a file and its text."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from benchmarks import file_texts
from benchmarks.copies import crowded
from benchmarks.figures import Figure, parser, run
from benchmarks.lists import list_figures
from benchmarks.server import watched
from reading.filters import Filter
from reading.narrowing import narrowed
from rules.orders import TramiteOrder
from rules.workdays import day_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable
    from datetime import date

    from reading.access import Viewer
    from reading.narrowing import Part

QUESTIONS = {
    "a rare word": file_texts.RARE,
    "a frequent word": file_texts.EVERYWHERE,
    "a frequent word of one office": file_texts.HERE,
    "a frequent word no file of the office has": file_texts.ELSEWHERE,
    "a phrase": f'"{file_texts.PHRASE}"',
    "a phrase of frequent words that is nowhere": f'"{file_texts.NO_PHRASE}"',
}
ORDER = TramiteOrder.SENT_LATEST_FIRST


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Make up filings and their texts, then ask as a clerk of the office, and as a supervisor."""
    async with crowded(arguments) as crowd:
        began = time.perf_counter()
        await file_texts.add_texts(crowd.ground.owner_url)
        figures = [*crowd.figures, Figure("texts made up in", time.perf_counter() - began, "s")]
        today = day_of(crowd.ground.counter.tools.clock())
        async with watched(crowd.ground) as server:
            for who, viewer in (("a clerk", crowd.clerk), ("a supervisor", crowd.supervisor)):
                for name, words in QUESTIONS.items():
                    ask = _search(viewer, words, today)
                    figures += await list_figures(server, name, ORDER, ask, who=who, times=arguments.times)
        return figures


def _search(viewer: Viewer, words: str, today: date) -> Callable[[], Awaitable[list[Part]]]:
    return lambda: narrowed(viewer, Filter(in_files=words), ORDER, today=today)


def command_line() -> argparse.ArgumentParser:
    """Return what may be said to make it shorter."""
    made = parser(__doc__ or "")
    made.add_argument("--size", type=int, dest="rows", default=100_000, help="filings; the fewer, the sooner")
    made.add_argument("--times", type=int, default=3, help="how often each question is asked")
    made.set_defaults(kept=None)
    return made


if __name__ == "__main__":
    run(command_line().parse_args(), measure)
