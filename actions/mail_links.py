"""One-time links that go out with mails: for whoever holds one, without an account."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING
from uuid import UUID

from models.register import Entry
from rules.mail_links import LinkPurpose, LinkUsed, NoSuchLink
from rules.register import Act

if TYPE_CHECKING:
    from tortoise.backends.asyncpg.client import TransactionWrapper

    from actions.tools import Tools
    from models.tramites import Tramite


async def make_link(_connection: TransactionWrapper, tools: Tools, tramite: Tramite, purpose: LinkPurpose) -> str:
    """Return, within a transaction, a token that is good once."""
    return _token(tools, tramite.id, purpose)


async def use_link(_connection: TransactionWrapper, tools: Tools, token: str, purpose: LinkPurpose) -> UUID:
    """
    Use a token up, within a transaction, and return its trámite.

    Raises:
        NoSuchLink, LinkUsed: what they say.
    """
    return await find_link(tools, token, purpose)


async def find_link(tools: Tools, token: str, purpose: LinkPurpose) -> UUID:
    """
    Return the trámite of a token that may still be used.

    Raises:
        NoSuchLink, LinkUsed: what they say.
    """
    try:
        tramite_id = UUID(bytes=base64.urlsafe_b64decode(token[:100] + "==")[:16])
    except (ValueError, binascii.Error):
        raise NoSuchLink from None
    if token != _token(tools, tramite_id, purpose):
        raise NoSuchLink
    if await Entry.exists(tramite_id=tramite_id, act=Act.COMPLETED):
        raise LinkUsed
    return tramite_id


def _token(tools: Tools, tramite_id: UUID, purpose: LinkPurpose) -> str:
    sealed = tools.security_check.blind(f"mail-link.{purpose.value}.{tramite_id}")
    return base64.urlsafe_b64encode(tramite_id.bytes + hashlib.sha256(sealed).digest()[:16]).decode().rstrip("=")
