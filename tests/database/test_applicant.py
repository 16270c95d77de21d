"""What applicants do: their own trámite, in the right state, in time; and a refusal changes and tells nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from actions import applicant, corrections, notices, tramites, uploads
from actions.applicant import MainData
from actions.attachments import SameUploadTwice
from actions.client_keys import KeyReused
from actions.corrections import CorrectedAnnex, Correction
from delivery.letters import enclosure_of, letter_of
from delivery.messages import compose
from models.files import Upload
from models.people import ClientKey
from models.receipts import Notice, Receipt
from models.register import Entry, NumberSeries
from models.tramites import Attachment, Tramite
from reading.access import NoSuchTramite
from reading.filters import Filter
from reading.finding import Slice, find_tramites
from receipts.facts import ReceiptFacts
from rules.access import NotTheApplicant, Role
from rules.catalogue import DocumentKind, ReceiptKind
from rules.corrections import CorrectionLate
from rules.files import LARGEST_BYTES, FileTooLarge
from rules.lifecycle import TramiteStatus
from rules.notices import NoticeKind, NoticeState
from rules.orders import TramiteOrder
from rules.refusals import InvalidInput, Refusal, WrongStep
from rules.register import Act
from tests.counter import INSTITUTION, PDF

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path
    from uuid import UUID

    from reading.access import Viewer
    from tests.counter import Counter

    Deed = Callable[[Counter, Viewer, UUID], Awaitable[Tramite]]

MEGABYTE = 2**20
PNG = b"\x89PNG\r\n\x1a\n"


def main_data(**changes: Any) -> MainData:
    same = MainData(
        office_code="SEDE-CENTRAL",
        document_kind=DocumentKind.APPLICATION,
        document_number="SN",
        subject="Solicito copia de mi expediente",
        folios=3,
    )
    return replace(same, **changes)


async def update(counter: Counter, viewer: Viewer, tramite_id: UUID, **changes: Any) -> Tramite:
    form = main_data(**{"subject": "Solicito copia certificada", **changes})
    return await applicant.update_tramite(counter.tools, viewer, tramite_id, form)


async def void(counter: Counter, viewer: Viewer, tramite_id: UUID) -> Tramite:
    return await applicant.void_tramite(counter.tools, viewer, tramite_id)


async def correct(counter: Counter, viewer: Viewer, tramite_id: UUID, **changes: Any) -> Tramite:
    form = replace(Correction(client_key=uuid4(), text="Ya está firmada."), **changes)
    return await corrections.correct_tramite(counter.tools, viewer, tramite_id, form)


DEEDS: dict[str, Deed] = {"update": update, "void": void, "correct": correct}


async def observe(counter: Counter, tramite: Tramite) -> None:
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    await tramites.observe_tramite(counter.tools, clerk, tramite.id, text="Falta firmar la solicitud.")


async def resolve(counter: Counter, tramite: Tramite) -> None:
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    await tramites.resolve_tramite(counter.tools, clerk, tramite.id, text="Se entregó la copia.")


async def large_upload(counter: Counter, viewer: Viewer, *, name: str, size_bytes: int) -> Upload:
    upload = await uploads.open_upload(counter.tools, viewer, name=name, size_bytes=size_bytes)
    return await uploads.complete_upload(counter.tools, upload, await counter.tools.store.put_bytes(uuid4().bytes))


async def everything() -> tuple[object, ...]:
    return (
        await Tramite.all().order_by("id").values(),
        await Attachment.all().order_by("id").values(),
        await Receipt.all().count(),
        await Notice.all().count(),
        await Entry.all().count(),
        await NumberSeries.all().values(),
        await ClientKey.all().count(),
        await Upload.filter(used_at__isnull=False).count(),
    )


async def detail_of(tramite: Tramite, act: Act) -> dict[str, Any]:
    return (await Entry.get(tramite_id=tramite.id, act=act)).detail


# Who may, and from which state


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize(
    ("role", "office", "refusal"),
    [
        (Role.APPLICANT, None, NoSuchTramite),
        (Role.CLERK, None, NoSuchTramite),
        (Role.CLERK, "CUSCO", NoSuchTramite),
        (Role.CLERK, "SEDE-CENTRAL", NotTheApplicant),
        (Role.SUPERVISOR, "CUSCO", NotTheApplicant),
        (Role.SUPERVISOR, "SEDE-CENTRAL", NotTheApplicant),
        (Role.AUDITOR, None, NotTheApplicant),
        (Role.ADMINISTRATOR, "SEDE-CENTRAL", NoSuchTramite),
    ],
)
@pytest.mark.parametrize("is_observed", [False, True])
async def test_others_may_not_and_nothing_changes(
    counter: Counter, deed: str, role: Role, office: str | None, refusal: type[Refusal], is_observed: bool
) -> None:
    maria = await counter.register()
    other = await counter.register(role=role, office=office)
    tramite = await counter.file(maria)
    if is_observed:
        await observe(counter, tramite)
    before = await everything()

    with pytest.raises(refusal):
        await DEEDS[deed](counter, other, tramite.id)

    assert await everything() == before


@pytest.mark.parametrize("deed", DEEDS)
async def test_a_tramite_that_is_not_there_is_answered_like_somebody_elses(counter: Counter, deed: str) -> None:
    maria = await counter.register()

    with pytest.raises(NoSuchTramite):
        await DEEDS[deed](counter, maria, uuid4())


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSTEM])
async def test_staff_are_applicants_of_their_own_tramites(counter: Counter, role: Role) -> None:
    viewer = await counter.register(role=role, office=None if role is Role.APPLICANT else "SEDE-CENTRAL")
    tramite = await counter.file(viewer)

    await update(counter, viewer, tramite.id)
    await observe(counter, tramite)
    await correct(counter, viewer, tramite.id)
    voided = await void(counter, viewer, tramite.id)

    assert voided.status is TramiteStatus.VOIDED
    own = await Entry.filter(tramite_id=tramite.id, actor_id=viewer.user_id)
    assert {entry.role for entry in own} == {Role.APPLICANT}


async def _leave_pending(_counter: Counter, _maria: Viewer, _tramite: Tramite) -> None:
    return


async def _observe(counter: Counter, _maria: Viewer, tramite: Tramite) -> None:
    await observe(counter, tramite)


async def _refer(counter: Counter, _maria: Viewer, tramite: Tramite) -> None:
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    await tramites.refer_tramite(counter.tools, clerk, tramite.id, office_code="CUSCO", text=None)


async def _resolve(counter: Counter, _maria: Viewer, tramite: Tramite) -> None:
    await resolve(counter, tramite)


async def _void(counter: Counter, maria: Viewer, tramite: Tramite) -> None:
    await void(counter, maria, tramite.id)


STATES = {"pending": _leave_pending, "observed": _observe, "referred": _refer, "resolved": _resolve, "voided": _void}
OPEN = {("pending", "update"), ("pending", "void"), ("observed", "correct"), ("voided", "void")}
"""A voided trámite may be voided: it is answered as it is."""


@pytest.mark.parametrize(
    ("state", "deed"), [(state, deed) for state in STATES for deed in DEEDS if (state, deed) not in OPEN]
)
async def test_a_step_that_is_not_open_is_refused_and_changes_nothing(counter: Counter, state: str, deed: str) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await STATES[state](counter, maria, tramite)
    before = await everything()

    with pytest.raises(WrongStep):
        await DEEDS[deed](counter, maria, tramite.id)

    assert await everything() == before


@pytest.mark.parametrize(("deed", "act", "refused"), [("void", Act.VOIDED, 0), ("correct", Act.CORRECTED, 1)])
async def test_of_two_at_once_one_is_done(counter: Counter, deed: str, act: Act, refused: int) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    if deed == "correct":
        await observe(counter, tramite)

    answers = await asyncio.gather(*(DEEDS[deed](counter, maria, tramite.id) for _ in range(2)), return_exceptions=True)

    assert [isinstance(answer, WrongStep) for answer in answers].count(True) == refused
    assert await Entry.filter(act=act).count() == 1
    assert await Notice.filter(kind=NoticeKind(act.value)).count() == 1
    assert await Receipt.all().count() == 2


async def test_of_a_voiding_and_an_answer_at_once_one_is_done(counter: Counter) -> None:
    maria = await counter.register()
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = await counter.file(maria)

    answers = await asyncio.gather(
        void(counter, maria, tramite.id),
        tramites.resolve_tramite(counter.tools, clerk, tramite.id, text="Se entregó la copia."),
        return_exceptions=True,
    )

    assert [isinstance(answer, WrongStep) for answer in answers].count(True) == 1
    assert await Entry.filter(act__in=[Act.VOIDED, Act.RESOLVED]).count() == 1


# Update


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
            "documentNumber": {"before": None, "after": "15-2026"},
            "subject": {"before": "Solicito copia de mi expediente", "after": "Solicito copia certificada"},
        },
        "contactChanged": ["contactMobile"],
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


# Void


async def test_a_voided_tramite_stays_as_a_tombstone_and_is_hidden(counter: Counter) -> None:
    maria = await counter.register()
    kept, voided = await counter.file(maria), await counter.file(maria)

    await void(counter, maria, voided.id)

    order, only_voided = TramiteOrder.SENT_LATEST_FIRST, Filter(statuses=(TramiteStatus.VOIDED,))
    listed = [each.number for each in (await find_tramites(maria, Filter(), Slice(), order)).tramites]
    asked = [each.number for each in (await find_tramites(maria, only_voided, Slice(), order)).tramites]
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
    enclosure = await enclosure_of(counter.tools, notice)
    assert enclosure is not None
    assert enclosure.name == f"constancia-de-anulacion-{tramite.number}.pdf"
    (tmp_path / "receipt.pdf").write_bytes(enclosure.content)
    text = pdf_text(tmp_path / "receipt.pdf")
    receipt = await Receipt.get(tramite_id=tramite.id, kind=ReceiptKind.VOIDING)
    main = await Attachment.get(tramite_id=tramite.id, position=0)
    for printed in (
        "Constancia de anulación",
        "10/03/2026 08:30:05",
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


# Correct


async def test_a_correction_adds_a_version_and_overwrites_nothing(counter: Counter) -> None:
    maria = await counter.register()
    old = [await counter.upload(maria, name=f"{name}.png", data=PNG + name.encode()) for name in "ab"]
    tramite = await counter.file(maria, annex_uploads=tuple(each.id for each in old))
    before = await Attachment.all().order_by("position").values()
    await observe(counter, tramite)
    counter.clock.advance(days=1)
    main = await counter.upload(maria, name="firmada.pdf", data=PDF + b"signed")
    replacing = await counter.upload(maria, name="b nueva.png", data=PNG + b"B")
    further = await counter.upload(maria, name="c.png", data=PNG + b"c")

    corrected = await correct(
        counter,
        maria,
        tramite.id,
        main_upload=main.id,
        annexes=(CorrectedAnnex(further.id), CorrectedAnnex(replacing.id, replaces=2)),
    )

    assert (corrected.status, corrected.filed_on) == (TramiteStatus.PENDING, tramite.filed_on)
    assert await Attachment.filter(version=1).order_by("position").values() == before
    added = await Attachment.filter(version=2).order_by("position")
    assert [(file.position, file.name, file.content_id) for file in added] == [
        (0, "firmada.pdf", main.content_id),
        (2, "b nueva.png", replacing.content_id),
        (3, "c.png", further.content_id),
    ]
    entry = await Entry.get(act=Act.CORRECTED)
    assert (entry.from_status, entry.to_status, entry.text, entry.at) == (
        TramiteStatus.OBSERVED,
        TramiteStatus.PENDING,
        "Ya está firmada.",
        counter.clock.at,
    )
    received = [
        {"version": 2, "position": 0, "name": "firmada.pdf", "sha256": main.content_id},
        {"version": 2, "position": 3, "name": "c.png", "sha256": further.content_id},
        {"version": 2, "position": 2, "name": "b nueva.png", "sha256": replacing.content_id},
    ]
    assert entry.detail == {"version": 2, "filedOn": "2026-03-09", "files": received}


async def test_the_mail_tells_what_was_received_with_hashes(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    counter.clock.at = datetime(2026, 3, 11, 4, 59, 59, tzinfo=UTC)
    main = await counter.upload(maria, name="firmada.pdf", data=PDF + b"signed")

    await correct(counter, maria, tramite.id, main_upload=main.id)

    claimed = await notices.claim_notices(counter.tools, uuid4(), most=20)
    [letter] = [letter_of(notice) for notice in claimed if notice.kind is NoticeKind.CORRECTED]
    assert letter.lines["received_at"] == "10/03/2026 23:59:59"
    assert letter.paragraphs["files"] == f"firmada.pdf\n{main.content_id}"
    assert letter.paragraphs["correction"] == "Ya está firmada."


async def test_words_alone_are_a_correction_and_add_no_version(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)

    corrected = await correct(counter, maria, tramite.id)

    assert corrected.status is TramiteStatus.PENDING
    assert await Attachment.all().count() == 1
    assert await detail_of(tramite, Act.CORRECTED) == {"version": 2, "filedOn": "2026-03-09", "files": []}


@pytest.mark.parametrize(
    ("instant", "is_late"),
    [
        (datetime(2026, 7, 31, 4, 59, 58, tzinfo=UTC), False),
        (datetime(2026, 7, 31, 4, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 7, 31, 5, 0, 0, tzinfo=UTC), True),
    ],
)
async def test_the_last_day_ends_at_midnight_in_lima(counter: Counter, instant: datetime, is_late: bool) -> None:
    counter.clock.at = datetime(2026, 7, 24, 15, 0, tzinfo=UTC)
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    await counter.deliver()
    main = await counter.upload(maria)
    # An upload lives a day; this one was sent on the last.
    await Upload.filter(id=main.id).update(expires_at=datetime(2026, 8, 1, tzinfo=UTC))
    before = await everything()
    counter.clock.at = instant

    if is_late:
        with pytest.raises(CorrectionLate) as refused:
            await correct(counter, maria, tramite.id, main_upload=main.id)
        assert refused.value.message.startswith("El plazo para subsanar este trámite venció el 30/07/2026")
        assert await everything() == before
    else:
        corrected = await correct(counter, maria, tramite.id, main_upload=main.id)
        assert (corrected.status, corrected.filed_on) == (TramiteStatus.PENDING, date(2026, 7, 24))


async def test_the_same_key_corrects_once_also_when_asked_again_later(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    first, again = [await counter.upload(maria, data=PDF + b"signed") for _ in range(2)]
    key = uuid4()
    await correct(counter, maria, tramite.id, client_key=key, main_upload=first.id)
    await resolve(counter, tramite)
    before = await everything()
    counter.clock.advance(days=20)

    answer = await correct(counter, maria, tramite.id, client_key=key, main_upload=again.id)

    assert (answer.id, answer.status) == (tramite.id, TramiteStatus.RESOLVED)
    assert await everything() == before


async def test_the_same_key_at_once_corrects_once(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    main, key = await counter.upload(maria), uuid4()

    answers = await asyncio.gather(
        *(correct(counter, maria, tramite.id, client_key=key, main_upload=main.id) for _ in range(5))
    )

    assert {answer.status for answer in answers} == {TramiteStatus.PENDING}
    assert await Entry.filter(act=Act.CORRECTED).count() == 1
    assert await Attachment.filter(version=2).count() == 1


@pytest.mark.parametrize("other", [{"text": "Otra cosa."}, {"text": None, "main_upload": True}])
async def test_a_key_with_other_content_is_refused(counter: Counter, other: dict[str, Any]) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    key = uuid4()
    await correct(counter, maria, tramite.id, client_key=key)
    if "main_upload" in other:
        other = {**other, "main_upload": (await counter.upload(maria)).id}
    before = await everything()

    with pytest.raises(KeyReused):
        await correct(counter, maria, tramite.id, client_key=key, **other)

    assert await everything() == before


async def test_the_key_of_a_filing_does_not_correct(counter: Counter) -> None:
    maria = await counter.register()
    key = uuid4()
    tramite = await counter.file(maria, client_key=key)
    await observe(counter, tramite)

    with pytest.raises(KeyReused):
        await correct(counter, maria, tramite.id, client_key=key)

    assert (await Tramite.get(id=tramite.id)).status is TramiteStatus.OBSERVED


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"text": "x" * 4001}, ("text",), "TEXT_TOO_LONG"),
        ({"text": "nulo \0"}, ("text",), "TEXT_UNREADABLE"),
        ({"text": None}, ("text",), "CORRECTION_EMPTY"),
        ({"text": " \n "}, ("text",), "CORRECTION_EMPTY"),
        ({"annexes": tuple(CorrectedAnnex(uuid4()) for _ in range(6))}, ("annexes",), "TOO_MANY_ANNEXES"),
        ({"annexes": (CorrectedAnnex(uuid4(), replaces=1),)}, ("annexes", "0", "replaces"), "ANNEX_NOT_FOUND"),
        ({"annexes": (CorrectedAnnex(uuid4(), replaces=0),)}, ("annexes", "0", "replaces"), "ANNEX_NOT_FOUND"),
        ({"main_upload": uuid4()}, ("mainUpload",), "UPLOAD_NOT_FOUND"),
        ({"annexes": (CorrectedAnnex(uuid4()),)}, ("annexes", "0", "upload"), "UPLOAD_NOT_FOUND"),
    ],
)
async def test_a_wrong_field_of_a_correction_is_named_and_nothing_changes(
    counter: Counter, changes: dict[str, Any], path: tuple[str, ...], code: str
) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    before = await everything()

    with pytest.raises(Refusal) as refused:
        await correct(counter, maria, tramite.id, **changes)

    assert (refused.value.path, refused.value.code) == (path, code)
    assert await everything() == before


async def test_somebody_elses_upload_and_one_that_has_not_arrived_are_named(counter: Counter) -> None:
    maria, jose = await counter.register(), await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    his = await counter.upload(jose)
    announced = await uploads.open_upload(counter.tools, maria, name="anexo.pdf", size_bytes=10)
    before = await everything()

    with pytest.raises(uploads.NoSuchUpload) as not_hers:
        await correct(counter, maria, tramite.id, main_upload=his.id)
    with pytest.raises(uploads.UploadIncomplete) as not_whole:
        await correct(counter, maria, tramite.id, annexes=(CorrectedAnnex(announced.id),))

    assert (not_hers.value.path, not_whole.value.path) == (("mainUpload",), ("annexes", "0", "upload"))
    assert await everything() == before


async def test_one_upload_in_two_places_is_refused(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    main = await counter.upload(maria)
    before = await everything()

    with pytest.raises(SameUploadTwice) as refused:
        await correct(counter, maria, tramite.id, main_upload=main.id, annexes=(CorrectedAnnex(main.id),))

    assert refused.value.path == ("annexes",)
    assert await everything() == before


@pytest.mark.parametrize(
    ("place", "limit"), [("main", 20 * MEGABYTE), ("first annex", 30 * MEGABYTE), ("second annex", 5 * MEGABYTE)]
)
@pytest.mark.parametrize("beyond", [-1, 0, 1])
async def test_the_limits_of_size_hold_in_each_place(counter: Counter, place: str, limit: int, beyond: int) -> None:
    maria = await counter.register()
    annexes = (await counter.upload(maria, name="a.png", data=PNG)).id, (await counter.upload(maria)).id
    tramite = await counter.file(maria, annex_uploads=annexes)
    await observe(counter, tramite)
    if limit + beyond > LARGEST_BYTES:
        with pytest.raises(FileTooLarge):
            await large_upload(counter, maria, name="grande.pdf", size_bytes=limit + beyond)
        return
    upload = await large_upload(counter, maria, name="grande.pdf", size_bytes=limit + beyond)
    forms: dict[str, dict[str, Any]] = {
        "main": {"main_upload": upload.id},
        "first annex": {"annexes": (CorrectedAnnex(upload.id, replaces=1),)},
        "second annex": {"annexes": (CorrectedAnnex(upload.id, replaces=2),)},
    }
    before = await everything()

    if beyond <= 0:
        assert (await correct(counter, maria, tramite.id, **forms[place])).status is TramiteStatus.PENDING
    else:
        with pytest.raises(FileTooLarge) as refused:
            await correct(counter, maria, tramite.id, **forms[place])
        assert refused.value.path in (("mainUpload",), ("annexes", "0", "upload"))
        assert await everything() == before


@pytest.mark.parametrize(("before", "added", "is_refused"), [(4, 1, False), (3, 2, False), (5, 1, True), (0, 5, False)])
async def test_a_tramite_has_at_most_five_annexes_also_after_a_correction(
    counter: Counter, before: int, added: int, is_refused: bool
) -> None:
    maria = await counter.register()
    old = tuple([(await counter.upload(maria)).id for _ in range(before)])
    tramite = await counter.file(maria, annex_uploads=old)
    await observe(counter, tramite)
    new = tuple([CorrectedAnnex((await counter.upload(maria)).id) for _ in range(added)])

    if is_refused:
        with pytest.raises(InvalidInput) as refused:
            await correct(counter, maria, tramite.id, annexes=new)
        assert (refused.value.code, refused.value.path) == ("TOO_MANY_ANNEXES", ("annexes",))
        assert (await Tramite.get(id=tramite.id)).status is TramiteStatus.OBSERVED
    else:
        await correct(counter, maria, tramite.id, annexes=new)
        assert await Attachment.filter(position__gt=0).count() == before + added


@pytest.mark.parametrize("length", [3_999, 4_000])
async def test_a_long_text_up_to_its_limit_is_kept(counter: Counter, length: int) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)

    await correct(counter, maria, tramite.id, text="x" * length)

    assert len((await Entry.get(act=Act.CORRECTED)).text or "") == length


async def test_a_corrected_tramite_is_not_observed_again(counter: Counter) -> None:
    maria = await counter.register()
    tramite = await counter.file(maria)
    await observe(counter, tramite)
    await correct(counter, maria, tramite.id)

    with pytest.raises(WrongStep):
        await observe(counter, tramite)

    assert (await Tramite.get(id=tramite.id)).status is TramiteStatus.PENDING
