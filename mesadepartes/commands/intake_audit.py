"""`mesadepartes intake audit`."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from mesadepartes.commands.environment import run_on_database, settings_for
from mesadepartes.variables import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from intake.mailbox import Source
    from mesadepartes.settings import Settings

DIFFERENCE_EXIT = 3
"""How the command ends that has found a difference; with 1 it could not look."""


class DifferencesFound(click.ClickException):
    """Something does not agree."""

    exit_code = DIFFERENCE_EXIT

    def format_message(self) -> str:
        """Return what is said."""
        return f"DIFFERENT: {self.message}"


def audit_command(sources_of: Callable[[Settings], Sequence[Source]]) -> click.Command:
    """Return the command, for the mailboxes that *sources_of* finds in the settings."""

    @click.command("audit")
    @click.option("--days", type=click.IntRange(1, 36500), help="Only mails received in so many days; all without it.")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
    def audit(days: int | None, *, as_json: bool) -> None:
        """
        Compare mailbox, ledger, store and trámites. Changes nothing; the counter may be running.

        Ends with 0 when all agree, with 3 when something differs, with 1 when it could not look.
        """
        settings = settings_for(Part.INTAKE)
        since = timedelta(days=days) if days else None
        run_on_database(_audit(settings, sources_of(settings), since, as_json=as_json))

    return audit


async def _audit(settings: Settings, sources: Sequence[Source], ago: timedelta | None, *, as_json: bool) -> None:
    from intake.audit import UNSEEN, Scope, audit
    from mesadepartes.fitness import check_login
    from mesadepartes.wiring import opened
    from rules.mail_audit import Difference, count_kinds

    found = list[Difference]()
    async with opened(settings, pool_size=2) as tools:
        await check_login()
        now = tools.clock()
        try:
            async for difference in audit(tools, sources, Scope(now, now - ago if ago else None)):
                click.echo(json.dumps(difference.to_json()) if as_json else str(difference))
                found.append(difference)
        except UNSEEN as error:
            raise click.ClickException(f"The mail server cannot be looked at: {type(error).__name__}") from None
    if found:
        raise DifferencesFound(", ".join(f"{kind} {count}" for kind, count in count_kinds(found).items()))
    click.echo("Mailbox, ledger, store and trámites agree.", err=as_json)
