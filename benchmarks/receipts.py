"""
What a receipt costs: ours, sealed, beside typst's, unsealed, borb as it comes with pyHanko, and the least possible.

Processor time, each way in a process of its own, taken in turns within one run: only the ratios say anything of
another machine. Besides: memory over thousands of receipts, receipts of anything, the delay of the event loop at a
hundred a second, and the size of the code.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.figures import Figure, parser, run
from benchmarks.receipt_part import (
    BORB,
    BORB_SIGNED,
    FLOOR,
    OURS_P256,
    OURS_RSA,
    PYHANKO,
    TYPST,
    UNSEALED,
)
from benchmarks.receipt_samples import HEAVY, TYPICAL
from receipts import typefaces
from tests.code_lines import lines_of_code

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncGenerator

QUICK = {OURS_P256: 5, OURS_RSA: 5, UNSEALED: 5, TYPST: 5, FLOOR: 20, PYHANKO: 1}
SLOW = {BORB: 1, BORB_SIGNED: 1}
TO_TYPST, TO_BORB, STRETCH = 1.0, 100.0, 8
MOST_GROWTH_MB, MOST_DELAY, MOST_LINES, RATE = 2.0, 2.0, 900, 100
Costs = dict[tuple[str, str], list[dict[str, float]]]


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Take all figures, one after the other: they would hold each other up."""
    costs = await _take_turns(arguments.rounds, arguments.slow_rounds)
    figures = [figure for kind in (TYPICAL, HEAVY) for figure in _costs_of(kind, costs)]
    figures += _growth(await _trial("grow", arguments.many), arguments.many)
    figures += _failures(await _trial("fuzz", arguments.fuzz), arguments.fuzz)
    figures += _delays(await _trial("lag", arguments.seconds, RATE, arguments.phases))
    return [*figures, _code()]


async def _take_turns(rounds: int, slow_rounds: int) -> Costs:
    costs: Costs = {}
    async with AsyncExitStack() as stack:
        makers = {name: await stack.enter_async_context(_maker(name)) for name in (*QUICK, *SLOW)}
        for name, maker in makers.items():
            await _order(maker, TYPICAL, start=0, count=1)
            if name in QUICK:
                await _order(maker, HEAVY, start=1, count=QUICK[name])
        for turn in range(rounds):
            names = (*QUICK, *SLOW) if turn < slow_rounds else tuple(QUICK)
            for kind in (TYPICAL, HEAVY):
                for name in names:
                    count = QUICK.get(name, 1)
                    answer = await _order(makers[name], kind, start=100 + turn * 100, count=count)
                    costs.setdefault((name, kind), []).append(answer)
    return costs


@asynccontextmanager
async def _maker(name: str) -> AsyncGenerator[Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.receipt_part", name),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _order(maker: Process, kind: str, *, start: int, count: int) -> dict[str, float]:
    assert maker.stdin is not None
    assert maker.stdout is not None
    maker.stdin.write(json.dumps({"kind": kind, "start": start, "count": count}).encode() + b"\n")
    while line := await maker.stdout.readline():
        if line.startswith(b'{"seconds"'):  # borb may say something of its licence
            return json.loads(line)
    raise RuntimeError("a process that makes receipts has ended")


def _costs_of(kind: str, costs: Costs) -> list[Figure]:
    cost = {name: median(each["seconds"] for each in costs[name, kind]) * 1000 for name in (*QUICK, *SLOW)}
    size = {name: costs[name, kind][-1]["bytes"] for name in (OURS_P256, TYPST)}
    figures = [Figure(f"{kind}: {name}", round(cost[name], 3), "ms CPU") for name in (*QUICK, *SLOW)]
    for name in (OURS_P256, OURS_RSA):
        beside = round(cost[name] / cost[TYPST], 3)
        target = f"<= {TO_TYPST:g} (stretch 1/{STRETCH})"
        figures.append(Figure(f"{kind}: {name}, to typst", beside, "", target, beside <= TO_TYPST))
        times = round(cost[BORB_SIGNED] / cost[name], 1)
        target = f">= {TO_BORB:g}"
        figures.append(Figure(f"{kind}: borb and pyHanko, to {name}", times, "times", target, times >= TO_BORB))
    figures.append(Figure(f"{kind}: {OURS_P256}, to the least", round(cost[OURS_P256] / cost[FLOOR], 1), "times"))
    figures += [Figure(f"{kind}: size, {name}", size[name], "bytes") for name in size]
    return figures


async def _trial(name: str, *arguments: float) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.receipt_trials", name, *map(str, arguments)),
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate()
    assert process.returncode == 0, name
    return json.loads(told.splitlines()[-1])


def _growth(told: dict[str, float], count: int) -> list[Figure]:
    name = f"memory: growth over {count} receipts"
    met = told["growth"] <= MOST_GROWTH_MB
    return [
        Figure("memory: before", round(told["before"], 1), "MB"),
        Figure(name, round(told["growth"], 2), "MB", f"<= {MOST_GROWTH_MB:g}", met),
    ]


def _failures(told: dict[str, Any], count: int) -> list[Figure]:
    return [Figure(f"failures of {count} receipts of anything", told["failed"], "", "0", told["failed"] == 0)]


def _delays(told: dict[str, float]) -> list[Figure]:
    times = told["busy"] / told["idle"]
    name = f"event loop: p99 of its delay at {RATE} receipts a second, to at rest"
    return [
        Figure("event loop: p99 of its delay at rest", round(told["idle"], 3), "ms"),
        Figure(f"event loop: p99 of its delay at {RATE} receipts a second", round(told["busy"], 3), "ms"),
        Figure("event loop: receipts made", round(told["rate"], 1), "a second"),
        Figure(name, round(times, 2), "times", f"<= {MOST_DELAY:g}", times <= MOST_DELAY),
    ]


def _code() -> Figure:
    lines = sum(map(lines_of_code, typefaces.FOLDER.parent.glob("*.py")))
    return Figure("lines of code of receipts/", lines, "", f"< {MOST_LINES}", lines < MOST_LINES)


def command_line() -> argparse.ArgumentParser:
    """Return what may be said to make it shorter."""
    made = parser(__doc__ or "")
    made.add_argument("--rounds", type=int, default=20, help="turns of each quick way")
    made.add_argument("--slow-rounds", type=int, default=3, help="turns of borb as it comes")
    made.add_argument("--many", type=int, default=5000, help="receipts over which the memory is looked at")
    made.add_argument("--fuzz", type=int, default=10_000, help="receipts of anything")
    made.add_argument("--seconds", type=float, default=10.0, help="for which the event loop is looked at, each time")
    made.add_argument("--phases", type=int, default=5, help="times it is looked at, at rest and at work")
    return made


if __name__ == "__main__":
    run(command_line().parse_args(), measure)
