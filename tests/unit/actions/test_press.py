"""The press sends the facts to another process, seals what comes back, and makes together what waits together."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from actions.press import AT_ONCE, MOST_WAITING, RENDER, Press, PressFull
from receipts.batches import Unsealed, pack_unsealed, sealed, unpack_batch
from receipts.writer import render
from rules.receipts import ReceiptFacts
from seals.seal import Seal, SealUnavailable
from tests.seals import KeySigner, make_seal, seal_certificate
from tests.unit.receipts.samples import BY_MAIL, USUAL

CHILD = """
import importlib, sys
module, _, function = sys.argv[1].partition(":")
sys.stdout.buffer.write(getattr(importlib.import_module(module), function)(sys.stdin.buffer.read()))
"""


class Broken(Exception):
    """What a runner says of what cannot be rendered."""


@dataclass
class OwnProcess:
    """Runs each function in a Python of its own."""

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, function, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        answer, _ = await asyncio.wait_for(child.communicate(argument), timeout.total_seconds())
        return answer


@dataclass
class Gate:
    """Renders nothing but the number of a receipt, when it is let; breaks at those that it is told."""

    breaks_at: frozenset[str] = frozenset()
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    batches: list[list[str]] = field(default_factory=list[list[str]])

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        assert (function, timeout) == (RENDER, timedelta(seconds=20))
        batch = unpack_batch(argument)
        numbers = [ReceiptFacts.from_bytes(facts).number for facts in batch.facts]
        self.batches.append(numbers)
        await self.is_open.wait()
        if self.breaks_at & set(numbers):
            raise Broken
        return pack_unsealed([_page(number, room=batch.room) for number in numbers])


def _page(number: str, *, room: int) -> Unsealed:
    content = f"%PDF {number} <{'00' * room}>".encode()
    return Unsealed(content, number.encode().ljust(32, b"0"), content.index(b"<"), len(content))


def numbered(number: int) -> ReceiptFacts:
    return replace(USUAL, number=f"MPD-2026-{number:06}-K")


async def test_the_press_gives_the_sealed_bytes_that_any_process_renders() -> None:
    seal = make_seal()
    press = Press(OwnProcess(), seal)

    first, second, mail = await asyncio.gather(press.press(USUAL), press.press(USUAL), press.press(BY_MAIL))

    assert first == second == _sealed(USUAL, seal)
    assert mail == _sealed(BY_MAIL, seal)


def _sealed(facts: ReceiptFacts, seal: Seal) -> bytes:
    unsealed = render(facts, room=seal.room)
    return sealed(unsealed, seal.sign(unsealed.digest))


async def test_what_waits_while_a_batch_is_made_is_made_together_in_its_order() -> None:
    runner = Gate()
    press = Press(runner, make_seal())
    facts = [numbered(number) for number in range(1 + AT_ONCE + 3)]

    orders = [asyncio.create_task(press.press(each)) for each in facts]
    while not runner.batches:
        await asyncio.sleep(0)
    runner.is_open.set()
    files = await asyncio.gather(*orders)

    names = [each.number for each in facts]
    assert [number for batch in runner.batches for number in batch] == names
    assert max(map(len, runner.batches)) == AT_ONCE
    assert [file.split()[1].decode() for file in files] == names


async def test_a_receipt_that_breaks_its_batch_fails_alone() -> None:
    facts = [numbered(number) for number in range(5)]
    runner = Gate(breaks_at=frozenset({facts[2].number}))
    runner.is_open.set()
    press = Press(runner, make_seal())

    files = await asyncio.gather(*(press.press(each) for each in facts), return_exceptions=True)

    assert [type(file) for file in files] == [bytes, bytes, Broken, bytes, bytes]
    assert isinstance(await press.press(facts[0]), bytes)


async def test_so_many_wait_and_no_more() -> None:
    runner = Gate()
    press = Press(runner, make_seal())
    first = asyncio.create_task(press.press(USUAL))
    while not runner.batches:
        await asyncio.sleep(0)
    waiting = [asyncio.create_task(press.press(USUAL)) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)

    with pytest.raises(PressFull):
        await press.press(USUAL)

    runner.is_open.set()
    files = await asyncio.gather(first, *waiting)
    assert len(files) == MOST_WAITING + 1
    assert isinstance(await press.press(USUAL), bytes)


async def test_whoever_leaves_is_not_waited_for() -> None:
    runner = Gate()
    press = Press(runner, make_seal())
    first = asyncio.create_task(press.press(numbered(1)))
    while not runner.batches:
        await asyncio.sleep(0)
    leaves, stays = [asyncio.create_task(press.press(numbered(number))) for number in (2, 3)]
    await asyncio.sleep(0)

    leaves.cancel()
    first.cancel()
    await asyncio.gather(first, leaves, return_exceptions=True)
    runner.is_open.set()

    assert b"000003" in await stays
    assert runner.batches == [[numbered(1).number], [numbered(3).number]]


@dataclass
class AwayToken:
    """A token that does not answer."""

    calls: int = 0
    waits: bool = True

    def sign(self, data: bytes) -> bytes:
        self.calls += 1
        raise SealUnavailable(f"{len(data)} bytes for a token that does not answer")


async def test_without_the_seal_nothing_is_made_nor_tried_one_by_one() -> None:
    runner, token = Gate(), AwayToken()
    runner.is_open.set()
    press, keyless = Press(runner, make_seal(signer=token)), Press(runner, None)

    failed = await asyncio.gather(*(press.press(numbered(number)) for number in range(3)), return_exceptions=True)

    assert [type(each) for each in failed] == [SealUnavailable] * 3
    assert (token.calls, len(runner.batches)) == (1, 1)
    with pytest.raises(SealUnavailable):
        await keyless.press(USUAL)


@dataclass
class SlowToken:
    """A token that signs when it is let, and gives up waiting after a while."""

    is_asked: threading.Event = field(default_factory=threading.Event)
    may_sign: threading.Event = field(default_factory=threading.Event)
    waits: bool = True

    def sign(self, data: bytes) -> bytes:
        self.is_asked.set()
        assert self.may_sign.wait(timeout=10), "nobody else came to do anything"
        return KeySigner(seal_certificate().key).sign(data)


async def test_a_slow_token_holds_nobody_up() -> None:
    runner, token = Gate(), SlowToken()
    runner.is_open.set()
    order = asyncio.create_task(Press(runner, make_seal(signer=token)).press(USUAL))

    while not token.is_asked.is_set():
        await asyncio.sleep(0.001)
    assert not order.done()
    token.may_sign.set()

    assert isinstance(await order, bytes)


@dataclass
class KeyAtHand:
    """A key in memory, which notes how often others had been served when it signed."""

    served: int = 0
    noted: list[int] = field(default_factory=list[int])
    waits: bool = False

    def sign(self, data: bytes) -> bytes:
        self.noted.append(self.served)
        return KeySigner(seal_certificate().key).sign(data)

    async def serve_others(self) -> None:
        while True:
            self.served += 1
            await asyncio.sleep(0)


async def test_others_are_served_between_two_receipts_of_a_batch() -> None:
    runner, key = Gate(), KeyAtHand()
    runner.is_open.set()
    press = Press(runner, make_seal(signer=key))
    others = asyncio.create_task(key.serve_others())

    await asyncio.gather(*(press.press(numbered(number)) for number in range(AT_ONCE)))

    others.cancel()
    assert len(runner.batches) == 1
    assert len({*key.noted}) == len(key.noted) == AT_ONCE


def test_freezing_facts_and_asking_the_press_load_neither_borb_nor_fonts() -> None:
    program = """
import sys, rules.receipts, actions.press, rules.receipt_words
print(sorted({"borb", "fontTools", "segno", "pyhanko", "asn1crypto"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
