"""Dates of mails held against what the server and the mail itself say of when it was received."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from files.store import ContentDamaged, ContentMissing
from intake.proof import NO_SERVERS
from intake.receipt_time import received_by_us
from models.mail import MailItem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from actions.tools import Tools
    from intake.mailbox import Source
    from reading.mail_audit import Known


def is_date_of(received_at: datetime | None, mail: Known) -> bool:
    """Say whether a mail may have its date from a copy: servers tell seconds, and none is later than its record."""
    if received_at is None:
        return True
    return abs(min(received_at, mail.recorded_at) - mail.received_at) < timedelta(seconds=1)


async def was_copied_later(tools: Tools, source: Source, mail: Known, copies: Sequence[datetime | None]) -> bool:
    """
    Say whether a server of ours had received the mail at its date, before it was copied to where it lies.

    Of one whose bytes were erased nothing else is known than its date.
    """
    item = await MailItem.get(id=mail.item_id)
    if item.erased_at is not None:
        return True
    try:
        fields = await tools.mails.received_fields(tools, item.original_id)
    except (ContentMissing, ContentDamaged):
        return False  # which is told as such
    servers = source.servers or NO_SERVERS
    return any(is_date_of(received_by_us(fields, each, servers=servers), mail) for each in copies if each)
