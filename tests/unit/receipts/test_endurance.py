"""The same bytes wherever they are made, no facts that break a receipt, no memory that grows."""

from __future__ import annotations

import hashlib
import os
import random
import re
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from receipts.batches import Batch, Unsealed, pack_batch, unpack_unsealed
from receipts.template import WrongEmblem
from receipts.typefaces import Face, typeface
from receipts.writer import render, render_batch
from rules.receipts import ReceiptFacts
from tests.unit.receipts.checker import check
from tests.unit.receipts.odd_facts import odd_facts
from tests.unit.receipts.samples import BY_MAIL, EMBLEM, HEAVY, ROOM, USUAL, WITH_EMBLEM, text_of

if TYPE_CHECKING:
    from pathlib import Path


MANY = 400
CHECKED = range(0, MANY, 16)
READ_BY_OTHERS = range(0, MANY, 40)
STREAM = re.compile(rb"<</Filter/FlateDecode/Length (\d+)>>\nstream\n")
FACTS = USUAL, HEAVY, WITH_EMBLEM, BY_MAIL
BATCH = Batch(tuple(each.to_bytes() for each in FACTS), ROOM, (EMBLEM,), claims_conformity=True)

PRINT_DIGESTS = """
import hashlib, sys
from receipts.batches import unpack_unsealed
from receipts.writer import render_batch
for unsealed in unpack_unsealed(render_batch(sys.stdin.buffer.read())):
    print(hashlib.sha256(unsealed.content).hexdigest(), unsealed.digest.hex(), unsealed.start, unsealed.end)
"""
MEASURE_GROWTH = """
import random
from receipts.writer import render
from tests.unit.receipts.odd_facts import odd_facts
from tests.unit.receipts.samples import HEAVY, USUAL
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096
chance = random.Random(7)
facts = [USUAL] * 38 + [HEAVY] + [odd_facts(chance)]
for _ in range(8):
    for each in facts: render(each, room=4096)
before = resident()
for _ in range(50):
    for each in facts: render(each, room=4096)
print(resident() - before)
"""


def told(unsealed: Unsealed) -> str:
    digest = hashlib.sha256(unsealed.content).hexdigest()
    return f"{digest} {unsealed.digest.hex()} {unsealed.start} {unsealed.end}"


def rendered(facts: ReceiptFacts) -> Unsealed:
    emblem = EMBLEM if facts.letterhead.emblem_sha256 else None
    return render(facts, room=BATCH.room, emblem=emblem, claims_conformity=True)


def test_the_same_facts_are_the_same_bytes_in_every_process_whatever_its_hash_seed() -> None:
    expected = [told(rendered(facts)) for facts in FACTS]

    for seed in ("0", "1", "4294967295"):
        child = subprocess.run(
            [sys.executable, "-c", PRINT_DIGESTS],
            input=pack_batch(BATCH),
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        )
        assert child.stdout.decode().splitlines() == expected
        assert child.stderr == b""


def test_the_same_facts_are_the_same_bytes_in_every_thread_and_in_any_order() -> None:
    expected = [rendered(facts) for facts in FACTS]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(rendered, FACTS * 6)) == expected * 6
        assert list(pool.map(rendered, FACTS[::-1] * 6)) == expected[::-1] * 6


def test_a_batch_is_what_each_receipt_is_alone() -> None:
    assert [*unpack_unsealed(render_batch(pack_batch(BATCH)))] == [rendered(facts) for facts in FACTS]


def test_the_digest_is_of_everything_but_the_room_for_the_seal() -> None:
    content, digest, start, end = rendered(USUAL)

    assert digest == hashlib.sha256(content[:start] + content[end:]).digest()
    assert content[start:end] == b"<" + b"0" * 2 * ROOM + b">"


def test_room_and_claim_change_nothing_that_is_read(tmp_path: Path) -> None:
    small, large = render(USUAL, room=100), render(USUAL, room=9000)

    assert [one.end - one.start for one in (small, large)] == [202, 18002]
    texts = {text_of(one.content, tmp_path) for one in (small, large, rendered(USUAL))}
    assert len(texts) == 1


@pytest.mark.parametrize("emblem", [None, b"", EMBLEM + b"x"])
def test_a_letterhead_is_not_printed_with_another_emblem(emblem: bytes | None) -> None:
    with pytest.raises(WrongEmblem):
        render(WITH_EMBLEM, room=ROOM, emblem=emblem)


def test_an_emblem_that_the_letterhead_does_not_name_is_not_printed() -> None:
    assert render(USUAL, room=ROOM, emblem=EMBLEM) == render(USUAL, room=ROOM)


def shown(pdf: bytes) -> bytes:
    """Return what the content streams of *pdf* show."""
    return b"".join(zlib.decompress(pdf[found.end() :][: int(found[1])]) for found in STREAM.finditer(pdf))


def test_no_facts_break_a_receipt_and_each_digest_can_be_read(tmp_path: Path) -> None:
    chance = random.Random(20260607)
    mono = typeface(Face.MONO)
    for place in range(MANY):
        facts = ReceiptFacts.from_bytes(odd_facts(chance).to_bytes())  # as they are frozen, so always printed
        pdf = render(facts, room=64).content
        content = shown(pdf)
        assert [file.sha256 for file in facts.files if mono.encode(file.sha256).encode() not in content] == [], facts
        if place in CHECKED:
            assert check(pdf) == [], facts
        if place in READ_BY_OTHERS:
            text = text_of(pdf, tmp_path)
            assert [file.sha256 for file in facts.files if file.sha256 not in text] == [], facts


def test_memory_does_not_grow() -> None:
    child = subprocess.run([sys.executable, "-c", MEASURE_GROWTH], capture_output=True, text=True, check=True)

    assert int(child.stdout) < 1_000_000


def test_other_facts_are_another_file() -> None:
    one, other = rendered(USUAL).content, rendered(replace(USUAL, subject="Otro asunto")).content

    identifiers = [re.findall(rb"/ID\[<(.*?)><(.*?)>\]", pdf)[0] for pdf in (one, other)]
    assert identifiers[0][0] == identifiers[0][1]
    assert identifiers[0] != identifiers[1]
