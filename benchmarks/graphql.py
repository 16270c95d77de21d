"""
What the API costs: a page of trámites beside the same page by hand and by servers that others would write, and limits.

All is measured in one run, in turn; what shows another page than the others is not compared at all.
"""

from __future__ import annotations

import random
import sys
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from benchmarks.figures import Figure, parser, run
from benchmarks.graphql_ground import add_arguments, peopled
from benchmarks.graphql_hostile import hostile_figures
from benchmarks.graphql_inside import Inside
from benchmarks.graphql_load import LoadGenerator, Target
from benchmarks.graphql_overhead import overhead_figures
from benchmarks.graphql_page import DOCUMENT
from benchmarks.graphql_servers import AD_HOC, DOCUMENT_ID, NODE, TRUSTED, check_alike, node_program, program, python
from benchmarks.graphql_statements import statement_figures

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from benchmarks.graphql_ground import Crowd
    from benchmarks.graphql_load import Measured, Sample

CONNECTIONS = (16, 64)
COMPARED = 100
"""So many pages are compared before anything is measured."""
HOSTILE = 400
"""So many random documents are tried, half of them of the right form."""

BY_HAND = "by hand"
NAIVE = "naive"
MERCURIUS = "mercurius + graphql-jit"
TRUSTED_NAME = "trusted document"
AD_HOC_NAME = "ad hoc document"


@dataclass(frozen=True)
class Goal:
    """What one of ours is to reach: at least so many times the requests by hand, at most so many times its CPU."""

    requests: float
    cpu: float


