"""The review of a filing: everything that is wrong or doubtful at once, and nothing is changed."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pikepdf
import pytest

from models.files import Content, Upload
from models.register import Entry
from models.tramites import Tramite
from rules.doubts import SeenFile, doubt_about_folios
from rules.files import PagesProblem
from rules.workdays import LIMA
from tests.api import filing, in_process, make_feed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database

REVIEW = """query($input: FilingInput!) { reviewFiling(input: $input) {
    isReady filedOnIfSentNow message rule { policy } skipped { day reason }
    problems { code message path } doubts { code message path } } }"""


@pytest.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    async with in_process(counter, make_feed(database)) as made:
        yield await made.signed_in(counter)


def pdf(pages: int, *, password: str = "") -> bytes:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    made = io.BytesIO()
    locked = pikepdf.Encryption(owner=password, user=password) if password else False
    document.save(made, encryption=locked)
    return made.getvalue() + uuid4().bytes


async def upload(counter: Counter, api: Api, data: bytes, name: str = "solicitud.pdf") -> str:
    return str((await counter.upload(api.viewer, name=name, data=data)).id)


def form(main: str | None, **changes: Any) -> dict[str, Any]:
    made = filing(main, **changes)
    del made["clientKey"]
    return {name: value for name, value in made.items() if value is not None}


async def review(api: Api, given: dict[str, Any]) -> dict[str, Any]:
    return (await api.data(REVIEW, input=given))["reviewFiling"]


def told(items: list[dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    return {item["code"]: tuple(item["path"][1:]) for item in items}


async def test_a_filing_that_is_in_order_is_ready_and_nothing_was_changed(counter: Counter, api: Api) -> None:
    given = form(await upload(counter, api, pdf(3)), documentNumber="12-2026")
    before = await Entry.all().count()

    reviewed = await review(api, given)

    assert reviewed["isReady"] is True
    assert (reviewed["problems"], reviewed["doubts"]) == ([], [])
    assert (reviewed["filedOnIfSentNow"], reviewed["rule"], reviewed["message"]) == (
        "2026-03-09",
        {"policy": "A"},
        None,
    )
    assert (await Tramite.all().count(), await Entry.all().count()) == (0, before)
    assert await Upload.filter(used_at__isnull=False).count() == 0


async def test_an_empty_form_is_told_all_that_it_lacks(api: Api) -> None:
    reviewed = await review(api, {})

    assert reviewed["isReady"] is False
    missing = {tuple(each["path"][1:]) for each in reviewed["problems"] if each["code"] == "FIELD_MISSING"}
    assert missing == {("officeCode",), ("documentKind",), ("folios",), ("mainUpload",)}
    assert told(reviewed["problems"])["PRIVACY_POLICY_NOT_ACCEPTED"] == ("acceptedPrivacyPolicy",)
    assert reviewed["filedOnIfSentNow"] is None
    sentences = [each["message"] for each in reviewed["problems"]]
    assert len(set(sentences)) == len(sentences), "each says what it is that is missing"


async def test_everything_that_is_wrong_is_told_at_once(counter: Counter, api: Api) -> None:
    late = str((await Upload.create(
        owner_id=api.viewer.user_id, name="anexo.pdf", size_bytes=10, created_at=counter.clock(),
        expires_at=counter.clock().replace(year=2027),
    )).id)  # fmt: skip
    given = form(
        await upload(counter, api, b"PK\x03\x04 no pdf", "anexo.zip"),
        officeCode="NADA",
        subject="",
        folios=0,
        organizationRuc="20131257751",
        organizationName="",
        contactEmail="nadie",
        annexUploads=[str(uuid4()), late],
    )

    found = {(each["code"], tuple(each["path"][1:])) for each in (await review(api, given))["problems"]}

    assert found == {
        ("OFFICE_UNKNOWN", ("officeCode",)),
        ("TEXT_MISSING", ("subject",)),
        ("TEXT_MISSING", ("organizationName",)),
        ("INVALID_FOLIOS", ("folios",)),
        ("INVALID_RUC", ("organizationRuc",)),
        ("INVALID_EMAIL", ("contactEmail",)),
        ("FILE_KIND_NOT_ALLOWED", ("mainUpload",)),
        ("UPLOAD_NOT_FOUND", ("annexUploads", "0")),
        ("UPLOAD_INCOMPLETE", ("annexUploads", "1")),
    }


async def test_a_review_tells_what_the_filing_would_refuse(counter: Counter, api: Api) -> None:
    main = await upload(counter, api, pdf(1))
    for changes in ({"annexUploads": [main]}, {"subject": "x" * 301}, {"annexUploads": [str(uuid4())]}):
        given = form(main, **changes)

        reviewed = await review(api, given)
        refused = await api.mutate("fileTramite", **given, clientKey=str(uuid4()))

        assert refused["code"] in told(reviewed["problems"])
        assert not reviewed["isReady"]


@pytest.mark.parametrize(
    ("pages", "folios", "is_doubtful"),
    [(4, 1, True), (4, 2, False), (4, 3, False), (4, 4, False), (4, 5, True), (1, 1, False), (1, 2, True)],
)
async def test_folios_that_cannot_hold_the_pages_are_doubtful(
    counter: Counter, api: Api, pages: int, folios: int, is_doubtful: bool
) -> None:
    given = form(await upload(counter, api, pdf(pages)), folios=folios, documentNumber="1")

    reviewed = await review(api, given)

    assert reviewed["isReady"] is True
    assert (told(reviewed["doubts"]) == {"FOLIOS_MISMATCH": ("folios",)}) is is_doubtful


def test_what_cannot_be_counted_may_hold_more_folios() -> None:
    counted, picture = SeenFile("a.pdf", (), 4, ()), SeenFile("b.png", (), None, ())

    assert doubt_about_folios(9, [counted, picture]) is None
    assert doubt_about_folios(1, [counted, picture]) is not None
    assert doubt_about_folios(1, [picture]) is None


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (pdf(2, password="clave"), PagesProblem.ENCRYPTED),
        (b"%PDF-1.7\nnothing of a document\n%%EOF\n", PagesProblem.DAMAGED),
        (pdf(0), PagesProblem.EMPTY),
    ],
)
async def test_a_pdf_that_nobody_can_read_is_doubtful_and_still_received(
    counter: Counter, api: Api, data: bytes, problem: PagesProblem
) -> None:
    given = form(await upload(counter, api, data), documentNumber="1")

    reviewed = await review(api, given)
    filed = await api.mutate(
        "fileTramite", "tramite { attachments { pages pagesProblem } }", **given, clientKey=str(uuid4())
    )

    assert told(reviewed["doubts"]) == {f"FILE_{problem}": ("mainUpload",)}
    assert filed["tramite"]["attachments"] == [{"pages": None, "pagesProblem": problem.value}]


async def test_pages_are_shown_and_printed_on_the_receipt(counter: Counter, api: Api) -> None:
    given = form(await upload(counter, api, pdf(7)), documentNumber="1")

    filed = await api.mutate(
        "fileTramite", "tramite { id attachments { pages pagesProblem } }", **given, clientKey=str(uuid4())
    )

    assert filed["tramite"]["attachments"] == [{"pages": 7, "pagesProblem": None}]
    tramite = await Tramite.get(id=filed["tramite"]["id"]).prefetch_related("receipts")
    [receipt] = tramite.receipts
    assert [file["pages"] for file in receipt.facts["files"]] == [7]


async def test_a_large_pdf_is_counted_within_the_jail(counter: Counter, api: Api) -> None:
    document = pikepdf.new()
    document.add_blank_page()
    document.attachments["ruido"] = pikepdf.AttachedFileSpec(
        document, b"".join(uuid4().bytes for _ in range(1_250_000))
    )
    made = io.BytesIO()
    document.save(made)

    await upload(counter, api, made.getvalue())

    content = await Content.get()
    assert content.size_bytes > 19_000_000
    assert (content.pages, content.pages_problem) == (1, None)


async def test_the_same_document_again_is_doubtful(counter: Counter, api: Api) -> None:
    data = pdf(1)
    filed = await counter.file(api.viewer, main_upload=(await counter.upload(api.viewer, data=data)).id)

    reviewed = await review(api, form(await upload(counter, api, data), documentNumber="1", folios=1))

    assert told(reviewed["doubts"]) == {"FILED_BEFORE": ("mainUpload",)}
    assert filed.number in reviewed["doubts"][0]["message"]


async def test_somebody_elses_document_is_not_told_of(counter: Counter, api: Api) -> None:
    data, other = pdf(1), await counter.register()
    await counter.file(other, main_upload=(await counter.upload(other, data=data)).id)

    reviewed = await review(api, form(await upload(counter, api, data), documentNumber="1", folios=1))

    assert reviewed["doubts"] == []


async def test_somebody_elses_upload_does_not_exist(counter: Counter, api: Api) -> None:
    theirs = await counter.upload(await counter.register())

    assert told((await review(api, form(str(theirs.id))))["problems"]) == {"UPLOAD_NOT_FOUND": ("mainUpload",)}


async def test_outside_the_hours_the_legal_date_is_explained(counter: Counter, api: Api) -> None:
    counter.clock.at = datetime(2026, 3, 7, 10, 0, tzinfo=LIMA).astimezone(UTC)

    reviewed = await review(api, {"officeCode": "PUNO"})

    assert reviewed["filedOnIfSentNow"] == "2026-03-09"
    assert [each["reason"] for each in reviewed["skipped"]] == ["sábado", "domingo"]
    assert "se tendrá por presentado el 9 de marzo de 2026" in reviewed["message"]


async def test_nobody_reviews_without_signing_in(counter: Counter, database: Database) -> None:
    async with in_process(counter, make_feed(database)) as nobody:
        answer = await nobody.answer(REVIEW, input={})

    assert answer["errors"][0]["extensions"]["code"] == "NOT_SIGNED_IN"
