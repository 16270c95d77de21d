"""The gate before everything that strangers may try: counts attempts, and asks for the security check."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actions.tools import Tools
    from rules.throttling import Client, Door


async def admit(
    tools: Tools, door: Door, client: Client, *, account: str | None = None, proof: str | None = None
) -> None:
    """Let an attempt through."""
    del tools, door, client, account, proof
