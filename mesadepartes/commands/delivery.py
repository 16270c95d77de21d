"""`mesadepartes delivery run`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from mesadepartes.commands.environment import run_part, settings_for
from mesadepartes.variables import Part

if TYPE_CHECKING:
    from delivery.smtp import Relay
    from mesadepartes.settings import Settings


@click.group("delivery")
def command() -> None:
    """Send mail."""


@command.command("run")
def run() -> None:
    """Send the mails that were promised, until SIGTERM or Ctrl-C."""
    run_part(_run(settings_for(Part.DELIVERY, log_as="delivery")))


async def _run(settings: Settings) -> None:
    from actions.notices import NOTICES
    from delivery.worker import Bell, Delivery
    from mesadepartes.fitness import is_ready, once_fit
    from mesadepartes.health import health_served
    from mesadepartes.lifetime import stop_on_signals, work_until
    from mesadepartes.waking import listen
    from mesadepartes.wiring import opened

    assert settings.database_url is not None
    stopping, bell = stop_on_signals(), Bell()
    async with opened(settings) as tools, health_served(settings.http_host, settings.health_port, is_ready):
        delivery = Delivery(tools, _relay(settings), bell, stopping)
        listening = asyncio.create_task(listen(settings.database_url, NOTICES, bell.ring))
        await work_until(stopping, once_fit(stopping, delivery.run), told=bell.ring)
        listening.cancel()


def _relay(settings: Settings) -> Relay:
    from delivery.smtp import Protection, Relay

    assert settings.smtp_host is not None
    assert settings.mail_address is not None
    return Relay(
        host=settings.smtp_host,
        port=settings.smtp_port,
        hello=settings.mail_address.rpartition("@")[2],
        protection=Protection(settings.smtp_tls.value),
        user=settings.smtp_user,
        password=settings.smtp_password,
    )
