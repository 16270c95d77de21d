"""The API as front ends use it: what applicants do with what they filed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from rules.access import Role
from tests.api import Api
from tests.counter import PDF
from tests.database.asking import LIST, NOBODYS, ONE, file, update

if TYPE_CHECKING:
    from tests.counter import Counter


@pytest.mark.parametrize(
    ("name", "field", "value", "kind", "code"),
    [
        ("updateTramite", "officeCode", "NINGUNA", "InvalidInput", "OFFICE_UNKNOWN"),
        ("updateTramite", "documentNumber", "9" * 101, "InvalidInput", "TEXT_TOO_LONG"),
        ("updateTramite", "subject", "  ", "InvalidInput", "TEXT_MISSING"),
        ("updateTramite", "subject", "x" * 301, "InvalidInput", "TEXT_TOO_LONG"),
        ("updateTramite", "folios", 0, "InvalidInput", "INVALID_FOLIOS"),
        ("updateTramite", "contactEmail", "maria", "InvalidInput", "INVALID_EMAIL"),
        ("updateTramite", "contactMobile", "12", "InvalidInput", "INVALID_MOBILE"),
        ("updateTramite", "id", NOBODYS, "NotFound", "TRAMITE_NOT_FOUND"),
        ("voidTramite", "id", NOBODYS, "NotFound", "TRAMITE_NOT_FOUND"),
        ("correctTramite", "text", "x" * 4001, "InvalidInput", "TEXT_TOO_LONG"),
        ("correctTramite", "text", None, "InvalidInput", "CORRECTION_EMPTY"),
        ("correctTramite", "mainUpload", NOBODYS, "NotFound", "UPLOAD_NOT_FOUND"),
        ("correctTramite", "annexes", [{"upload": NOBODYS}] * 6, "InvalidInput", "TOO_MANY_ANNEXES"),
        ("correctTramite", "id", NOBODYS, "NotFound", "TRAMITE_NOT_FOUND"),
    ],
)
async def test_a_wrong_field_of_an_applicants_step_is_named(
    api: Api, counter: Counter, name: str, field: str, value: object, kind: str, code: str
) -> None:
    maria = await api.signed_in(counter)
    tramite = (await file(maria, counter))["tramite"]
    asked: dict[str, Any] = {"id": tramite["id"]}
    if name == "updateTramite":
        asked |= update(subject="Otro asunto")
    if name == "correctTramite":
        clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
        await clerk.mutate("observeTramite", id=tramite["id"], text="Falta la firma.")
        asked |= {"clientKey": str(uuid4()), "text": "Ya está firmada."}
    before = (await maria.data(ONE, number=tramite["number"]))["tramite"]

    answer = await maria.mutate(name, **asked | {field: value})

    assert (answer["__typename"], answer["code"]) == (kind, code)
    assert answer["path"] == ([] if field == "id" else ["input", field])
    assert (await maria.data(ONE, number=tramite["number"]))["tramite"] == before


async def test_all_wrong_fields_of_an_update_are_named_at_once(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    tramite = (await file(maria, counter))["tramite"]

    answer = await maria.mutate("updateTramite", id=tramite["id"], **update(subject="", folios=0, officeCode="LUNA"))

    assert [answer["path"], *(other["path"] for other in answer["others"])] == [
        ["input", "subject"],
        ["input", "folios"],
        ["input", "officeCode"],
    ]


@pytest.mark.parametrize(
    ("annex", "kind", "code", "field"),
    [
        ({"upload": NOBODYS}, "NotFound", "UPLOAD_NOT_FOUND", "upload"),
        ({"upload": NOBODYS, "replaces": 3}, "InvalidInput", "ANNEX_NOT_FOUND", "replaces"),
    ],
)
async def test_a_wrong_annex_of_a_correction_is_named_by_its_place(
    api: Api, counter: Counter, annex: dict[str, Any], kind: str, code: str, field: str
) -> None:
    maria, clerk = await api.signed_in(counter), await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = (await file(maria, counter))["tramite"]
    await clerk.mutate("observeTramite", id=tramite["id"], text="Falta la firma.")

    answer = await maria.mutate("correctTramite", id=tramite["id"], clientKey=str(uuid4()), annexes=[annex])

    assert (answer["__typename"], answer["code"], answer["path"]) == (kind, code, ["input", "annexes", "0", field])


async def test_a_correction_shows_the_latest_files_and_on_request_all_versions(api: Api, counter: Counter) -> None:
    maria, clerk = await api.signed_in(counter), await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    annex = await counter.upload(maria.viewer, name="foto.png", data=b"\x89PNG\r\n\x1a\n")
    tramite = (await file(maria, counter, annexUploads=[str(annex.id)]))["tramite"]
    await clerk.mutate("observeTramite", id=tramite["id"], text="Falta la firma.")
    assert (await maria.data(ONE, number=tramite["number"]))["tramite"]["allowedSteps"] == ["CORRECT"]
    signed = await counter.upload(maria.viewer, name="firmada.pdf", data=PDF + b"signed")
    asked = {"id": tramite["id"], "clientKey": str(uuid4()), "mainUpload": str(signed.id)}
    selection = """tramite { status filedOn latest: attachments { name version position }
        all: attachments(allVersions: true) { name version position } history { act text } }"""

    corrected = await maria.mutate("correctTramite", selection, **asked)
    again = await maria.mutate("correctTramite", selection, **asked)
    other = await maria.mutate("correctTramite", **asked | {"text": "Otra cosa."})

    old, foto, new = (
        {"name": "solicitud.pdf", "version": 1, "position": 0},
        {"name": "foto.png", "version": 1, "position": 1},
        {"name": "firmada.pdf", "version": 2, "position": 0},
    )
    assert corrected["tramite"] == {
        "status": "PENDING",
        "filedOn": "2026-03-09",
        "latest": [new, foto],
        "all": [old, foto, new],
        "history": [
            {"act": "FILED", "text": None},
            {"act": "OBSERVED", "text": "Falta la firma."},
            {"act": "CORRECTED", "text": None},
        ],
    }
    assert again == corrected
    assert (other["__typename"], other["code"]) == ("Conflict", "CLIENT_KEY_REUSED")
    seen = await clerk.data(ONE, number=tramite["number"])
    assert [each["name"] for each in seen["tramite"]["attachments"]] == ["firmada.pdf", "foto.png"]


async def test_a_correction_after_its_term_says_so(api: Api, counter: Counter) -> None:
    maria, clerk = await api.signed_in(counter), await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = (await file(maria, counter))["tramite"]
    await clerk.mutate("observeTramite", id=tramite["id"], text="Falta la firma.")
    await counter.deliver()
    counter.clock.advance(days=3)
    back = await api.signed_in_again(counter, maria)

    late = await back.mutate("correctTramite", id=tramite["id"], clientKey=str(uuid4()), text="Ya está.")

    assert (late["__typename"], late["code"], late["path"]) == ("WrongStep", "CORRECTION_LATE", [])
    assert "11/03/2026" in late["message"]


async def test_a_voided_trámite_leaves_the_list_and_has_its_receipt(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    tramite = (await file(maria, counter))["tramite"]
    counter.clock.advance(minutes=1)

    voided = await maria.mutate(
        "voidTramite", "tramite { status statusLabel allowedSteps receipts { kind } }", id=tramite["id"]
    )
    again = await maria.mutate("voidTramite", id=tramite["id"])

    assert voided["tramite"] == {
        "status": "VOIDED",
        "statusLabel": "anulado",
        "allowedSteps": [],
        "receipts": [{"kind": "SUBMISSION"}, {"kind": "VOIDING"}],
    }
    assert again["__typename"] == "VoidTramiteSuccess"
    assert (await maria.data(LIST, first=5))["tramites"]["edges"] == []
    assert len((await maria.data(LIST, first=5, filter={"statuses": ["VOIDED"]}))["tramites"]["edges"]) == 1
