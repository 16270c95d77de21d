"""
What limits, budgets, time-outs and whoever watches cost an operation: microseconds each, beside one that costs nothing.

    python -m benchmarks.operations
"""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import strawberry
from graphql import parse, validate
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from mesadepartes.metrics import Metrics
from mesadepartes.slow_operations import SlowOperations
from mesadepartes.spans import spans_sent
from resolvers.costs import COSTS
from resolvers.engine.allowances import Allowances
from resolvers.engine.costs import SchemaCosts
from resolvers.engine.errors import ErrorPresenter
from resolvers.engine.execution import QUERIES_AND_MUTATIONS, Asked, Execution
from resolvers.engine.limits import measure
from resolvers.engine.observing import Observers
from resolvers.engine.scanning import find_excess_in_text
from resolvers.engine.terms import Purse, Terms
from resolvers.root import build_schema

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from resolvers.engine.observing import Observer

ROUNDS, OPERATIONS = 25, 500
PAGE = """query Page($n: Int) { tramites(first: $n) { edges { cursor node { id number subject status office { id name }
    history(last: 5) { sequence at act actorRole } attachments { id name sizeBytes } } } } }"""


@strawberry.type
class Query:
    """What can be asked here."""

    @strawberry.field
    async def me(self) -> str:
        """Return nothing much."""
        return ""


def _payer(_context: Any) -> str:
    return "somebody"


async def _nobody(_context: Any) -> str:
    raise RuntimeError("who pays is known")


def terms_watched(stack: ExitStack) -> Terms:
    """Return terms with everything on: budget, metrics, log and spans, for as long as *stack* lasts."""
    observers: list[Observer] = [Metrics(), SlowOperations(1.0)]
    spans = spans_sent("http://127.0.0.1:9", observers, slow_seconds=1.0, exporter=InMemorySpanExporter())
    stack.enter_context(spans)
    told = Observers(observers)
    stack.callback(told.tell)
    purse = Purse(Allowances(10**9), _payer, _nobody, RuntimeError, RuntimeError)
    return Terms(purse=purse, observer=told.note)


async def measured(work: Callable[[], Awaitable[object]]) -> float:
    """Return the microseconds of CPU that one operation takes."""
    began = time.process_time()
    for _ in range(OPERATIONS):
        await work()
    return (time.process_time() - began) / OPERATIONS * 1e6


async def compare() -> dict[str, float]:
    """Return the best round of each variant, all of them run by turns: the others met other work."""
    with ExitStack() as stack:
        full = terms_watched(stack)
        variants = {
            "off": Terms(),
            "budget": replace(full, observer=None),
            "watched": replace(full, purse=None),
            "all": full,
        }
        schema = strawberry.Schema(Query)
        asked = {
            name: Execution(schema, ErrorPresenter(lambda _: None, str), terms=each) for name, each in variants.items()
        }
        found = {name: list[float]() for name in asked}
        for _ in range(ROUNDS):
            for name, execution in asked.items():
                run = lambda execution=execution: execution.answer(Asked("{ me }"), None, kinds=QUERIES_AND_MUTATIONS)  # noqa: E731
                found[name].append(await measured(run))
    return {name: min(each) for name, each in found.items()}


def once(work: Callable[[], object], times: int = 200) -> float:
    """Return the microseconds of CPU that *work* takes."""
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times * 1e6


def main() -> None:
    """Print the figures."""
    found = asyncio.run(compare())
    for name, each in found.items():
        print(f"{name:10} {each:7.1f} us, {each - found['off']:+6.1f}")
    schema, document = build_schema()._schema, parse(PAGE)  # pyright: ignore[reportPrivateUsage]
    costs = SchemaCosts(schema, COSTS)
    print(
        f"text {once(lambda: find_excess_in_text(PAGE)):.0f} us, walk {once(lambda: measure(document, costs)):.0f} us,"
    )
    print(f"parse {once(lambda: parse(PAGE)):.0f} us, validate {once(lambda: validate(schema, document)):.0f} us")
    if not isinstance(priced := measure(document, costs), Exception):
        cost = priced["Page"]
        print(f"cost {cost.at({'n': 20})} points, known after {once(lambda: cost.at({'n': 20})):.1f} us")


if __name__ == "__main__":
    main()
