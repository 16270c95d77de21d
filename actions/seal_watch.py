"""The certificate of the seal ends one day: that it is renewed in time, and what is told when it was not."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from actions.tools import Tools
    from seals.seal import Seal

logger = logging.getLogger(__name__)

WARNED_BEFORE = timedelta(days=30)
"""So long before a certificate ends its renewal is asked for."""


async def watch_seal(tools: Tools) -> int:
    """Log when the certificate of the seal is out of its time, or will be soon; a part that has none says nothing."""
    if tools.own_seal is not None:
        tell_of_end(tools.own_seal, at=tools.clock())
    return 0


def tell_of_end(seal: Seal, *, at: datetime) -> None:
    """Log when the certificate is out of its time, or will be within 30 days."""
    if trouble := seal.trouble(at):
        told = {"action": "seal_out_of_time"}
        logger.error("Nothing is sealed until it is replaced: the certificate of the seal %s", trouble, extra=told)
    elif seal.valid_until - at < WARNED_BEFORE:
        told = {"action": "seal_ends_soon", "days": (seal.valid_until - at).days}
        logger.warning("The certificate of the seal ends on %s: renew it", seal.valid_until.date(), extra=told)
