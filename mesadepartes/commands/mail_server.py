"""`mesadepartes mail-server`: the mail server of `run`, on its own."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import click

from mesadepartes.commands.environment import settings_for
from mesadepartes.variables import Part

if TYPE_CHECKING:
    from mesadepartes.settings import Settings


@click.command("mail-server")
def command() -> None:
    """Take mail by SMTP and give it out by IMAP, for development only."""
    settings = settings_for(Part.INTAKE, Part.DELIVERY, log_as="mail")
    os.umask(0o077)
    asyncio.run(_run(settings))


async def _run(settings: Settings) -> None:
    from mesadepartes.embedded.mail import DevelopmentMail
    from mesadepartes.lifetime import stop_on_signals

    assert settings.mail_address is not None
    assert settings.imap_password is not None
    stopping = stop_on_signals()
    server = DevelopmentMail(
        settings.data / "mail",
        intake_address=settings.mail_address,
        password=settings.imap_password,
        smtp_port=settings.smtp_port,
        imap_port=settings.imap_port,
    )
    await server.start()
    await stopping.wait()
    await server.stop()