GOALS = {TRUSTED_NAME: Goal(0.95, 1.05), AD_HOC_NAME: Goal(0.65, 1.8)}
NAIVE_TIMES = 25.0


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Start all servers, see that they show the same, and let them take turns; then ask this process for the rest."""
    async with peopled(arguments) as crowd:
        figures = list(crowd.figures)
        if "load" in arguments.parts:
            figures += await _under_load(crowd, arguments)
        if "statements" in arguments.parts:
            figures += await statement_figures(crowd.ground, crowd.tokens[0])
        if "hostile" in arguments.parts:
            inside = Inside.of(crowd.ground)
            figures += await hostile_figures(inside, crowd.tokens[0], seed=arguments.seed, count=arguments.hostile)
        if "overhead" in arguments.parts:
            figures += await overhead_figures(crowd, seconds=arguments.overhead_seconds)
        return figures


async def _under_load(crowd: Crowd, arguments: argparse.Namespace) -> list[Figure]:
    async with AsyncExitStack() as stack:
        targets = await _servers(crowd, stack)
        some = random.Random(arguments.seed).sample(crowd.tokens, min(COMPARED, len(crowd.tokens)))
        await check_alike(targets, some)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mesa-wrk-")))
        generator = LoadGenerator(folder, crowd.tokens, postgres=crowd.ground.postgres_pid)
        figures = list[Figure]()
        for connections in CONNECTIONS:
            measured = await generator.measure(
                targets, connections=connections, seconds=arguments.seconds, rounds=arguments.rounds
            )
            figures += [
                replace(each, name=f"{each.name}, {connections} connections")
                for each in (*_values(measured), *_goals(measured))
            ]
        return figures


async def _servers(crowd: Crowd, stack: AsyncExitStack) -> list[Target]:
    ground, environ = crowd.ground, {"MESA_DATABASE_URL": crowd.ground.url}
    starting = {BY_HAND: python("benchmarks.graphql_by_hand", environ=environ)}
    for variant in ("objects", "lists", "whole"):
        starting[f"{BY_HAND}, {variant}"] = python("benchmarks.graphql_by_hand", variant, environ=environ)
    starting[NAIVE] = python("benchmarks.graphql_naive", environ=environ)
    if node := node_program():
        for how in ("loaders", "lookahead"):
            server = program(node, f"{NODE}/server.js", "{port}", how, environ=environ)
            starting[f"{MERCURIUS}, {how}"] = server
    else:
        print(f"{MERCURIUS} is left out: there is no Node.js, or `npm ci` was not run in {NODE}.", file=sys.stderr)
    targets = [replace(await stack.enter_async_context(server), name=name) for name, server in starting.items()]
    manifest = ground.folder / "trusted.json"
    manifest.write_bytes(orjson.dumps({DOCUMENT_ID: DOCUMENT}))
    unbounded = {"MESA_COST_PER_MINUTE": "0", "MESA_OPERATIONS_AT_ONCE": "0"}
    web = await ground.start_web(**unbounded, MESA_TRUSTED_DOCUMENTS=str(manifest))
    plain = await ground.start_web(**unbounded, MESA_GRAPHQL_READS="plain")
    return [
        *targets,
        Target(TRUSTED_NAME, f"{web.url}/graphql", web.pid, TRUSTED),
        Target(AD_HOC_NAME, f"{web.url}/graphql", web.pid, AD_HOC),
        Target("ad hoc document, plain reads", f"{plain.url}/graphql", plain.pid, AD_HOC),
    ]


def _rps(sample: Sample) -> float:
    return sample.rps


def _cpu(sample: Sample) -> float:
    return sample.cpu


def _values(measured: dict[str, Measured]) -> list[Figure]:
    told: dict[str, tuple[Callable[[Sample], float], str]] = {
        "requests": (_rps, "1/s"),
        "p50": (lambda sample: sample.p50, "ms"),
        "p99": (lambda sample: sample.p99, "ms"),
        "CPU of the server": (_cpu, "ms"),
        "CPU of PostgreSQL": (lambda sample: sample.postgres_cpu, "ms"),
    }
    return [
        Figure(f"{name}: {what}", each.median(of), unit)
        for name, each in measured.items()
        for what, (of, unit) in told.items()
    ]


def _goals(measured: dict[str, Measured]) -> list[Figure]:
    by_hand, naive = measured[BY_HAND], measured[NAIVE]
    figures = list[Figure]()
    for name, each in measured.items():
        goal = GOALS.get(name)
        figures += [
            _at_least(f"{name}: requests ÷ {BY_HAND}", each.ratio(_rps, by_hand), goal and goal.requests),
            _at_most(f"{name}: CPU ÷ {BY_HAND}", each.ratio(_cpu, by_hand), goal and goal.cpu),
        ]
    trusted = measured[TRUSTED_NAME]
    figures.append(_at_least(f"{TRUSTED_NAME}: requests ÷ {NAIVE}", trusted.ratio(_rps, naive), NAIVE_TIMES))
    for name, each in measured.items():
        if name.startswith(MERCURIUS):
            figures.append(_at_least(f"{TRUSTED_NAME}: requests ÷ {name}", trusted.ratio(_rps, each), 1.0))
    return figures


def _at_least(name: str, value: float, least: float | None) -> Figure:
    return Figure(name, value, "", f">= {least:g}", value >= least) if least else Figure(name, value, "")


def _at_most(name: str, value: float, most: float | None) -> Figure:
    return Figure(name, value, "", f"<= {most:g}", value <= most) if most else Figure(name, value, "")


def command_line() -> argparse.ArgumentParser:
    """Return what the benchmark can be told."""
    made = parser(__doc__ or "")
    add_arguments(made)
    every = ("load", "statements", "hostile", "overhead")
    made.add_argument("--parts", nargs="+", choices=every, default=every, help="what is measured")
    made.add_argument("--seconds", type=int, default=5, help="how long each server takes its turn")
    made.add_argument("--rounds", type=int, default=5)
    made.add_argument("--overhead-seconds", type=float, default=120.0, help="how long servers take turns, twice")
    made.add_argument("--hostile", type=int, default=HOSTILE, help="how many random documents are tried")
    made.add_argument("--seed", type=int, default=1, help="of the pages that are compared, and of hostile documents")
    return made


if __name__ == "__main__":
    run(command_line().parse_args(), measure)
