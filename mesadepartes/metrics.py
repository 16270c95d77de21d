"""
Metrics of the API's operations, in Prometheus's format.

What an operation adds are a few numbers in dictionaries; Prometheus's objects are only made when somebody looks. Labels
are the names of trusted documents, kinds and codes: a stranger cannot make them more.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from resolvers.engine.observing import STAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from resolvers.engine.observing import Observed

BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MOST_NAMES: Final = 300
AD_HOC, OTHER, NO_CODE = "(ad hoc)", "(other)", "OK"


@dataclass(slots=True)
class _Kept:
    """What is known of the operations with one name."""

    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0
    statements: int = 0
    points: int = 0
    planned: int = 0
    prepare: float = 0.0
    admit: float = 0.0
    run: float = 0.0
    encode: float = 0.0
    well: int = 0
    codes: dict[str, int] = field(default_factory=dict[str, int])
    """Those that ended otherwise, by the code of their first error."""


class Metrics:
    """Counts operations; `gauges` are asked when somebody looks, and count if their name ends in _total."""

    def __init__(self, gauges: Mapping[str, tuple[str, Callable[[], float]]] | None = None) -> None:
        self.gauges = gauges or {}
        self._kept = dict[tuple[str, str | None], _Kept]()
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def ended(self, operations: Sequence[Observed]) -> None:
        """Count operations."""
        for each in operations:
            prepared, code = each.prepared, each.code
            key = (each.kind, prepared.name if prepared is not None and prepared.is_trusted else None)
            kept = self._kept.get(key) or self._opened(key)
            prepare, admit, run, encode = each.seconds
            duration = prepare + admit + run + encode
            kept.buckets[bisect_left(BUCKETS, duration)] += 1
            kept.seconds += duration
            kept.statements += each.statements
            kept.points += each.cost
            kept.planned += each.is_planned
            kept.prepare += prepare
            kept.admit += admit
            kept.run += run
            kept.encode += encode
            if code is None:
                kept.well += 1
            else:
                kept.codes[code] = kept.codes.get(code, 0) + 1

    def text(self) -> str:
        """Return all of it as Prometheus reads it."""
        return generate_latest(self._registry).decode()

    def collect(self) -> Iterator[Any]:
        """Yield what was counted as Prometheus's objects."""
        yield self._durations()
        yield from self._sums()
        yield self._answers()
        yield self._stages()
        for name, (meaning, ask) in self.gauges.items():
            yield (CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily)(name, meaning, value=ask())

    def _opened(self, key: tuple[str, str | None]) -> _Kept:
        if len(self._kept) >= MOST_NAMES:
            key = (key[0], OTHER)
        return self._kept.setdefault(key, _Kept())

    def _answers(self) -> CounterMetricFamily:
        family = CounterMetricFamily(
            "mesa_graphql_answers", "Operations by the code of their first error.", labels=["kind", "code"]
        )
        counts = Counter[tuple[str, str]]()
        for (kind, _), kept in self._kept.items():
            for code, count in (*kept.codes.items(), (NO_CODE, kept.well)):
                if count:
                    counts[kind, code] += count
        for labels, count in counts.items():
            family.add_metric(labels, count)
        return family

    def _stages(self) -> CounterMetricFamily:
        family = CounterMetricFamily("mesa_graphql_stage_seconds", "Seconds spent in each stage.", labels=["stage"])
        for stage in STAGES:
            family.add_metric([stage], sum(getattr(kept, stage) for kept in self._kept.values()))
        return family

    def _durations(self) -> HistogramMetricFamily:
        durations = HistogramMetricFamily(
            "mesa_graphql_operation_seconds", "How long operations took.", labels=["kind", "operation"]
        )
        for (kind, name), kept in self._kept.items():
            total, buckets = 0, list[tuple[str, float]]()
            for bound, count in zip((*map(str, BUCKETS), "+Inf"), kept.buckets, strict=True):
                total += count
                buckets.append((bound, total))
            durations.add_metric([kind, name or AD_HOC], buckets, kept.seconds)
        return durations

    def _sums(self) -> Iterator[CounterMetricFamily]:
        for name, meaning in (
            ("statements", "Statements that operations ran."),
            ("points", "Points of declared cost."),
            ("planned", "Operations answered by a compiled plan."),
        ):
            family = CounterMetricFamily(f"mesa_graphql_{name}", meaning, labels=["kind", "operation"])
            for (kind, operation), kept in self._kept.items():
                family.add_metric([kind, operation or AD_HOC], getattr(kept, name))
            yield family
