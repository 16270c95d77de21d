"""A receipt says on whose paper, with whose seal and when it was issued, and keeps saying so."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pikepdf
from jsonschema import Draft202012Validator
from PIL import Image

import rules
from actions.sealing import read_receipt
from models.receipts import Receipt
from rules.receipts import LAYOUT, Letterhead, ReceiptFacts

if TYPE_CHECKING:
    from tests.counter import Counter

SCHEMA = json.loads((Path(rules.__file__).parent / "receipt-facts.schema.json").read_text("utf-8"))


def png() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (20, 30), "#00563f").save(target, "PNG")
    return target.getvalue()


async def file_one(counter: Counter) -> Receipt:
    return await Receipt.get(tramite_id=(await counter.file(await counter.register())).id)


async def test_the_facts_name_issue_paper_and_seal(counter: Counter) -> None:
    letterhead = Letterhead(accent="#00563f", mark="CUSCO")
    institution = replace(counter.tools.institution, ruc="20131370645", letterhead=letterhead)
    counter.tools = replace(counter.tools, institution=institution)

    receipt = await file_one(counter)

    facts = ReceiptFacts.from_json(receipt.facts)
    assert (facts.layout, facts.issued_at) == (LAYOUT, counter.clock.at)
    assert (facts.entity_ruc, facts.letterhead) == ("20131370645", letterhead)
    assert facts.seal == counter.tools.seal.facts
    assert facts.log_head is None
    Draft202012Validator(SCHEMA).validate(receipt.facts)


async def test_a_receipt_keeps_the_emblem_of_the_day_on_which_it_was_issued(counter: Counter) -> None:
    emblem = hashlib.sha256(png()).hexdigest()
    usual = counter.tools.institution
    await counter.tools.store.put_bytes(png())
    institution = replace(usual, letterhead=Letterhead(emblem_sha256=emblem))
    counter.tools = replace(counter.tools, institution=institution)
    receipt = await file_one(counter)

    counter.tools = replace(counter.tools, institution=usual)
    content = await read_receipt(counter.tools, receipt)

    assert ReceiptFacts.from_json(receipt.facts).letterhead.emblem_sha256 == emblem
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert list(pdf.pages[0].get_images()) == ["/E"]
