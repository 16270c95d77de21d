"""What the settings say of the API's operations: what they may cost, how long they may take, and who watches them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mesadepartes.setting_values import Documents
from mesadepartes.variables import WrongSettings
from mesadepartes.web_files import trusted_documents
from resolvers.engine.errors import RequestError
from resolvers.engine.execution import Trust
from resolvers.engine.observing import Observers
from resolvers.terms import make_terms

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Sequence
    from contextlib import AbstractContextManager

    from mesadepartes.metrics import Metrics
    from mesadepartes.settings import Settings
    from resolvers.engine.hub import Hub
    from resolvers.engine.observing import Observed, Observer
    from resolvers.engine.terms import Terms

Gauges: TypeAlias = "dict[str, tuple[str, Callable[[], float]]]"
"""What metrics ask when somebody looks, by name: what it means, and how it is asked."""

TOLD_SECONDS: Final = 0.25
"""How long after the end of an operation observers are told of it at the latest."""

STATEMENT_SHARE: Final = 0.9
"""Of an operation's time: the database gives up first, for what it says can be told more exactly."""


def connecting_of(settings: Settings) -> dict[str, Any]:
    """Return how the web part connects: how long a statement may take, and whether statements are counted."""
    connecting: dict[str, Any] = {"statement_seconds": settings.operation_seconds * STATEMENT_SHARE}
    if settings.metrics_port is not None or settings.slow_operation_ms or settings.otlp_endpoint is not None:
        from mesadepartes.counted import CountedConnection

        connecting["connection_class"] = CountedConnection
    return connecting


def terms_of(settings: Settings, observer: Callable[[Observed], object] | None = None) -> Terms:
    """Return what operations are held to."""
    return make_terms(
        points_per_minute=settings.points_per_minute or None,
        at_once=settings.operations_at_once or None,
        seconds=settings.operation_seconds,
        shows_schema=settings.graphiql,
        observer=observer,
    )


def trust_of(settings: Settings) -> Trust:
    """Return the documents that are trusted: those of our own pages, and those that the settings name."""
    trusted = trusted_documents() | dict(settings.trusted_documents)
    return Trust(trusted, is_required=settings.graphql_documents is Documents.TRUSTED)


@contextmanager
def trust_in_order() -> Generator[None]:
    """
    Make what is built in the block on trusted documents.

    Raises:
        WrongSettings: one of them is not valid.
    """
    try:
        yield
    except RequestError as error:
        raise WrongSettings([f"MESA_TRUSTED_DOCUMENTS holds a document that is not valid: {error}"]) from None


@asynccontextmanager
async def watching_of(settings: Settings, gauges: Gauges) -> AsyncGenerator[Callable[[Observed], None] | None]:
    """
    Watch operations as the settings say, for as long as the block lasts; yields what is told of
    each that has ended, None where nobody watches.

    Metrics ask the *gauges*, to which others may be added meanwhile.

    What is not asked for is not even imported.
    """
    from mesadepartes.fitness import is_ready
    from mesadepartes.health import health_served

    observers: list[Observer] = []
    metrics = None
    if settings.metrics_port is not None:
        from mesadepartes.metrics import Metrics
        from mesadepartes.pool import POOL

        gauges.update(POOL)
        metrics = Metrics(gauges)
        observers.append(metrics)
    async with _slow_ones(settings, observers):
        with nullcontext() if settings.otlp_endpoint is None else _spans(settings, observers):
            async with (
                _told(observers) as together,
                health_served(
                    settings.http_host,
                    settings.metrics_port,
                    is_ready,
                    metrics=partial(_text_of, metrics, together) if metrics else None,
                    variable="MESA_METRICS_PORT",
                ),
            ):
                yield together.note if observers else None


@asynccontextmanager
async def _told(observers: Sequence[Observer]) -> AsyncGenerator[Observers]:
    """Tell the observers now and then, for as long as the block lasts, and in the end."""
    together = Observers(observers)

    async def tell() -> None:
        while True:
            await asyncio.sleep(TOLD_SECONDS)
            together.tell()

    telling = asyncio.create_task(tell(), name="observers")
    try:
        yield together
    finally:
        telling.cancel()
        await asyncio.wait({telling})
        together.tell()


def _text_of(metrics: Metrics, observers: Observers) -> str:
    """Return what was counted up to now."""
    observers.tell()
    return metrics.text()


def gauges_of(hub: Hub) -> Gauges:
    """Return how those who follow the feed are served."""
    return {
        "mesa_graphql_followers": ("Subscriptions that are served.", lambda: hub.members),
        "mesa_graphql_followers_joined": ("Those that have caught up.", lambda: hub.joined),
        "mesa_graphql_events_delivered_total": ("Events sent to them since the start.", lambda: hub.delivered),
    }


@asynccontextmanager
async def _slow_ones(settings: Settings, observers: list[Observer]) -> AsyncGenerator[None]:
    """Have what is slow logged, with its plans, for as long as the block lasts."""
    if not settings.slow_operation_ms:
        yield
        return
    from mesadepartes.slow_operations import SlowOperations
    from mesadepartes.statement_plans import plans_told

    assert settings.database_url is not None
    async with plans_told(settings.database_url) as plans:
        observers.append(SlowOperations(settings.slow_operation_ms / 1_000, plans))
        yield


def _spans(settings: Settings, observers: list[Observer]) -> AbstractContextManager[None]:
    from mesadepartes.spans import spans_sent

    assert settings.otlp_endpoint is not None
    return spans_sent(settings.otlp_endpoint, observers, slow_seconds=settings.slow_operation_ms / 1_000)
