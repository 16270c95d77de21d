"""`mesadepartes intake run`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from mesadepartes.commands.environment import mailboxes_for, run_part, settings_for
from mesadepartes.commands.intake_audit import audit_command
from mesadepartes.variables import Part

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from intake.mailbox import Source
    from mesadepartes.mailboxes import MailboxSettings
    from mesadepartes.settings import Settings


@click.group("intake")
def command() -> None:
    """Take in mail."""


@command.command("run")
def run() -> None:
    """Take in the mail of all mailboxes, until SIGTERM or Ctrl-C."""
    import asyncio

    import uvloop

    from files.memory import keep_memory

    keep_memory()
    settings = settings_for(Part.INTAKE, log_as="intake")
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    run_part(_run(settings, mailboxes_for(settings)), runner=runner)


async def _run(settings: Settings, boxes: tuple[MailboxSettings, ...]) -> None:
    from intake.mailroom import Mailroom
    from mesadepartes.fitness import is_ready, once_fit
    from mesadepartes.health import health_served
    from mesadepartes.lifetime import stop_on_signals, work_until
    from mesadepartes.mail_audit import nightly_runner
    from mesadepartes.sources import own_addresses, sources_of
    from mesadepartes.wiring import intake_means, opened

    stopping = stop_on_signals()
    sources = sources_of(settings, boxes)
    async with opened(settings) as tools, intake_means(settings, tools, mailboxes=len(sources)) as means:
        mailroom = Mailroom(replace(means, own_addresses=own_addresses(settings, boxes)), sources)
        nightly = nightly_runner(tools, sources, stopping)

        async def can_work() -> bool:
            return mailroom.is_ready and await is_ready()

        async with health_served(settings.http_host, settings.health_port, can_work, metrics=mailroom.metrics):
            await work_until(stopping, once_fit(stopping, lambda: _together(mailroom.run(), nightly.run())))


async def _together(work: Coroutine[object, object, None], nightly: Coroutine[object, object, None]) -> None:
    """Do the work of the intake, and compare its mails each night; the end of the work ends both."""
    async with asyncio.TaskGroup() as tasks:
        comparing = tasks.create_task(nightly)
        try:
            await work
        finally:
            comparing.cancel()


def _named_sources(settings: Settings) -> list[Source]:
    """Return the mailboxes that the settings name."""
    from mesadepartes.sources import sources_of

    return list(sources_of(settings, mailboxes_for(settings)))


command.add_command(audit_command(_named_sources))
