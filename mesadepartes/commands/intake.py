"""`mesadepartes intake run`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from mesadepartes.commands.environment import settings_for
from mesadepartes.settings import Part

if TYPE_CHECKING:
    from mesadepartes.settings import Settings


@click.group("intake")
def command() -> None:
    """Take in mail."""


@command.command("run")
def run() -> None:
    """Take in the mail of the mailbox, until SIGTERM or Ctrl-C."""
    asyncio.run(_run(settings_for(Part.INTAKE, log_as="intake")))


async def _run(settings: Settings) -> None:
    from mesadepartes.lifetime import stop_on_signals

    await stop_on_signals().wait()
