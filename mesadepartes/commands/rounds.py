"""`mesadepartes rounds run`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from mesadepartes.commands.environment import run_on_database, run_part, settings_for
from mesadepartes.variables import Part

if TYPE_CHECKING:
    from mesadepartes.settings import Settings


@click.group("rounds")
def command() -> None:
    """Do what the counter does by itself now and then."""


@command.command("run")
@click.option("--once", is_flag=True, help="Do what is due now and end; with 1 if something failed.")
def run(*, once: bool) -> None:
    """Let terms lapse and sweep what is left over, until SIGTERM or Ctrl-C."""
    settings = settings_for(Part.ROUNDS, log_as="rounds")
    if once:
        run_on_database(_run_once(settings))
    else:
        run_part(_run(settings))


async def _run(settings: Settings) -> None:
    from actions.rounds import LONG_ROUNDS
    from mesadepartes.fitness import agrees_on_time, is_ready, once_fit
    from mesadepartes.health import health_served
    from mesadepartes.lifetime import stop_on_signals, work_until
    from mesadepartes.rounds import Runner
    from mesadepartes.wiring import opened

    stopping = stop_on_signals()
    async with (
        opened(settings, pool_size=3) as tools,
        health_served(settings.http_host, settings.health_port, is_ready),
    ):
        runner = Runner(tools, stopping, is_on_time=agrees_on_time)
        beside = Runner(tools, stopping, LONG_ROUNDS, is_on_time=agrees_on_time)

        async def run() -> None:
            async with asyncio.TaskGroup() as both:
                both.create_task(runner.run())
                both.create_task(beside.run())

        await work_until(stopping, once_fit(stopping, run), told=stopping.set)


async def _run_once(settings: Settings) -> None:
    from actions.rounds import LONG_ROUNDS, ROUNDS
    from mesadepartes.fitness import agrees_on_time, check_login
    from mesadepartes.rounds import Runner
    from mesadepartes.wiring import opened

    async with opened(settings, pool_size=2) as tools:
        await check_login()
        listed = (*ROUNDS, *LONG_ROUNDS)
        failed = await Runner(tools, asyncio.Event(), listed, is_on_time=agrees_on_time).run_due()
    if failed:
        raise click.ClickException(f"{failed} failed; the reason is above.")
