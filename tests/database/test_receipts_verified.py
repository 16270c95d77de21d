"""What the counter issues, keeps, logs and publishes passes the offline check, with nothing but what it hands out."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from actions.applicant import void_tramite
from actions.receipt_heads import publish_heads
from actions.sealing import read_receipt, seal_outstanding
from mesadepartes.receipt_check import Evidence, check_receipt
from mesadepartes.receipt_findings import Check, Outcome
from models.receipts import Receipt
from rules.receipt_proofs import ReceiptProof
from tests.api import Api

if TYPE_CHECKING:
    from mesadepartes.receipt_findings import Finding
    from tests.counter import Counter

MONDAY = datetime(2026, 3, 9, 15, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 10, 5, 10, tzinfo=UTC)


async def some_days(counter: Counter) -> list[Receipt]:
    """File on three days, and void something on the last; seal, and close each."""
    maria = await counter.register()
    for number, count in enumerate((3, 2, 1)):
        counter.clock.at = MONDAY + timedelta(days=number)
        filed = [await counter.file(maria) for _ in range(count)]
        await seal_outstanding(counter.tools)
        if number == 2:
            await void_tramite(counter.tools, maria, filed[0].id)
            await seal_outstanding(counter.tools)
        counter.clock.at = MIDNIGHT + timedelta(days=number)
        assert await publish_heads(counter.tools) == 1
    return await Receipt.all().order_by("log_index")


async def evidence_of(api: Api, counter: Counter, receipt: Receipt) -> Evidence:
    """Return what anybody downloads."""
    proof = await api.http.get(f"/verificar/{receipt.verification_code}/prueba.json")
    heads = await api.http.get("/constancias/cabezas/2026.json")
    certificate = await api.http.get("/constancias/certificado.pem")
    return Evidence(
        receipt=await read_receipt(counter.tools, receipt),
        proof=proof.content,
        heads=(heads.content,),
        certificates=(certificate.content,),
    )


async def test_every_receipt_passes_with_what_is_handed_out(api: Api, counter: Counter) -> None:
    receipts = await some_days(counter)

    assert len(receipts) == 7
    for receipt in receipts:
        found = await in_thread(await evidence_of(api, counter, receipt))
        without_day = {Check.CERTIFICATE, Check.TIME_STAMPS}
        first = receipt.log_index is not None and receipt.log_index < 3
        expected = without_day | ({Check.PRINTED_HEAD} if first else set())
        assert {each.check for each in found if each.outcome is Outcome.UNCHECKED} == expected
        assert {each.check for each in found if each.outcome is Outcome.FAULT} == set()


async def test_receipt_of_another_has_not_this_proof(api: Api, counter: Counter) -> None:
    first, second, *_ = await some_days(counter)
    evidence = await evidence_of(api, counter, first)
    other = await read_receipt(counter.tools, second)

    found = await in_thread(Evidence(other, evidence.proof, evidence.heads, evidence.certificates))

    assert [each.check for each in found if each.outcome is Outcome.FAULT] == [Check.ENTRY]
    assert evidence.proof is not None
    assert ReceiptProof.from_bytes(evidence.proof).sha256 != hashlib.sha256(other).digest()


async def in_thread(evidence: Evidence) -> list[Finding]:
    """Return what is found; as in a process of its own, outside the event loop."""
    return await asyncio.to_thread(check_receipt, evidence)
