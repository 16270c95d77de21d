"""One-time links that go out with mails: for whoever holds one, without an account."""

from __future__ import annotations

import base64
import binascii
import hashlib
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from models.register import Entry
from rules.refusals import NotFound
from rules.register import Act

if TYPE_CHECKING:
    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from models.tramites import Tramite


class LinkPurpose(StrEnum):
    """What a link is for."""

    CONFIRM = "CONFIRM"
    COMPLETE = "COMPLETE"


class NoSuchLink(NotFound):
    """There is no such link, or it was used, or it is too old: all are answered alike."""

    code = "LINK_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__(
            "Este enlace no sirve: ya se usó, venció o está incompleto. Ábralo desde el correo que recibió."
        )


async def make_link(_connection: TransactionWrapper, tools: Tools, tramite: Tramite, purpose: LinkPurpose) -> str:
    """Return, within a transaction, a token that is good once."""
    return _token(tools, tramite.id, purpose)


async def use_link(_connection: TransactionWrapper, tools: Tools, token: str, purpose: LinkPurpose) -> UUID:
    """
    Use a token up, within a transaction, and return its trámite.

    Raises:
        NoSuchLink: it is unknown, or used already.
    """
    tramite_id = await find_link(tools, token, purpose)
    return tramite_id


async def find_link(tools: Tools, token: str, purpose: LinkPurpose) -> UUID:
    """
    Return the trámite of a token that may still be used.

    Raises:
        NoSuchLink: it is unknown, or used already.
    """
    try:
        tramite_id = UUID(bytes=base64.urlsafe_b64decode(token[:100] + "==")[:16])
    except (ValueError, binascii.Error):
        raise NoSuchLink from None
    is_used = await Entry.exists(tramite_id=tramite_id, act=Act.COMPLETED)
    if token != _token(tools, tramite_id, purpose) or is_used:
        raise NoSuchLink
    return tramite_id


def _token(tools: Tools, tramite_id: UUID, purpose: LinkPurpose) -> str:
    sealed = tools.security_check.blind(f"mail-link.{purpose.value}.{tramite_id}")
    return base64.urlsafe_b64encode(tramite_id.bytes + hashlib.sha256(sealed).digest()[:16]).decode().rstrip("=")
