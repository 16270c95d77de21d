"""`mesadepartes intake run`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from mesadepartes.commands.environment import run_part, settings_for
from mesadepartes.commands.intake_audit import audit_command
from mesadepartes.commands.intake_ingest import ingest_command
from mesadepartes.settings import Part, Tls

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from intake.mailbox import Source
    from mesadepartes.settings import Settings


@click.group("intake")
def command() -> None:
    """Take in mail."""


@command.command("run")
def run() -> None:
    """Take in the mail of the mailbox, until SIGTERM or Ctrl-C."""
    run_part(_run(settings_for(Part.INTAKE, log_as="intake")))


async def _run(settings: Settings) -> None:
    from intake.worker import Worker
    from mesadepartes.fitness import is_ready, once_fit
    from mesadepartes.health import health_served
    from mesadepartes.lifetime import stop_on_signals, work_until
    from mesadepartes.mail_audit import nightly_runner
    from mesadepartes.wiring import intake_means, opened

    stopping = stop_on_signals()
    async with opened(settings) as tools, intake_means(settings, tools) as means:
        sources = sources_of(settings)
        worker = Worker(means, sources[0])
        nightly = nightly_runner(tools, sources, stopping)

        async def can_work() -> bool:
            return worker.is_ready and await is_ready()

        async with health_served(settings.http_host, settings.health_port, can_work):
            await work_until(stopping, once_fit(stopping, lambda: _together(worker.run(), nightly.run())))


async def _together(work: Coroutine[object, object, None], nightly: Coroutine[object, object, None]) -> None:
    """Do the work of the intake, and compare its mails each night; the end of the work ends both."""
    async with asyncio.TaskGroup() as tasks:
        comparing = tasks.create_task(nightly)
        try:
            await work
        finally:
            comparing.cancel()


def sources_of(settings: Settings) -> list[Source]:
    """Return the mailboxes that the settings name."""
    return [_source(settings)]


def _source(settings: Settings) -> Source:
    import ssl

    from intake.imap import Account
    from intake.mailbox import Folders, Source

    assert settings.imap_host is not None
    assert settings.imap_user is not None
    assert settings.imap_password is not None
    account = Account(
        host=settings.imap_host,
        port=settings.imap_port,
        user=settings.imap_user,
        password=settings.imap_password,
        tls=None if settings.imap_tls is Tls.OFF else ssl.create_default_context(),
        starts_in_clear=settings.imap_tls is Tls.STARTTLS,
    )
    return Source(account, settings.intake_office, Folders(inbox=settings.imap_folder))


command.add_command(audit_command(sources_of))
command.add_command(ingest_command(sources_of))
