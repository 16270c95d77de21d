"""What limits, masked messages, budgets, metrics, spans and the log of slow operations cost a page."""

from __future__ import annotations

import statistics
import sys
from contextlib import ExitStack
from dataclasses import fields
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from benchmarks.figures import Figure
from benchmarks.graphql_inside import Inside
from benchmarks.graphql_servers import AD_HOC
from mesadepartes.metrics import Metrics
from mesadepartes.slow_operations import SlowOperations
from mesadepartes.spans import spans_sent
from resolvers.engine.limits import Limits
from resolvers.engine.observing import Observers
from resolvers.engine.scanning import TextLimits
from resolvers.engine.terms import Terms
from resolvers.terms import make_terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.sdk.trace import ReadableSpan

    from benchmarks.graphql_ground import Crowd
    from resolvers.engine.observing import Observer

MOST_RATIO = 1.03
REQUESTS = 200
SLOW_SECONDS = 1.0
POINTS_PER_MINUTE = 10**9
"""So many that the budgets are kept, and nobody's is used up by this."""


class _Dropped(SpanExporter):
    """Takes spans, and sends them nowhere: that is another process's work."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return SpanExportResult.SUCCESS


async def overhead_figures(crowd: Crowd, *, rounds: int) -> list[Figure]:
    """Measure the page of as many applicants with everything and with nothing, in turn."""
    with ExitStack() as stack:
        observers: list[Observer] = [Metrics(), SlowOperations(SLOW_SECONDS)]
        stack.enter_context(spans_sent("http://127.0.0.1:9", observers, slow_seconds=SLOW_SECONDS, exporter=_Dropped()))
        terms = make_terms(points_per_minute=POINTS_PER_MINUTE, observer=Observers(observers))
        guarded, bare = Inside.of(crowd.ground, terms=terms), Inside.of(crowd.ground, terms=unlimited())
        bodies = [(AD_HOC, token) for token in crowd.tokens[:REQUESTS]]
        pairs = list[tuple[float, float]]()
        for turn in range(rounds + 1):
            # By turns who comes first: who comes second finds the pages of the first at hand.
            spent = {each: await each.spent(bodies) for each in ((guarded, bare) if turn % 2 else (bare, guarded))}
            pairs.append((spent[guarded], spent[bare]))
        pairs.pop(0)
    ratio = statistics.median(on / off for on, off in pairs)
    return [
        Figure("the page in this process with nothing on", min(off for _, off in pairs), "ms"),
        Figure("the page in this process with all on", min(on for on, _ in pairs), "ms"),
        Figure("CPU with limits, masking and watching on ÷ off", ratio, "", f"<= {MOST_RATIO}", ratio <= MOST_RATIO),
    ]


def unlimited() -> Terms:
    """Return terms that hold nobody to anything."""
    return Terms(
        text=TextLimits(**{each.name: sys.maxsize for each in fields(TextLimits)}),
        limits=Limits(**{each.name: sys.maxsize for each in fields(Limits)}),
        most_cost=sys.maxsize,
    )
