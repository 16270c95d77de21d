"""`mesadepartes ingest FILE.eml`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mesadepartes.commands.environment import mailboxes_for, run_on_database, settings_for
from mesadepartes.variables import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intake.mailbox import Source
    from mesadepartes.mailboxes import MailboxSettings
    from mesadepartes.settings import Settings


@click.command("ingest")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--received-at",
    "said",
    help="When our mail server received it, such as 2026-03-09T10:00:00-05:00; now without it.",
)
@click.option("--mailbox", help="Name of the mailbox that it is taken into; needed where there are several.")
def command(file: Path, said: str | None, mailbox: str | None) -> None:
    """
    Take in the mail in FILE as if it had just arrived, by the same rules: the same bytes are filed once.

    The counter may be running. Nothing is put on the mail server.
    """
    settings = settings_for(Part.INTAKE, log_as="intake")
    run_on_database(_ingest(settings, mailboxes_for(settings), file, mailbox=mailbox, received_at=_read(said)))


def _chosen(sources: Sequence[Source], name: str | None) -> Source:
    """Return the mailbox of that name, or the only one: into which it goes decides to which office it is filed."""
    found = [each for each in sources if name in (None, each.name)]
    if len(found) != 1:
        names = ", ".join(each.name for each in sources)
        raise click.UsageError(f"Say by --mailbox which mailbox it is for; there are: {names}.")
    return found[0]


def _read(said: str | None) -> datetime | None:
    if said is None:
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise click.UsageError("Say --received-at with its offset, such as 2026-03-09T10:00:00-05:00.")
    return at


async def _ingest(
    settings: Settings,
    boxes: tuple[MailboxSettings, ...],
    file: Path,
    *,
    mailbox: str | None,
    received_at: datetime | None,
) -> None:
    from intake.replay import replay
    from mesadepartes.fitness import check_login
    from mesadepartes.sources import own_addresses, sources_of
    from mesadepartes.wiring import intake_means, opened
    from models.tramites import Tramite
    from rules.refusals import Refusal

    source = _chosen(sources_of(settings, boxes), mailbox)
    async with opened(settings, pool_size=2) as tools, intake_means(settings, tools) as means:
        means = replace(means, own_addresses=own_addresses(settings, boxes))
        await check_login()
        try:
            with file.open("rb") as content:
                replayed = await replay(means, source, content, received_at=received_at or tools.clock())
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from None
        item = replayed.item
        tramite = await Tramite.get_or_none(id=item.tramite_id) if item.tramite_id else None
    known = "had been taken in before: " if replayed.was_known else ""
    number = f", trámite {tramite.number}" if tramite else ""
    reason = f" ({item.reason})" if item.reason else ""
    click.echo(f"Mail {item.id} {known}{item.outcome.value}{reason}{number}")
