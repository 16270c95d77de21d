"""A mailbox that is full when the intake begins: how soon, how steadily, and what one poisoned mail does."""

from __future__ import annotations

import statistics
from bisect import bisect
from itertools import pairwise
from typing import TYPE_CHECKING

from benchmarks.figures import Figure
from benchmarks.intake_floor import KILOBYTE, mail_of
from benchmarks.intake_poison import POISON

if TYPE_CHECKING:
    from benchmarks.intake import Bench, Part
    from tests.servers.dovecot import Account

SMALL = 2 * KILOBYTE
FULL = 10_000
"""Mails of the backlog that the targets are about."""


async def measure_backlog(bench: Bench, *, number: int) -> list[Figure]:
    """Measure a backlog, then a fifth of one in whose midst a mail takes the parser down."""
    account = bench.account()
    await fill(account, number)
    async with bench.part(account) as part:
        await part.until("recorded", number)
        found = _figures(part, number)
    return [*found, *await measure_poison(bench, number=max(100, number // 5), pace=_pace(part))]


def _figures(part: Part, number: int) -> list[Figure]:
    times, began = part.times("recorded"), part.times("began")[0]
    soon, tenth = times[0] - began, max(2, number // 10)
    # The second tenth, for in the first the batches grow and the jail's child begins.
    first, last = times[2 * tenth - 1] - times[tenth - 1], times[-1] - times[-tenth - 1]
    return [
        Figure(f"backlog of {number}: first trámite after the beginning", round(soon, 2), "s", "< 1", soon < 1),
        Figure("last tenth against the second", round(last / first, 2), "x", "<= 1.2", last <= 1.2 * first),
        Figure("mails a second", round(number / (times[-1] - began), 1), "mails/s"),
    ]


async def measure_poison(bench: Bench, *, number: int, pace: float) -> list[Figure]:
    """Measure how much later the others come, at that *pace* in seconds a mail, for one that takes the parser down."""
    account = bench.account()
    await fill(account, number // 2)
    await account.deliver(mail_of(SMALL, sender=POISON))
    await fill(account, number - number // 2)
    async with bench.part(account) as part:
        await part.until("recorded", number)
        times, failed = part.times("recorded"), part.times("failed")
    gaps = [after - before for before, after in pairwise(times)]
    # A mail that was read with the poisoned one is read again alone: all that is slow from there on is put down to it.
    around = {bisect(times, at) - 1 for at in failed}
    wide = [gaps[place] for near in around for place in range(max(0, near - 16), min(len(gaps), near + 16))]
    added = max(0.0, sum(wide) - len(wide) * pace)
    share = added / (FULL * pace)
    return [
        Figure(f"one poisoned mail among {number}: how much later the others come", round(added, 2), "s"),
        Figure(f"the same of a backlog of {FULL}", round(100 * share, 2), "%", "< 1", share < 0.01),
        Figure(f"the same of a backlog of {number}", round(100 * added / (number * pace), 2), "%"),
    ]


def _pace(part: Part) -> float:
    """Return how many seconds a mail took, over the middle of the backlog."""
    times = part.times("recorded")
    middle = times[len(times) // 5 : -len(times) // 5]
    return statistics.mean(after - before for before, after in pairwise(middle))


async def fill(account: Account, number: int) -> None:
    """Put so many small mails into the mailbox."""
    for place in range(number):
        await account.deliver(mail_of(SMALL, sender=f"persona{place}@example.pe"))
