"""
Spans of operations, sent to a collector of OpenTelemetry by OTLP over HTTP.

One span for each operation, made when it has ended; none for fields, which would cost more than the fields. All that
failed or were slow are sent, of the others some each second: what it costs does not grow with what is asked.
"""

from __future__ import annotations

from contextlib import contextmanager
from math import inf
from time import perf_counter, time_ns
from typing import TYPE_CHECKING, Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode

from resolvers.engine.observing import STAGES

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from resolvers.engine.observing import Observed, Observer

ORDINARY_PER_SECOND: Final = 3
"""Each takes a quarter of a millisecond, made and sent: as long as some pages."""
REMARKABLE_PER_SECOND: Final = 50
NAME_LENGTH: Final = 64
PATH: Final = "/v1/traces"
SECONDS: Final = 5.0
QUEUE: Final = 2_048


class Spans:
    """Makes one span of each operation that is worth it."""

    def __init__(self, provider: TracerProvider, *, slow_seconds: float) -> None:
        self._tracer = provider.get_tracer("mesadepartes.graphql")
        self._slow_seconds = slow_seconds or inf
        self._second_ends = 0.0
        self._left = [0, 0]
        """How many may be made yet in this second: ordinary ones, remarkable ones."""

    def ended(self, operations: Sequence[Observed]) -> None:
        """Make the span of each for which there is room in the second in which it began."""
        for operation in operations:
            if operation.began >= self._second_ends:
                self._second_ends = operation.began + 1.0
                self._left[:] = ORDINARY_PER_SECOND, REMARKABLE_PER_SECOND
            is_remarkable = operation.code is not None or operation.duration >= self._slow_seconds
            if self._left[is_remarkable]:
                self._left[is_remarkable] -= 1
                self._make_span(operation)

    def _make_span(self, operation: Observed) -> None:
        began_ns = time_ns() - int((perf_counter() - operation.began) * 1e9)
        span = self._tracer.start_span(
            f"graphql {operation.kind or 'request'}",
            kind=SpanKind.SERVER,
            start_time=began_ns,
            attributes={
                "graphql.operation.type": operation.kind,
                "graphql.operation.name": (operation.name or "")[:NAME_LENGTH],
                "graphql.document.sha256": operation.digest,
                "mesa.cost": operation.cost,
                "mesa.statements": operation.statements,
                "mesa.is_planned": operation.is_planned,
                "mesa.is_trusted": operation.is_trusted,
                **{f"mesa.seconds.{stage}": seconds for stage, seconds in zip(STAGES, operation.seconds, strict=True)},
                **({"mesa.code": operation.code} if operation.code else {}),
                **({"mesa.error_id": operation.error_id} if operation.error_id else {}),
            },
        )
        if operation.error_id:
            span.set_status(Status(StatusCode.ERROR))
        span.end(began_ns + int(operation.duration * 1e9))


@contextmanager
def spans_sent(
    endpoint: str, observers: list[Observer], *, slow_seconds: float, exporter: SpanExporter | None = None
) -> Generator[None]:
    """Send spans for as long as the block lasts; a collector that is away costs nothing but the spans."""
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "mesadepartes"}), shutdown_on_exit=False)
    sender = exporter or OTLPSpanExporter(endpoint=endpoint + PATH, timeout=SECONDS)
    provider.add_span_processor(BatchSpanProcessor(sender, max_queue_size=QUEUE))
    observers.append(Spans(provider, slow_seconds=slow_seconds))
    try:
        yield
    finally:
        provider.shutdown()
