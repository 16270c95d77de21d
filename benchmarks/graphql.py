"""What a page of trámites costs by the API, beside the same page by hand and by servers that others would write."""

from __future__ import annotations

import random
import tempfile
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures import Figure, parser, run
from benchmarks.graphql_ground import add_arguments, peopled
from benchmarks.graphql_load import LoadGenerator, Measured, Target
from benchmarks.graphql_servers import AD_HOC, NODE, check_alike, node_program, program, python

if TYPE_CHECKING:
    import argparse

    from benchmarks.graphql_ground import Crowd

CONNECTIONS = (16, 64)
COMPARED = 100
"""So many pages are compared before anything is measured."""

BY_HAND = "by hand"
NAIVE = "naive"


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Start all servers, see that they show the same, and let them take turns."""
    async with peopled(arguments) as crowd, AsyncExitStack() as stack:
        targets = await _servers(crowd, stack)
        chance = random.Random(arguments.seed)
        await check_alike(targets, chance.sample(crowd.tokens, min(COMPARED, len(crowd.tokens))))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mesa-wrk-")))
        generator = LoadGenerator(folder, crowd.tokens, postgres=crowd.ground.postgres_pid)
        figures = list(crowd.figures)
        for connections in CONNECTIONS:
            measured = await generator.measure(
                targets, connections=connections, seconds=arguments.seconds, rounds=arguments.rounds
            )
            figures += _figures(measured, connections)
        return figures


async def _servers(crowd: Crowd, stack: AsyncExitStack) -> list[Target]:
    ground, environ = crowd.ground, {"MESA_DATABASE_URL": crowd.ground.url}
    starting = {BY_HAND: python("benchmarks.graphql_by_hand", environ=environ)}
    for variant in ("objects", "lists", "whole"):
        starting[f"by hand, {variant}"] = python("benchmarks.graphql_by_hand", variant, environ=environ)
    starting[NAIVE] = python("benchmarks.graphql_naive", environ=environ)
    if node := node_program():
        for how in ("loaders", "lookahead"):
            server = program(node, f"{NODE}/server.js", "{port}", how, environ=environ)
            starting[f"mercurius + graphql-jit, {how}"] = server
    targets = [replace(await stack.enter_async_context(server), name=name) for name, server in starting.items()]
    plain = await ground.start_web()
    return [*targets, Target("ad hoc, plain", f"{plain.url}/graphql", plain.pid, AD_HOC)]


def _figures(measured: dict[str, Measured], connections: int) -> list[Figure]:
    figures, by_hand = list[Figure](), measured[BY_HAND]
    for name, each in measured.items():
        who = f"{name}, {connections} connections"
        figures += [
            Figure(f"{who}: requests", each.median(lambda s: s.rps), "1/s"),
            Figure(f"{who}: p50", each.median(lambda s: s.p50), "ms"),
            Figure(f"{who}: p99", each.median(lambda s: s.p99), "ms"),
            Figure(f"{who}: CPU of the server", each.median(lambda s: s.cpu), "ms"),
            Figure(f"{who}: CPU of PostgreSQL", each.median(lambda s: s.postgres_cpu), "ms"),
            Figure(f"{who}: requests ÷ by hand", each.ratio(lambda s: s.rps, by_hand), ""),
            Figure(f"{who}: CPU ÷ by hand", each.ratio(lambda s: s.cpu, by_hand), ""),
        ]
    return figures


def command_line() -> argparse.ArgumentParser:
    """Return what the benchmark can be told."""
    made = parser(__doc__ or "")
    add_arguments(made)
    made.add_argument("--seconds", type=int, default=5, help="how long each takes its turn")
    made.add_argument("--rounds", type=int, default=5)
    made.add_argument("--seed", type=int, default=1, help="of the choice of pages that are compared")
    return made


if __name__ == "__main__":
    run(command_line().parse_args(), measure)
