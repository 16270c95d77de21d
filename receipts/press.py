"""The press: facts in, PDF out, rendered in a limited child process. Importing it does not load borb."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rules.receipts import ReceiptFacts

RENDER = "receipts.writer:render_json"


class Runner(Protocol):
    """Runs a named `bytes -> bytes` function outside this process."""

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Return the function's answer, or raise if it took longer than *timeout* or failed."""
        ...


@dataclass(frozen=True, slots=True)
class Press:
    """Renders receipts without holding up the event loop; *timeout* is for one receipt."""

    runner: Runner
    timeout: timedelta = timedelta(seconds=60)

    async def render(self, facts: ReceiptFacts) -> bytes:
        """Return the PDF of *facts*; raises what the runner raises."""
        return await self.runner.run(RENDER, facts.to_bytes(), timeout=self.timeout)
