"""
The press: facts in, sealed PDF out. Rendered in a limited child process, where no key ever is; signed here.

What is done here is done one receipt at a time, and others are served between two: no batch holds up the event loop.
Importing it loads neither borb nor fonts.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol

from receipts.batches import Batch, pack_batch, sealed, unpack_unsealed
from seals.seal import SealUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from receipts.batches import Unsealed
    from rules.receipts import ReceiptFacts
    from seals.seal import Seal

RENDER = "receipts.writer:render_batch"
AT_ONCE = 8
MOST_WAITING = 64


class PressFull(Exception):
    """Too many receipts are waiting already; this one was not tried. Trying later is right."""


class Runner(Protocol):
    """Runs a named `bytes -> bytes` function outside this process."""

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """Return the function's answer, or raise if it took longer than *timeout* or failed."""
        ...


class _Order(NamedTuple):
    facts: ReceiptFacts
    emblem: bytes | None
    pressed: asyncio.Future[bytes]


@dataclass(slots=True)
class Press:
    """
    Makes sealed receipts; those that are asked for while others are being made are made together, in order.

    *timeout* is for the rendering of a batch. One that breaks it is found by trying each alone.
    """

    runner: Runner
    seal: Seal | None
    timeout: timedelta = timedelta(seconds=20)
    claims_conformity: bool = False
    _orders: list[_Order] = field(default_factory=list[_Order])
    _work: asyncio.Task[None] | None = None

    async def press(self, facts: ReceiptFacts, emblem: bytes | None = None) -> bytes:
        """
        Return the sealed PDF of *facts*; *emblem* is the picture that their letterhead names.

        Raises what the runner raises, besides:
            SealUnavailable: it cannot be sealed for now.
            PressFull: too many are waiting.
        """
        if len(self._orders) >= MOST_WAITING:
            raise PressFull
        order = _Order(facts, emblem, asyncio.get_running_loop().create_future())
        self._orders.append(order)
        if self._work is None:
            self._work = asyncio.create_task(self._press_all())
        return await order.pressed

    async def _press_all(self) -> None:
        try:
            while self._orders:
                taken, self._orders = self._orders[:AT_ONCE], self._orders[AT_ONCE:]
                await self._press([order for order in taken if not order.pressed.done()])
        finally:
            self._work = None

    async def _press(self, orders: Sequence[_Order]) -> None:
        try:
            for order, file in zip(orders, await self._files(orders), strict=True):
                if not order.pressed.done():
                    order.pressed.set_result(file)
        except Exception as error:  # noqa: BLE001 - the outermost loop of a batch: whoever ordered is told, whatever it is
            is_alone = len(orders) == 1 or isinstance(error, SealUnavailable)
            for order in orders:
                if not is_alone:
                    await self._press([order])
                elif not order.pressed.done():
                    order.pressed.set_exception(error)

    async def _files(self, orders: Sequence[_Order]) -> list[bytes]:
        if self.seal is None:
            raise SealUnavailable("There is none")
        facts = [await _packed(order.facts) for order in orders]
        emblems = {order.emblem for order in orders if order.emblem}
        batch = Batch(tuple(facts), self.seal.room, tuple(emblems), self.claims_conformity)
        answer = await self.runner.run(RENDER, pack_batch(batch), timeout=self.timeout)
        return [await _sealed(each, self.seal) for each in unpack_unsealed(answer)]


async def _packed(facts: ReceiptFacts) -> bytes:
    await asyncio.sleep(0)
    return facts.to_bytes()


async def _sealed(unsealed: Unsealed, seal: Seal) -> bytes:
    """Seal it; in a thread only where signing waits: what computes would hold the interpreter there as well."""
    if seal.waits:
        return sealed(unsealed, await asyncio.to_thread(seal.sign, unsealed.digest))
    await asyncio.sleep(0)
    return sealed(unsealed, seal.sign(unsealed.digest))
