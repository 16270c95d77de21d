"""The voiding of a pending trámite by its applicant: its tombstone and its receipt."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from actions import notices
from actions.reception import receive_tramite
from delivery.letters import enclosure_of, receipt_with
from models.receipts import Receipt
from models.register import Entry
from models.tramites import Attachment, Tramite
from reading.filters import Filter
from reading.finding import Slice, find_tramites
from rules.access import Role
from rules.catalogue import ReceiptKind
from rules.lifecycle import TramiteStatus
from rules.notices import NoticeKind
from rules.orders import TramiteOrder
from rules.receipts import ReceiptFacts
from rules.register import Act
from rules.workdays import day_of
from tests.applicants import PNG, update, void

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path
    from uuid import UUID

    from reading.access import Viewer
    from tests.counter import Counter

    Deed = Callable[[Counter, Viewer, UUID], Awaitable[Tramite]]


async def test_a_voided_tramite_stays_as_a_tombstone_and_is_hidden(counter: Counter) -> None:
    maria = await counter.register()
    kept, voided = await counter.file(maria), await counter.file(maria)

    await void(counter, maria, voided.id)

    order, only_voided = TramiteOrder.SENT_LATEST_FIRST, Filter(statuses=(TramiteStatus.VOIDED,))
    listed = [
        each.number
        for each in (await find_tramites(maria, Filter(), Slice(), order, today=day_of(counter.clock()))).tramites
    ]
    asked = [
        each.number
        for each in (await find_tramites(maria, only_voided, Slice(), order, today=day_of(counter.clock()))).tramites
    ]
    assert (listed, asked) == ([kept.number], [voided.number])
    assert await Attachment.filter(tramite_id=voided.id).count() == 1
    assert await Entry.filter(tramite_id=voided.id).count() == 2


async def test_the_number_of_a_voided_tramite_is_not_used_again(counter: Counter) -> None:
    maria = await counter.register()
    first = await counter.file(maria)
    await void(counter, maria, first.id)

    second = await counter.file(maria)

    assert (first.number[9:15], second.number[9:15]) == ("000001", "000002")


async def test_the_constancia_de_anulacion_says_when_and_what(
    counter: Counter, tmp_path: Path, pdf_text: Callable[[Path], str]
) -> None:
    maria = await counter.register()
    annex = await counter.upload(maria, name="foto.png", data=PNG)
    tramite = await counter.file(maria, annex_uploads=(annex.id,))
    await update(counter, maria, tramite.id)
    counter.clock.at = datetime(2026, 3, 10, 13, 30, 5, tzinfo=UTC)

    await void(counter, maria, tramite.id)

    claimed = await notices.claim_notices(counter.tools, uuid4(), most=20)
    [notice] = [each for each in claimed if each.kind is NoticeKind.VOIDED]
    receipt = await receipt_with(notice)
    assert receipt is not None
    enclosure = await enclosure_of(counter.tools, receipt)
    assert enclosure.name == f"constancia-de-anulacion-{tramite.number}.pdf"
    (tmp_path / "receipt.pdf").write_bytes(enclosure.content)
    text = pdf_text(tmp_path / "receipt.pdf")
    main = await Attachment.get(tramite_id=tramite.id, position=0)
    for printed in (
        "Constancia de anulación",
        "ANULADO",
        "10/03/2026",
        "08:30:05",
        tramite.number,
        receipt.verification_code,
        "Solicito copia certificada",
        main.content_id,
        annex.content_id,
    ):
        assert printed is not None
        assert printed in text
    facts = ReceiptFacts.from_json(receipt.facts)
    assert (facts.acted_at, facts.status) == (counter.clock.at, TramiteStatus.VOIDED)
    assert (await Entry.get(act=Act.VOIDED)).at == counter.clock.at
    filed = await Receipt.get(tramite_id=tramite.id, kind=ReceiptKind.SUBMISSION)
    assert filed.verification_code != receipt.verification_code


async def test_what_the_desk_has_received_may_still_be_voided(counter: Counter) -> None:
    """Receiving judges nothing: the trámite is pending, and the manual lets its applicant void what is."""
    maria = await counter.register()
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    filed = await counter.file(maria)
    await receive_tramite(counter.tools, clerk, filed.id)

    voided = await void(counter, maria, filed.id)

    assert (voided.status, voided.received_at) == (TramiteStatus.VOIDED, counter.clock())
    assert [each.kind for each in await Receipt.all().order_by("issued_at", "kind")] == [
        ReceiptKind.SUBMISSION,
        ReceiptKind.VOIDING,
    ]
