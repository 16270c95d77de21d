"""`mesadepartes run`."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress

import click

from mesadepartes.commands.environment import say_mistakes
from mesadepartes.development import development_settings
from mesadepartes.telemetry import log_to_stderr
from mesadepartes.variables import WrongSettings


@click.command("run")
def command() -> None:
    """Start the whole counter on this machine: database, mail server for development, web, intake, delivery."""
    try:
        settings = development_settings(os.environ)
    except WrongSettings as wrong:
        say_mistakes(wrong)
    log_to_stderr("run", settings.log_level)
    from mesadepartes.ground import CannotRun
    from mesadepartes.run import run

    try:
        asyncio.run(run(settings, os.environ, say=_say))
    except CannotRun as reason:
        raise click.ClickException(str(reason)) from None


def _say(text: str) -> None:
    """Print *text*; a terminal that is gone must not keep the counter from stopping well."""
    with suppress(OSError):
        click.echo(text)
