"""What receipts cost beside the CPU of one: memory over thousands, anything that somebody may type, the event loop."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

import uvloop

from actions.press import RENDER, Press
from benchmarks.loop_delay import delays
from benchmarks.receipt_ours import P256, seal_by
from benchmarks.receipt_samples import HEAVY, TYPICAL, sample
from files.jail import Jail
from mesadepartes.receipt_reading import prints_its_facts, read_receipt
from receipts.batches import sealed
from receipts.writer import render
from rules.catalogue import AttachmentRole
from rules.receipts import FileFacts, ReceiptFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MEBIBYTE = 1 << 20
WARM_UP = 200
ALPHABETS = (
    "abcdefghijklmnñopqrstuvwxyzáéíóúü ABCÑ 0123456789 «».,-_()",
    "😀👩‍👩‍👧‍👦🇵🇪文件日本語한국어العربيةעבריתहिन्दीไทย",
    "".join(map(chr, range(0x20))) + "\x7f\x85\u2028\u2029\u200b\u200e\u202e\ufeff\ufffd\U000e0041",
    "<>()[]{}/%\\&'\"#$ endobj endstream %%EOF ]]>",
    "\u0301\u0302\u0303\u0489a" * 4,
    "ﷺ𒀱W" * 3,
    "\ud800\udfff\uffff\U0010ffff",
)


def grow(count: int) -> dict[str, float]:
    """Return by how many MB the resident memory grows over *count* receipts, once it has warmed up."""
    seal = seal_by(P256)

    def press(start: int, end: int) -> None:
        for place in range(start, end):
            unsealed = render(sample(HEAVY if place % 2 else TYPICAL, place), room=seal.room)
            sealed(unsealed, seal.sign(unsealed.digest))

    press(0, WARM_UP)
    before = _resident_bytes()
    press(WARM_UP, WARM_UP + count)
    return {"before": before / MEBIBYTE, "growth": (_resident_bytes() - before) / MEBIBYTE}


def _resident_bytes() -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def fuzz(count: int, seed: int = 6) -> dict[str, Any]:
    """Return how many of *count* receipts of anything failed: were not made, not read back, or not the same again."""
    chance, seal, failed = random.Random(seed), seal_by(P256), list[int]()
    for place in range(count):
        facts = ReceiptFacts.from_bytes(_anything(chance, place, holder=seal.facts).to_bytes())
        try:
            unsealed = render(facts, room=seal.room)
            receipt = read_receipt(sealed(unsealed, seal.sign(unsealed.digest)))
            if receipt.facts.to_bytes() != facts.to_bytes() or (place % 10 == 0 and not prints_its_facts(receipt)):
                failed.append(place)
        except Exception:  # noqa: BLE001 - whatever it is, it is counted
            failed.append(place)
    return {"failed": len(failed), "first": failed[:5]}


def _anything(chance: random.Random, place: int, *, holder: Any) -> ReceiptFacts:
    facts = sample(TYPICAL, place)
    changes: dict[str, Any] = {
        name: _text(chance, 200)
        for name in ("entity", "unit", "office", "applicant", "organization", "email", "mobile", "document_number")
        if chance.random() < 0.3
    }
    return replace(
        facts,
        **changes,
        subject=_text(chance, 3000 if chance.random() < 0.1 else 300),
        missing=tuple(_text(chance, 300) for _ in range(chance.choice((0, 0, 1, 3)))),
        files=tuple(_file(chance, ordinal) for ordinal in range(1, chance.choice((1, 2, 3, 6, 48)) + 1)),
        seal=holder,
    )


def _file(chance: random.Random, ordinal: int) -> FileFacts:
    return FileFacts(
        ordinal=ordinal,
        role=AttachmentRole.MAIN if ordinal == 1 else AttachmentRole.ANNEX,
        name=_text(chance, 200),
        size_bytes=chance.randrange(1 << 40),
        pages=chance.choice((None, 1, 99_999)),
        sha256=chance.randbytes(32).hex(),
    )


def _text(chance: random.Random, most: int) -> str:
    alphabets = chance.sample(ALPHABETS, chance.choice((1, 1, 2, 3)))
    return "".join(chance.choice(chance.choice(alphabets)) for _ in range(chance.randrange(most + 1)))


def lag(seconds: float, rate: int, phases: int) -> dict[str, float]:
    """Return how late the event loop is, p99 in milliseconds, at rest and while receipts are pressed at a *rate*."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_lag(seconds, rate, phases))


async def _lag(seconds: float, rate: int, phases: int) -> dict[str, float]:
    jail = Jail([RENDER])
    press = Press(jail, seal_by(P256))
    idle, busy, made, refused = list[float](), list[float](), 0, 0
    try:
        await asyncio.gather(*(press.press(sample(TYPICAL, place)) for place in range(20)))
        for phase in range(phases):
            facts = [sample(TYPICAL, 1000 * (phase + 1) + number) for number in range(round(rate * seconds))]
            idle.append(_p99(await delays(seconds)))
            ticks = asyncio.create_task(delays(seconds))
            done, full = await _press_at(press, rate, facts)
            busy.append(_p99(await ticks))
            made, refused = made + done, refused + full
    finally:
        await jail.close()
    return {"idle": median(idle), "busy": median(busy), "rate": made / seconds / phases, "refused": refused}


async def _press_at(press: Press, rate: int, facts: Sequence[ReceiptFacts]) -> tuple[int, int]:
    """Order so many receipts a second, ready or not those before; return how many came, and how many did not."""
    began, orders = time.monotonic(), list[asyncio.Task[bytes]]()
    for number, each in enumerate(facts):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        orders.append(asyncio.create_task(press.press(each)))
    answers = await asyncio.gather(*orders, return_exceptions=True)
    made = sum(isinstance(answer, bytes) for answer in answers)
    return made, len(answers) - made


def _p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98]


TRIALS: dict[str, Callable[..., dict[str, Any]]] = {"grow": grow, "fuzz": fuzz, "lag": lag}

if __name__ == "__main__":
    print(json.dumps(TRIALS[sys.argv[1]](*map(json.loads, sys.argv[2:]))))
