"""The antivirus as the settings name it, and whether it is set up as it should be."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from files.antivirus import Address, Clamd
from files.jail import Jail
from files.scanner import AT_ONCE, FILE, INSIDE, Scanner
from mesadepartes.storing import folders_of_files

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from mesadepartes.settings import Settings

MEMORY_BYTES: Final = 768 * 1024 * 1024
"""Room for a file, for what is inside it as deep as it is looked into, and for the libraries."""


def clamd_of(settings: Settings) -> Clamd | None:
    """Return how clamd is asked, None without one."""
    return Clamd(Address.parse(settings.clamd)) if settings.clamd else None


@asynccontextmanager
async def antivirus(settings: Settings) -> AsyncGenerator[Scanner | None]:
    """Build the antivirus, None without one; its jail is its own, and starts with the first file."""
    clamd = clamd_of(settings)
    if clamd is None:
        yield None
        return
    jail = Jail(
        [FILE, INSIDE], size=AT_ONCE, reads=folders_of_files(settings), may_connect=True, memory_bytes=MEMORY_BYTES
    )
    try:
        yield Scanner(clamd, jail)
    finally:
        await jail.close()
