"""What documents that were made to cost much cost this server: processor time of the one thread that serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from benchmarks.figures import Figure
from tests.hostile_documents import BYTES, HAZARDS, TAKES_VARIABLES, random_documents, variables_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.graphql_inside import Inside

MOST_MS = 30.0
TRIES = 3
VARIABLES = 5_000
OFFENCE = 500
"""The status from which on it is the server's fault."""


async def hostile_figures(inside: Inside, token: str, *, seed: int, count: int) -> list[Figure]:
    """Return what the dearest of all known hazards and of *count* random documents costs, and how many fail."""
    costs, failures = dict[str, float](), 0
    for name, document, variables in _documents(seed, count):
        bodies = [_body(" " * number + document, variables) for number in range(TRIES)]
        if len(bodies[-1]) > BYTES:
            continue
        costs[name] = min([await inside.spent([(body, token)]) for body in bodies])
        status, _ = await inside.ask(bodies[0], token)
        failures += status >= OFFENCE
    dearest = max(costs, key=costs.__getitem__)
    worst, above = costs[dearest], sum(cost > MOST_MS for cost in costs.values())
    return [
        Figure("hostile documents", len(costs), "documents"),
        Figure(f"the dearest of them ({dearest})", worst, "ms", f"<= {MOST_MS:g}", worst <= MOST_MS),
        Figure(f"of them above {MOST_MS:g} ms", above, "documents", "0", above == 0),
        Figure("of them answered with 5xx", failures, "documents", "0", failures == 0),
    ]


def _documents(seed: int, count: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, make in HAZARDS.items():
        yield name, make(), {}
    for name, variables in variables_of(VARIABLES).items():
        yield f"variables: {name}", TAKES_VARIABLES, variables
    for number, document in enumerate(random_documents(seed, count)):
        yield f"random document {number} of seed {seed}", document, {}


def _body(document: str, variables: dict[str, Any]) -> bytes:
    return orjson.dumps({"query": document, "variables": variables})
