"""`mesadepartes web`."""

from __future__ import annotations

import asyncio
import gc
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import click

from mesadepartes.commands.environment import run_part, settings_for
from mesadepartes.variables import Part

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import ASGIApp

    from actions.tools import Tools
    from mesadepartes.operations import Gauges
    from mesadepartes.settings import Settings
    from reading.feed import Feed

logger = logging.getLogger(__name__)

DATABASE_SECONDS = 30.0
JUDGE_SECONDS = 5.0
GLANCE_SECONDS = 0.1


@click.command("web")
def command() -> None:
    """Serve GraphQL, uploads and downloads, until SIGTERM or Ctrl-C."""
    settings = settings_for(Part.WEB, log_as="web")
    import uvloop

    run_part(_run(settings), runner=asyncio.Runner(loop_factory=uvloop.new_event_loop))


async def _run(settings: Settings) -> None:
    from mesadepartes.fitness import is_ready
    from mesadepartes.lifetime import stop_on_signals
    from mesadepartes.operations import connecting_of, gauges_of, terms_of, trust_in_order, trust_of, watching_of
    from mesadepartes.setting_values import Reads
    from mesadepartes.site import create_site
    from mesadepartes.wiring import opened
    from resolvers.root import build_hub
    from transfers.routes import routes

    stopping = stop_on_signals()
    gauges: Gauges = {}
    async with opened(settings, **connecting_of(settings)) as tools, watching_of(settings, gauges) as observer:
        feed = _feed(settings)
        hub = build_hub(tools, feed)
        gauges.update(gauges_of(hub))
        with trust_in_order():
            site = create_site(
                tools,
                feed,
                routes=routes(tools),
                checks=[is_ready],
                has_explorer=settings.graphiql,
                has_get=settings.graphql_get,
                follows_edits=settings.pages_follow_edits,
                private=[settings.data],
                hub=hub,
                terms=terms_of(settings, observer),
                trust=trust_of(settings),
                has_plans=settings.graphql_reads is Reads.COMPILED,
            )
        await _serve(site, settings, tools, stopping)


def _feed(settings: Settings) -> Feed:
    from actions.register import ENTRIES
    from mesadepartes.waking import connect_to_listen
    from reading.feed import Feed

    assert settings.database_url is not None
    return Feed(connect_to_listen(settings.database_url), channel=ENTRIES)


async def _serve(site: ASGIApp, settings: Settings, tools: Tools, stopping: asyncio.Event) -> None:
    """Serve until told to stop, once there is a database; never by a login that is not fit to."""
    from mesadepartes.lifetime import work_until
    from mesadepartes.serving import WebServer

    await _wait_for_database(stopping)
    async with _login_watched(stopping):
        if stopping.is_set():
            return
        await _keep_policy(tools)
        _spare_what_stays()
        server = WebServer(site, settings.http_host, settings.http_port)
        await work_until(stopping, server.serve(), told=server.stop)


def _spare_what_stays() -> None:
    """Collect once, then never look again through what was made to begin with: classes, the schema, plans."""
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def _login_watched(stopping: asyncio.Event) -> AsyncGenerator[None]:
    """
    Judge the database's login before the block, or as soon as a database that is away comes back: then stop the block.

    Raises:
        UnfitLogin: it is not fit to serve strangers.
    """
    from mesadepartes.fitness import await_fit_login

    judging = asyncio.create_task(await_fit_login(stopping))
    judging.add_done_callback(lambda judged: stopping.set() if not judged.cancelled() and judged.exception() else None)
    await asyncio.wait({judging}, timeout=JUDGE_SECONDS)
    try:
        yield
    finally:
        if judging.done():
            judging.result()
        judging.cancel()


async def _keep_policy(tools: Tools) -> None:
    """Keep the privacy policy that people will accept; if the database is away, the next start does."""
    from actions.administration import PolicyChanged, keep_policy
    from actions.transaction import OUTAGES

    try:
        await keep_policy(tools)
    except PolicyChanged as error:
        raise click.ClickException(str(error)) from None
    except OUTAGES as error:
        logger.warning("The privacy policy is not kept: %s", type(error).__name__, extra={"action": "policy_not_kept"})


async def _wait_for_database(stopping: asyncio.Event) -> None:
    """Wait for a database that is just being started or migrated; one that stays away is told by /readyz."""
    from mesadepartes.database import has_schema
    from mesadepartes.health import Readiness

    readiness = Readiness(has_schema)
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            while not stopping.is_set() and not await readiness():  # noqa: ASYNC110 - a database
                await asyncio.sleep(GLANCE_SECONDS)
    except TimeoutError:
        logger.warning("Serving without the database", extra={"action": "serving_without_database"})
