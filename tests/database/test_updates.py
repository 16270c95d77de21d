"""The update of a pending trámite by its applicant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from actions import notices
from delivery.letters import letter_of
from delivery.messages import compose
from models.receipts import Notice, Receipt
from models.tramites import Tramite
from rules.lifecycle import TramiteStatus
from rules.notices import NoticeKind, NoticeState
from rules.refusals import InvalidInput
from rules.register import Act
from tests.applicants import detail_of, everything, update
from tests.counter import INSTITUTION

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from reading.access import Viewer
    from tests.counter import Counter

    Deed = Callable[[Counter, Viewer, UUID], Awaitable[Tramite]]


async def test_an_update_changes_the_main_data_and_records_before_and_after(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)

    await update(counter, maria, tramite.id, office_code="CUSCO", document_number="15-2026", contact_mobile="912345678")

    after = await Tramite.get(id=tramite.id).select_related("office")
    assert (after.office.code, after.document_number, after.subject, after.contact_mobile) == (
        "CUSCO",
        "15-2026",
        "Solicito copia certificada",
        "+51912345678",
    )
    assert (after.number, after.filed_on, after.status, after.contact_email) == (
        tramite.number,
        tramite.filed_on,
        TramiteStatus.PENDING,
        tramite.contact_email,
    )
    assert await detail_of(tramite, Act.UPDATED) == {
        "changes": {
            "officeCode": {"before": "SEDE-CENTRAL", "after": "CUSCO"},
        },
        "rewritten": ["documentNumber", "subject", "contactMobile"],
    }
    [notice] = await Notice.filter(kind=NoticeKind.UPDATED)
    assert (notice.address, notice.state) == (tramite.contact_email, NoticeState.PENDING)


async def test_an_update_to_what_is_already_so_records_and_tells_nothing(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    first = await update(counter, maria, tramite.id)
    before = await everything()

    again = await update(counter, maria, tramite.id)

    assert again.subject == first.subject
    assert await everything() == before


async def test_the_receipt_of_the_filing_and_its_mail_still_say_what_was_filed(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    certified = (await Receipt.get(tramite_id=tramite.id)).facts

    await update(counter, maria, tramite.id, office_code="CUSCO")

    assert (await Receipt.get(tramite_id=tramite.id)).facts == certified
    told = {notice.kind: letter_of(notice) for notice in await notices.claim_notices(counter.tools, uuid4(), most=20)}
    filed, updated = told[NoticeKind.SUBMISSION_RECEIPT], told[NoticeKind.UPDATED]
    assert (filed.lines["subject"], filed.lines["office"]) == ("Solicito copia de mi expediente", "Sede Central")
    assert updated.paragraphs["changes"] == (
        "Dirigido a: Oficina Regional Sur Oriente Cusco\nAsunto: Solicito copia certificada"
    )


async def test_an_address_that_is_left_behind_is_told_so_and_nothing_else(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)

    await update(counter, maria, tramite.id, contact_email="nueva@example.pe")

    claimed = await notices.claim_notices(counter.tools, uuid4(), most=20)
    told = {notice.kind: notice for notice in claimed}
    assert told[NoticeKind.UPDATED].address == "nueva@example.pe"
    left = told[NoticeKind.CONTACT_CHANGED]
    assert left.address == tramite.contact_email
    content = compose(letter_of(left), INSTITUTION).content
    assert tramite.number.encode() in content
    for hidden in (b"nueva", b"certificada", tramite.lookup_key.encode()):
        assert hidden not in content


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"office_code": "LUNA"}, ("officeCode",), "OFFICE_UNKNOWN"),
        ({"document_number": "1" * 101}, ("documentNumber",), "TEXT_TOO_LONG"),
        ({"subject": "  "}, ("subject",), "TEXT_MISSING"),
        ({"subject": "a" * 301}, ("subject",), "TEXT_TOO_LONG"),
        ({"subject": "nulo \0"}, ("subject",), "TEXT_UNREADABLE"),
        ({"folios": 0}, ("folios",), "INVALID_FOLIOS"),
        ({"folios": 100_000}, ("folios",), "INVALID_FOLIOS"),
        ({"contact_email": "maria@"}, ("contactEmail",), "INVALID_EMAIL"),
        ({"contact_email": ""}, ("contactEmail",), "INVALID_EMAIL"),
        ({"contact_mobile": "12"}, ("contactMobile",), "INVALID_MOBILE"),
    ],
)
async def test_a_wrong_field_of_an_update_is_named_and_nothing_changes(
    counter: Counter, changes: dict[str, object], path: tuple[str, ...], code: str
) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    before = await everything()

    with pytest.raises(InvalidInput) as refused:
        await update(counter, maria, tramite.id, **changes)

    assert (refused.value.path, refused.value.code) == (path, code)
    assert await everything() == before


async def test_all_wrong_fields_of_an_update_are_told_at_once(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)

    with pytest.raises(InvalidInput) as refused:
        await update(counter, maria, tramite.id, subject="", folios=0, office_code="LUNA", contact_mobile="1")

    told = [refused.value, *refused.value.others]
    assert {refusal.path for refusal in told} == {("subject",), ("folios",), ("officeCode",), ("contactMobile",)}


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "a" * 299},
        {"subject": "a" * 300},
        {"folios": 1},
        {"folios": 99_999},
        {"document_number": "1" * 100},
    ],
)
async def test_what_is_at_a_limit_is_taken(counter: Counter, changes: dict[str, Any]) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)

    await update(counter, maria, tramite.id, **changes)

    [after] = await Tramite.filter(id=tramite.id).values(*changes)
    assert after == changes
