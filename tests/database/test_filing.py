"""Filing: what is acknowledged is recorded once, whole, with its number, date, receipt and notice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from actions import filing, filing_forms, uploads
from actions.attachments import SameUploadTwice
from actions.client_keys import KeyReused
from models.catalogue import Office
from models.files import Upload
from models.people import ClientKey, User
from models.receipts import Notice, Receipt
from models.register import Entry, NumberSeries
from models.tramites import Attachment, Tramite
from rules.catalogue import AttachmentRole
from rules.chain import Chain, genesis, link
from rules.files import FileKindNotAllowed, FileTooLarge, TooManyAnnexes
from rules.lifecycle import TramiteStatus
from rules.notices import NoticeKind, NoticeState
from rules.receipts import ReceiptFacts
from rules.refusals import InvalidInput
from rules.register import Act
from tests.counter import PDF

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeAlias

    from rules.refusals import Refusal
    from tests.counter import Counter

    Change: TypeAlias = Callable[[Counter], Awaitable[None]]


async def assert_nothing_filed() -> None:
    assert await Tramite.all().count() == 0
    assert await Receipt.all().count() == 0
    assert await Notice.filter(kind=NoticeKind.SUBMISSION_RECEIPT).count() == 0
    assert await Entry.filter(act=Act.FILED).count() == 0
    assert await NumberSeries.all().count() == 0
    assert await ClientKey.all().count() == 0
    assert await Upload.filter(used_at__isnull=False).count() == 0


async def test_a_filing_gets_number_date_files_receipt_notice_and_entry(counter: Counter) -> None:
    maria = await counter.register()
    main = await counter.upload(maria, name="Solicitud de copia.pdf")
    annex = await counter.upload(maria, name="foto.png", data=b"\x89PNG\r\n\x1a\n" + bytes(10))

    tramite = await counter.file(maria, main_upload=main.id, annex_uploads=(annex.id,))

    assert tramite.number.startswith("MPD-2026-000001-")
    assert (tramite.status, tramite.filed_on) == (TramiteStatus.PENDING, date(2026, 3, 9))
    files = await Attachment.filter(tramite_id=tramite.id).order_by("position")
    assert [(file.role, file.name, file.content_id) for file in files] == [
        (AttachmentRole.MAIN, "Solicitud de copia.pdf", main.content_id),
        (AttachmentRole.ANNEX, "foto.png", annex.content_id),
    ]
    receipt = await Receipt.get(tramite_id=tramite.id)
    facts = ReceiptFacts.from_json(receipt.facts)
    assert (facts.number, facts.sent_at, [file.sha256 for file in facts.files]) == (
        tramite.number,
        counter.clock.at,
        [main.content_id, annex.content_id],
    )
    notice = await Notice.get(tramite_id=tramite.id)
    assert (notice.kind, notice.state, notice.address) == (
        NoticeKind.SUBMISSION_RECEIPT,
        NoticeState.PENDING,
        tramite.contact_email,
    )
    entry = await Entry.get(tramite_id=tramite.id)
    assert (entry.act, entry.from_status, entry.to_status, entry.actor_id) == (
        Act.FILED,
        None,
        TramiteStatus.PENDING,
        maria.user_id,
    )


async def test_the_register_is_one_chain_in_commit_order(counter: Counter) -> None:
    maria = await counter.register()
    forms = [await counter.form(maria) for _ in range(12)]

    await asyncio.gather(*(filing.file_tramite(counter.tools, maria, form) for form in forms))

    entries = await Entry.all().order_by("sequence")
    assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
    previous = genesis(Chain.ACTS)
    for entry in entries:
        assert bytes(entry.previous_hash) == previous
        assert bytes(entry.hash) == link(previous, sequence=entry.sequence, record=entry.record)
        previous = bytes(entry.hash)


async def test_numbers_have_no_gaps_and_follow_the_entries(counter: Counter) -> None:
    maria = await counter.register()
    good = [await counter.form(maria) for _ in range(8)]
    bad = [await counter.form(maria, main_upload=uuid4()) for _ in range(4)]

    await asyncio.gather(
        *(filing.file_tramite(counter.tools, maria, form) for form in good + bad), return_exceptions=True
    )

    entries = await Entry.filter(act=Act.FILED).order_by("sequence")
    assert [entry.detail["number"][9:15] for entry in entries] == [f"{serial:06d}" for serial in range(1, 9)]


async def test_the_series_begins_anew_with_the_year_in_lima(counter: Counter) -> None:
    maria = await counter.register()
    counter.clock.at = datetime(2027, 1, 1, 4, 59, tzinfo=UTC)
    maria = await counter.register()
    last = await counter.file(maria)
    counter.clock.advance(minutes=2)

    first = await counter.file(maria)

    assert last.number.startswith("MPD-2026-000001-")
    assert first.number.startswith("MPD-2027-000001-")


@pytest.mark.parametrize("again_after_days", [0, 29])
async def test_the_same_key_gives_the_same_answer(counter: Counter, again_after_days: int) -> None:
    maria = await counter.register()
    form = await counter.form(maria)
    first = await filing.file_tramite(counter.tools, maria, form)
    counter.clock.advance(days=again_after_days)

    again = await filing.file_tramite(counter.tools, maria, form)

    assert (again.id, again.number, again.filed_on) == (first.id, first.number, first.filed_on)
    assert await Tramite.all().count() == 1


async def test_the_same_key_at_once_files_once(counter: Counter) -> None:
    maria = await counter.register()
    form = await counter.form(maria)

    answers = await asyncio.gather(*(filing.file_tramite(counter.tools, maria, form) for _ in range(6)))

    assert len({answer.number for answer in answers}) == 1
    assert await Tramite.all().count() == 1
    assert await Notice.filter(kind=NoticeKind.SUBMISSION_RECEIPT).count() == 1


async def test_the_same_key_with_the_files_sent_again_gives_the_same_answer(counter: Counter) -> None:
    maria = await counter.register()
    first, again = await counter.upload(maria), await counter.upload(maria)
    form = await counter.form(maria, main_upload=first.id)
    filed = await filing.file_tramite(counter.tools, maria, form)

    answer = await filing.file_tramite(counter.tools, maria, replace(form, main_upload=again.id))

    assert answer.number == filed.number
    assert await Tramite.all().count() == 1


async def another_policy(counter: Counter) -> None:
    changed = replace(counter.tools.institution, privacy_policy_version="2026-2")
    object.__setattr__(counter.tools, "institution", changed)


async def another_address(_counter: Counter) -> None:
    await User.all().update(email_verified_at=None)


async def another_office(_counter: Counter) -> None:
    await Office.filter(code="SEDE-CENTRAL").update(code="SEDE")


CHANGES = [
    pytest.param(another_policy, filing_forms.PrivacyPolicyNotAccepted, id="policy"),
    pytest.param(another_address, filing.EmailNotVerified, id="address"),
    pytest.param(another_office, filing_forms.UnknownOffice, id="office"),
]


@pytest.mark.parametrize(("change", "refused"), CHANGES)
async def test_what_was_acknowledged_is_answered_alike_though_it_would_be_refused_now(
    counter: Counter, change: Change, refused: type[Refusal]
) -> None:
    maria, jose = await counter.register(), await counter.register()
    form, hers = await counter.form(maria), await counter.upload(maria)
    first = await filing.file_tramite(counter.tools, maria, form)
    await change(counter)

    again = await filing.file_tramite(counter.tools, maria, form)

    assert (again.id, again.number) == (first.id, first.number)
    for asks, asked in (
        (maria, replace(form, client_key=uuid4())),
        (maria, replace(form, main_upload=hers.id)),
        (maria, replace(form, folios=4)),
        (maria, replace(form, organization_ruc="20131312955", organization_name="SUNAT \ud800")),
        (jose, form),
    ):
        with pytest.raises((refused, InvalidInput)):
            await filing.file_tramite(counter.tools, asks, asked)
    counter.clock.advance(days=30)
    with pytest.raises(refused):
        await filing.file_tramite(counter.tools, maria, form)
    assert await Tramite.all().count() == 1


@pytest.mark.parametrize("other", [{"name": "otro.pdf"}, {"data": PDF + b"x"}])
async def test_the_same_key_with_another_file_is_refused(counter: Counter, other: dict[str, Any]) -> None:
    maria = await counter.register()
    form = await counter.form(maria, main_upload=(await counter.upload(maria)).id)
    await filing.file_tramite(counter.tools, maria, form)
    second = await counter.upload(maria, **other)

    with pytest.raises(KeyReused):
        await filing.file_tramite(counter.tools, maria, replace(form, main_upload=second.id))

    assert await Tramite.all().count() == 1


async def test_a_key_with_other_content_is_refused_and_files_nothing(counter: Counter) -> None:
    maria = await counter.register()
    form = await counter.form(maria)
    await filing.file_tramite(counter.tools, maria, form)

    with pytest.raises(KeyReused):
        await filing.file_tramite(
            counter.tools, maria, await counter.form(maria, client_key=form.client_key, subject="Otro asunto")
        )

    assert await Tramite.all().count() == 1


async def test_a_key_belongs_to_one_person(counter: Counter) -> None:
    maria, jose = await counter.register(), await counter.register()
    key = uuid4()

    first = await counter.file(maria, client_key=key)
    second = await counter.file(jose, client_key=key)

    assert first.number != second.number


async def test_a_key_is_free_again_after_thirty_days(counter: Counter) -> None:
    maria = await counter.register()
    key = uuid4()
    first = await counter.file(maria, client_key=key)
    counter.clock.advance(days=30, seconds=1)

    second = await counter.file(maria, client_key=key)

    assert second.number != first.number


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"office_code": "LUNA"}, ("officeCode",), "OFFICE_UNKNOWN"),
        ({"subject": "  "}, ("subject",), "TEXT_MISSING"),
        ({"subject": "a" * 301}, ("subject",), "TEXT_TOO_LONG"),
        ({"subject": "nulo \0"}, ("subject",), "TEXT_UNREADABLE"),
        ({"document_number": "1" * 101}, ("documentNumber",), "TEXT_TOO_LONG"),
        ({"folios": 0}, ("folios",), "INVALID_FOLIOS"),
        ({"folios": 100_000}, ("folios",), "INVALID_FOLIOS"),
        ({"organization_ruc": "20131312956", "organization_name": "SUNAT"}, ("organizationRuc",), "INVALID_RUC"),
        ({"organization_ruc": "20131312955"}, ("organizationName",), "TEXT_MISSING"),
        ({"organization_name": "SUNAT"}, ("organizationRuc",), "INVALID_RUC"),
        ({"contact_email": "maria@"}, ("contactEmail",), "INVALID_EMAIL"),
        ({"contact_mobile": "12"}, ("contactMobile",), "INVALID_MOBILE"),
        ({"accepted_privacy_policy": "1999-1"}, ("acceptedPrivacyPolicy",), "PRIVACY_POLICY_NOT_ACCEPTED"),
        ({"annex_uploads": tuple(uuid4() for _ in range(6))}, ("annexUploads",), TooManyAnnexes.code),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_filed(
    counter: Counter, changes: dict[str, object], path: tuple[str, ...], code: str
) -> None:
    maria = await counter.register()

    with pytest.raises(InvalidInput) as refused:
        await counter.file(maria, **changes)

    assert (refused.value.path, refused.value.code) == (path, code)
    await assert_nothing_filed()


async def test_all_wrong_fields_are_told_at_once(counter: Counter) -> None:
    maria = await counter.register()

    with pytest.raises(InvalidInput) as refused:
        await counter.file(maria, subject="", folios=0, office_code="LUNA")

    told = [refused.value, *refused.value.others]
    assert {refusal.path for refusal in told} == {("subject",), ("folios",), ("officeCode",)}


async def test_the_main_document_must_be_a_pdf_of_up_to_20_mb(counter: Counter) -> None:
    maria = await counter.register()
    picture = await counter.upload(maria, name="foto.png")
    large = await uploads.open_upload(counter.tools, maria, name="grande.pdf", size_bytes=20 * 2**20 + 1)
    await counter.complete(large, PDF)

    with pytest.raises(FileKindNotAllowed) as not_a_pdf:
        await counter.file(maria, main_upload=picture.id)
    with pytest.raises(FileTooLarge) as too_large:
        await counter.file(maria, main_upload=large.id)

    assert not_a_pdf.value.path == too_large.value.path == ("mainUpload",)
    await assert_nothing_filed()


async def test_only_the_first_annex_may_have_30_mb(counter: Counter) -> None:
    maria = await counter.register()
    annexes = [
        await uploads.open_upload(counter.tools, maria, name=f"{name}.zip", size_bytes=6 * 2**20) for name in "ab"
    ]
    for annex in annexes:
        await counter.complete(annex, annex.name.encode())

    with pytest.raises(FileTooLarge) as refused:
        await counter.file(maria, annex_uploads=tuple(annex.id for annex in annexes))

    assert refused.value.path == ("annexUploads", "1")
    await assert_nothing_filed()


async def test_a_file_that_has_not_arrived_is_named(counter: Counter) -> None:
    maria = await counter.register()
    announced = await uploads.open_upload(counter.tools, maria, name="anexo.pdf", size_bytes=10)

    with pytest.raises(uploads.UploadIncomplete) as refused:
        await counter.file(maria, annex_uploads=(announced.id,))

    assert refused.value.path == ("annexUploads", "0")
    await assert_nothing_filed()


async def test_somebody_elses_upload_does_not_exist(counter: Counter) -> None:
    maria, jose = await counter.register(), await counter.register()
    hers = await counter.upload(maria)

    with pytest.raises(uploads.NoSuchUpload) as refused:
        await counter.file(jose, main_upload=hers.id)

    assert refused.value.path == ("mainUpload",)
    await assert_nothing_filed()


async def test_an_upload_is_filed_once(counter: Counter) -> None:
    maria = await counter.register()
    main = await counter.upload(maria)
    await counter.file(maria, main_upload=main.id)

    with pytest.raises(uploads.NoSuchUpload):
        await counter.file(maria, main_upload=main.id)

    assert await Tramite.all().count() == 1


async def test_one_upload_in_two_places_is_refused(counter: Counter) -> None:
    maria = await counter.register()
    main = await counter.upload(maria)

    with pytest.raises(SameUploadTwice):
        await counter.file(maria, main_upload=main.id, annex_uploads=(main.id,))

    await assert_nothing_filed()


async def test_sent_on_a_saturday_is_filed_on_monday_and_says_why(counter: Counter) -> None:
    counter.clock.at = datetime(2026, 6, 6, 15, 0, tzinfo=UTC)
    maria = await counter.register()

    tramite = await counter.file(maria)

    assert tramite.filed_on == date(2026, 6, 8)
    assert [skipped["day"] for skipped in tramite.filing_rule["skipped"]] == ["2026-06-06", "2026-06-07"]
