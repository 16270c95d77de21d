"""The API as front ends use it: uploads and filings."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from models.files import Upload
from models.tramites import Tramite
from tests.api import Api, filing
from tests.counter import PDF
from tests.database.asking import NOBODYS, ONE, TRAMITE

if TYPE_CHECKING:
    from tests.counter import Counter


async def test_a_filing_answers_with_number_legal_date_receipt_and_files(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    main = await counter.upload(maria.viewer, name="Solicitud.pdf")
    annex = await counter.upload(maria.viewer, name="foto.png", data=b"\x89PNG\r\n\x1a\n" + bytes(10))

    answer = await maria.mutate(
        "fileTramite",
        f"tramite {{ {TRAMITE} }}",
        **filing(
            main.id, annexUploads=[str(annex.id)], organizationRuc="20131257750", organizationName="Seguro Social"
        ),
    )

    tramite = answer["tramite"]
    assert tramite["number"].startswith("MPD-2026-000001-")
    assert len(tramite["lookupKey"]) == 19
    assert (tramite["status"], tramite["statusLabel"]) == ("PENDING", "pendiente de validación")
    assert (tramite["sentAt"], tramite["filedOn"]) == ("2026-03-09T15:00:00+00:00", "2026-03-09")
    assert tramite["filingRule"] == {"policy": "A", "calendarVersion": "2026-1", "skipped": []}
    assert tramite["organization"] == {"ruc": "20131257750", "name": "Seguro Social"}
    assert tramite["office"] == {
        "code": "SEDE-CENTRAL",
        "name": "Sede Central",
        "hours": {"opensAt": "08:30", "closesAt": "16:30"},
    }
    assert [(each["role"], each["name"], each["sha256"]) for each in tramite["attachments"]] == [
        ("MAIN", "Solicitud.pdf", hashlib.sha256(PDF).hexdigest()),
        ("ANNEX", "foto.png", annex.content_id),
    ]
    [receipt] = tramite["receipts"]
    assert receipt["kind"] == "SUBMISSION"
    assert receipt["url"] == f"https://mesa.example.pe/receipts/{receipt['id']}"
    assert [(each["act"], each["toStatus"], each["actorRole"]) for each in tramite["history"]] == [
        ("FILED", "PENDING", "APPLICANT")
    ]
    assert tramite["allowedSteps"] == ["UPDATE", "VOID"]
    assert (await maria.data(ONE, number=tramite["number"].lower().replace("-", " ")))["tramite"] == tramite


async def test_the_same_key_gives_the_same_trámite_and_other_content_is_refused(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    asked = filing((await counter.upload(maria.viewer)).id)

    first = await maria.mutate("fileTramite", "tramite { number }", **asked)
    again = await maria.mutate("fileTramite", "tramite { number }", **asked)
    other = await maria.mutate("fileTramite", "tramite { number }", **asked | {"subject": "Otro asunto"})

    assert again == first
    assert (other["__typename"], other["code"], other["path"]) == (
        "Conflict",
        "CLIENT_KEY_REUSED",
        ["input", "clientKey"],
    )
    assert await Tramite.all().count() == 1


@pytest.mark.parametrize(
    ("field", "value", "kind", "code"),
    [
        ("officeCode", "NINGUNA", "InvalidInput", "OFFICE_UNKNOWN"),
        ("documentNumber", "9" * 101, "InvalidInput", "TEXT_TOO_LONG"),
        ("subject", "  ", "InvalidInput", "TEXT_MISSING"),
        ("subject", "x" * 301, "InvalidInput", "TEXT_TOO_LONG"),
        ("folios", 0, "InvalidInput", "INVALID_FOLIOS"),
        ("mainUpload", NOBODYS, "NotFound", "UPLOAD_NOT_FOUND"),
        ("annexUploads", [NOBODYS for _ in range(6)], "InvalidInput", "TOO_MANY_ANNEXES"),
        ("acceptedPrivacyPolicy", "1999-1", "InvalidInput", "PRIVACY_POLICY_NOT_ACCEPTED"),
        ("organizationRuc", "20131257751", "InvalidInput", "INVALID_RUC"),
        ("organizationName", "", "InvalidInput", "TEXT_MISSING"),
        ("contactEmail", "maria", "InvalidInput", "INVALID_EMAIL"),
        ("contactMobile", "12", "InvalidInput", "INVALID_MOBILE"),
    ],
)
async def test_a_wrong_field_of_a_filing_is_named(
    api: Api, counter: Counter, field: str, value: object, kind: str, code: str
) -> None:
    maria = await api.signed_in(counter)
    asked = filing((await counter.upload(maria.viewer)).id)
    if field.startswith("organization"):
        asked |= {"organizationRuc": "20131257750", "organizationName": "Seguro Social"}

    answer = await maria.mutate("fileTramite", **asked | {field: value})

    assert (answer["__typename"], answer["code"], answer["path"]) == (kind, code, ["input", field])
    assert answer["message"].endswith((".", "@ejemplo.pe"))
    assert await Tramite.all().count() == 0
    assert await Upload.filter(used_at__isnull=False).count() == 0


async def test_an_upload_that_was_filed_is_told_as_what_may_have_been(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    upload = (await counter.upload(maria.viewer)).id
    await maria.mutate("fileTramite", **filing(upload))

    refused = await maria.mutate("fileTramite", "tramite { number }", **filing(upload))

    assert (refused["code"], "ya se presentó" in refused["message"]) == ("UPLOAD_NOT_FOUND", True)


async def test_a_missing_annex_is_named_by_its_place(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    asked = filing((await counter.upload(maria.viewer)).id, annexUploads=[str(uuid4())])

    answer = await maria.mutate("fileTramite", **asked)

    assert (answer["code"], answer["path"]) == ("UPLOAD_NOT_FOUND", ["input", "annexUploads", "0"])


@pytest.mark.parametrize(
    ("name", "size", "field", "code"),
    [
        ("virus.exe", 10, "name", "FILE_KIND_NOT_ALLOWED"),
        ("solicitud.pdf", 0, "sizeBytes", "FILE_EMPTY"),
        ("solicitud.pdf", 2_000_000_000, "sizeBytes", "FILE_TOO_LARGE"),
    ],
)
async def test_a_wrong_field_of_an_upload_is_named(
    api: Api, counter: Counter, name: str, size: int, field: str, code: str
) -> None:
    maria = await api.signed_in(counter)

    answer = await maria.mutate("openUpload", name=name, sizeBytes=size)

    assert (answer["__typename"], answer["code"]) == ("InvalidInput", code)
    assert answer["path"] == ["input", field]
    assert await Upload.all().count() == 0


async def test_an_open_upload_tells_where_its_bytes_go(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)

    answer = await maria.mutate(
        "openUpload",
        "upload { id name url sizeBytes receivedBytes isComplete }",
        name="solicitud.pdf",
        sizeBytes=20,
    )

    upload = await Upload.get()
    assert answer["upload"] == {
        "id": str(upload.id),
        "name": "solicitud.pdf",
        "url": f"https://mesa.example.pe/uploads/{upload.id}",
        "sizeBytes": 20,
        "receivedBytes": 0,
        "isComplete": False,
    }
