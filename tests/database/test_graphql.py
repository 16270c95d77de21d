"""The API as front ends use it: accounts, filing, lists, history, what clerks do, and who sees what."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio
from tortoise.connection import get_connections

from models.files import Upload
from models.people import Session, User
from models.receipts import Notice
from models.register import Entry
from models.tramites import Tramite
from rules.access import Role
from rules.numbering import format_number
from tests.api import Api, execute_as_owner, filing, in_process, make_feed
from tests.counter import PASSWORD, PDF

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.counter import Counter
    from tests.servers.postgres import Database

NOBODYS = "00000000-0000-4000-8000-000000000000"
"""The id of nothing; tests are told apart by it, so that it is the same each time."""

TRAMITE = """
    id number lookupKey status statusLabel channel documentKind documentNumber subject folios
    organization { ruc name } senderName contact { email mobile } missing sentAt filedOn
    filingRule { policy calendarVersion skipped { day reason } } office { code name hours { opensAt closesAt } }
    observation correctBy resolution allowedSteps
    attachments { id role position version name sizeBytes sha256 url }
    receipts { id kind verificationCode issuedAt url }
    history { sequence at act fromStatus toStatus text actorRole }
"""
LIST = (
    "query($first: Int!, $after: String, $filter: TramiteFilter) "
    "{ tramites(first: $first, after: $after, filter: $filter) "
    "{ edges { cursor node { number } } pageInfo { hasNextPage endCursor } } }"
)
ONE = f"query($number: String!) {{ tramite(number: $number) {{ {TRAMITE} }} }}"


@pytest_asyncio.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    async with in_process(counter, make_feed(database)) as api:
        yield api


def registration(**changes: Any) -> dict[str, Any]:
    return {
        "identityKind": "DNI",
        "identityNumber": "45678901",
        "givenNames": "José",
        "firstSurname": "Ñahui",
        "secondSurname": "Pérez",
        "birthDate": "1990-02-28",
        "email": "jose@example.pe",
        "mobile": "987654321",
        "password": PASSWORD,
        **changes,
    }


async def test_register_sign_in_see_oneself_sign_out(api: Api) -> None:
    assert await api.mutate("register", "isReceived", **registration()) == {
        "__typename": "RegisterSuccess",
        "isReceived": True,
    }

    signed = await api.mutate(
        "signIn",
        "token expiresAt user { fullName role offices { code } }",
        identityKind="DNI",
        identityNumber="45678901",
        password=PASSWORD,
    )

    assert signed["user"] == {"fullName": "José Ñahui Pérez", "role": "APPLICANT", "offices": []}
    assert signed["expiresAt"] == "2026-03-10T03:00:00+00:00"
    jose = Api(api.http, signed["token"])
    assert await jose.data("{ me { identityKind identityNumber email mobile } }") == {
        "me": {
            "identityKind": "DNI",
            "identityNumber": "45678901",
            "email": "jose@example.pe",
            "mobile": "+51987654321",
        }
    }
    out = "mutation { signOut { __typename ... on Refusal { code path } } }"
    assert await jose.data(out) == {"signOut": {"__typename": "SignOutSuccess"}}
    assert await jose.data("{ me { email } }") == {"me": None}
    assert (await jose.data(out))["signOut"]["__typename"] == "NotSignedIn"


async def test_wrong_password_and_unknown_person_are_answered_alike(api: Api) -> None:
    await api.mutate("register", **registration())

    answers = [
        await api.mutate("signIn", identityKind="DNI", identityNumber=number, password=password)
        for number, password in (("45678901", "no es la clave de nadie"), ("11111111", PASSWORD), ("x", PASSWORD))
    ]

    assert answers[0]["__typename"] == "NotSignedIn"
    assert answers[0]["code"] == "WRONG_CREDENTIALS"
    assert answers == [answers[0]] * 3
    assert await Session.all().count() == 0


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("identityNumber", "123", "INVALID_IDENTITY"),
        ("givenNames", "R2D2", "INVALID_NAME"),
        ("givenNames", "", "TEXT_MISSING"),
        ("firstSurname", "<b>", "INVALID_NAME"),
        ("secondSurname", "x" * 101, "TEXT_TOO_LONG"),
        ("birthDate", "2018-02-29", "INVALID_BIRTH_DATE"),
        ("birthDate", "2030-01-01", "INVALID_BIRTH_DATE"),
        ("email", "jose@localhost", "INVALID_EMAIL"),
        ("mobile", "12", "INVALID_MOBILE"),
        ("password", "corta", "WEAK_PASSWORD"),
    ],
)
async def test_a_wrong_field_of_a_registration_is_named(api: Api, field: str, value: str, code: str) -> None:
    answer = await api.mutate("register", **registration(**{field: value}))

    assert (answer["__typename"], answer["code"], answer["path"]) == ("InvalidInput", code, ["input", field])
    assert answer["message"].endswith((".", "@ejemplo.pe"))
    assert await User.all().count() == 0
    assert await Notice.all().count() == 0


async def test_all_wrong_fields_are_named_at_once(api: Api) -> None:
    answer = await api.mutate("register", **registration(givenNames="", email="x", mobile="1"))

    assert [answer["path"], *(other["path"] for other in answer["others"])] == [
        ["input", "givenNames"],
        ["input", "email"],
        ["input", "mobile"],
    ]


async def file(person: Api, counter: Counter, **changes: Any) -> dict[str, Any]:
    upload = await counter.upload(person.viewer, data=PDF + uuid4().bytes)
    return await person.mutate("fileTramite", f"tramite {{ {TRAMITE} }}", **filing(upload.id, **changes))


def update(**changes: Any) -> dict[str, Any]:
    return {
        "officeCode": "SEDE-CENTRAL",
        "documentKind": "APPLICATION",
        "subject": "Solicito copia de mi expediente",
        "folios": 3,
        **changes,
    }


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


async def test_a_clerk_observes_refers_and_resolves(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    first, second = (await file(maria, counter))["tramite"], (await file(maria, counter))["tramite"]
    steps = f"query {{ tramite(number: {json.dumps(first['number'])}) {{ allowedSteps lookupKey }} }}"
    assert (await clerk.data(steps))["tramite"] == {
        "allowedSteps": ["RECEIVE", "OBSERVE", "REFER", "RESOLVE", "CORRECT_FOLIOS"],
        "lookupKey": None,
    }

    observed = await clerk.mutate(
        "observeTramite", f"tramite {{ {TRAMITE} }}", id=first["id"], text="Falta la firma en la última hoja."
    )
    referred = await clerk.mutate(
        "referTramite", "tramite { status office { code } }", id=second["id"], officeCode="CUSCO", text="Con urgencia."
    )
    cusco = await api.signed_in(counter, role=Role.CLERK, office="CUSCO")
    resolved = await cusco.mutate(
        "resolveTramite", "tramite { status resolution }", id=second["id"], text="Se atendió su pedido."
    )

    assert observed["tramite"]["status"] == "OBSERVED"
    assert observed["tramite"]["correctBy"] == "2026-03-11"
    assert referred["tramite"] == {"status": "REFERRED", "office": {"code": "CUSCO"}}
    assert resolved["tramite"] == {"status": "RESOLVED", "resolution": "Se atendió su pedido."}
    seen = (await maria.data(ONE, number=second["number"]))["tramite"]
    assert [(each["act"], each["text"], each["actorRole"]) for each in seen["history"]] == [
        ("FILED", None, "APPLICANT"),
        ("REFERRED", None, "CLERK"),
        ("RESOLVED", "Se atendió su pedido.", "CLERK"),
    ]
    history = "query($number: String!) { tramite(number: $number) { history(last: 2) { act text } } }"
    assert (await cusco.data(history, number=second["number"]))["tramite"]["history"] == [
        {"act": "REFERRED", "text": "Con urgencia."},
        {"act": "RESOLVED", "text": "Se atendió su pedido."},
    ]
    again = await clerk.mutate("observeTramite", id=first["id"], text="Otra vez.")
    assert (again["__typename"], again["path"]) == ("WrongStep", [])


@pytest.mark.parametrize(
    ("name", "field", "value", "kind", "code"),
    [
        ("observeTramite", "text", " ", "InvalidInput", "TEXT_MISSING"),
        ("observeTramite", "id", NOBODYS, "NotFound", "TRAMITE_NOT_FOUND"),
        ("referTramite", "officeCode", "NINGUNA", "InvalidInput", "OFFICE_UNKNOWN"),
        ("referTramite", "text", "x" * 20_000, "InvalidInput", "TEXT_TOO_LONG"),
        ("referTramite", "id", NOBODYS, "NotFound", "TRAMITE_NOT_FOUND"),
        ("resolveTramite", "text", "", "InvalidInput", "TEXT_MISSING"),
        ("resolveTramite", "id", NOBODYS, "NotFound", "TRAMITE_NOT_FOUND"),
    ],
)
async def test_a_wrong_field_of_a_clerks_step_is_named(
    api: Api, counter: Counter, name: str, field: str, value: str, kind: str, code: str
) -> None:
    maria = await api.signed_in(counter)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = (await file(maria, counter))["tramite"]
    asked = {"id": tramite["id"], "text": "Falta la firma."}
    if name == "referTramite":
        asked |= {"officeCode": "CUSCO"}

    answer = await clerk.mutate(name, **asked | {field: value})

    assert (answer["__typename"], answer["code"]) == (kind, code)
    assert answer["path"] in (["input", field], [] if field == "id" else None)
    assert (await maria.data(ONE, number=tramite["number"]))["tramite"] == tramite


WHO_SEES = {
    "applicant": True,
    "stranger": False,
    "clerk": True,
    "other_clerk": False,
    "supervisor": True,
    "auditor": True,
    "administrator": False,
    "nobody": None,
}


@pytest_asyncio.fixture
async def people(api: Api, counter: Counter) -> dict[str, Api]:
    return {
        "applicant": await api.signed_in(counter),
        "stranger": await api.signed_in(counter),
        "clerk": await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL"),
        "other_clerk": await api.signed_in(counter, role=Role.CLERK, office="PUNO"),
        "supervisor": await api.signed_in(counter, role=Role.SUPERVISOR, office="PUNO"),
        "auditor": await api.signed_in(counter, role=Role.AUDITOR),
        "administrator": await api.signed_in(counter, role=Role.ADMINISTRATOR),
        "nobody": api,
    }


async def test_everybody_sees_and_does_exactly_what_is_theirs(people: dict[str, Api], counter: Counter) -> None:
    tramite = (await file(people["applicant"], counter))["tramite"]
    upload = await counter.upload(people["applicant"].viewer)
    before = await Entry.all().count()
    for name, person in people.items():
        sees = WHO_SEES[name]
        found = await person.answer(ONE, number=tramite["number"])
        listed = await person.answer(LIST, first=10)
        if sees is None:
            assert [each["errors"][0]["extensions"]["code"] for each in (found, listed)] == ["NOT_SIGNED_IN"] * 2
        else:
            assert (found["data"]["tramite"] is not None) == sees, name
            assert (len(listed["data"]["tramites"]["edges"]) == 1) == sees, name
            has_key = bool((found["data"]["tramite"] or {}).get("lookupKey"))
            assert has_key == (name == "applicant"), name
            steps = (found["data"]["tramite"] or {}).get("allowedSteps")
            assert bool(steps) == (name in {"applicant", "clerk"}), name
        refusal = "NotSignedIn" if sees is None else "NotAllowed" if sees else "NotFound"
        for verb, given in (
            ("observeTramite", {"text": "Falta."}),
            ("referTramite", {"officeCode": "PUNO"}),
            ("resolveTramite", {"text": "Listo."}),
        ):
            if name != "clerk":
                answer = await person.mutate(verb, id=tramite["id"], **given)
                assert answer["__typename"] == refusal, (name, verb)
        for verb, given in (
            ("updateTramite", update(subject="Otro asunto")),
            ("voidTramite", {}),
            ("correctTramite", {"clientKey": str(uuid4()), "text": "Corregido."}),
        ):
            if name != "applicant":
                answer = await person.mutate(verb, id=tramite["id"], **given)
                assert answer["__typename"] == refusal, (name, verb)
        if name != "applicant":
            answer = await person.mutate("fileTramite", **filing(upload.id))
            assert answer["__typename"] == ("NotSignedIn" if sees is None else "NotFound"), name
    assert await Entry.all().count() == before


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


async def test_absent_and_hidden_trámites_are_answered_alike(people: dict[str, Api], counter: Counter) -> None:
    tramite = (await file(people["applicant"], counter))["tramite"]
    stranger = people["stranger"]

    hidden = await stranger.answer(ONE, number=tramite["number"])
    absent = await stranger.answer(ONE, number=format_number("MPD", 2026, 999))

    assert hidden == absent == {"data": {"tramite": None}}
    steps = [await stranger.mutate("observeTramite", id=id_, text="x") for id_ in (tramite["id"], str(uuid4()))]
    assert steps[0] == steps[1]


async def test_pages_hold_each_trámite_once_also_those_of_one_instant(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    for place in range(5):
        await file(maria, counter)
        if place == 2:
            counter.clock.advance(minutes=1)

    found: list[str] = []
    after, has_more = None, True
    while has_more:
        page = (await maria.data(LIST, first=2, after=after))["tramites"]
        found += [edge["node"]["number"] for edge in page["edges"]]
        after, has_more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    rows = await Tramite.all().order_by("-sent_at", "-id")
    assert found == [row.number for row in rows]
    assert (await maria.data(LIST, first=5, filter={"statuses": ["RESOLVED"]}))["tramites"]["edges"] == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("first: 0", "PAGE_SIZE"),
        ("first: 101", "PAGE_SIZE"),
        ('after: "nada"', "UNKNOWN_CURSOR"),
        ('after: "WzFd"', "UNKNOWN_CURSOR"),
        ('after: "ñ"', "UNKNOWN_CURSOR"),
    ],
)
async def test_a_page_that_cannot_be_given_is_refused(api: Api, counter: Counter, arguments: str, code: str) -> None:
    maria = await api.signed_in(counter)

    answer = await maria.answer(f"{{ tramites({arguments}) {{ pageInfo {{ hasNextPage }} }} }}")

    assert answer["errors"][0]["extensions"]["code"] == code
    assert answer["data"] is None


async def test_history_is_asked_for_in_bounds_and_under_aliases(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = (await file(maria, counter))["tramite"]
    await clerk.mutate("referTramite", id=tramite["id"], officeCode="SEDE-CENTRAL")
    asked = f"tramite(number: {json.dumps(tramite['number'])})"

    both = await maria.data(f"{{ {asked} {{ one: history(last: 1) {{ act }} all: history(last: 100) {{ act }} }} }}")
    too_many = await maria.answer(f"{{ {asked} {{ history(last: 101) {{ act }} }} }}")

    assert both["tramite"] == {"one": [{"act": "REFERRED"}], "all": [{"act": "FILED"}, {"act": "REFERRED"}]}
    assert too_many["errors"][0]["extensions"]["code"] == "PAGE_SIZE"


class Statements:
    """Counts the statements that reach the database."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        client = type(get_connections().get("default"))
        for name in ("execute_query", "execute_query_dict", "execute_insert"):
            monkeypatch.setattr(client, name, self._counted(getattr(client, name)))

    def _counted(self, call: Any) -> Any:
        async def counted(*args: Any, **named: Any) -> Any:
            self.count += 1
            return await call(*args, **named)

        return counted


async def test_a_list_takes_as_many_statements_for_three_rows_as_for_one(
    api: Api, counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    maria = await api.signed_in(counter)
    document = f"""
        {{ tramites {{ edges {{ node {{ ...Whole }} }} }} me {{ offices {{ code }} }} }}
        fragment Whole on Tramite {{ {TRAMITE} }}"""
    await file(maria, counter)
    statements = Statements(monkeypatch)

    one = await maria.data(document)
    taken = statements.count
    for _ in range(2):
        await file(maria, counter)
    statements.count = 0
    three = await maria.data(document)

    assert (len(one["tramites"]["edges"]), len(three["tramites"]["edges"])) == (1, 3)
    assert taken > 4
    assert statements.count == taken


async def test_only_what_is_asked_for_is_loaded(api: Api, counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    maria = await api.signed_in(counter)
    await file(maria, counter)
    statements = Statements(monkeypatch)

    await maria.data("{ tramites { edges { node { number } } } }")
    plain = statements.count
    statements.count = 0
    await maria.data("{ tramites { edges { node { number office { name } attachments { name } } } } }")

    assert statements.count == plain + 2


async def test_the_counter_tells_its_offices_hours_and_policy_to_everybody(api: Api) -> None:
    data = await api.data(
        '{ offices { code } privacyPolicy { version } openingHours(officeCode: "CUSCO") '
        "{ isOpen filedOnIfSentNow office { name } } }"
    )

    assert len(data["offices"]) == 9
    assert data["privacyPolicy"] == {"version": "2026-1"}
    assert data["openingHours"] == {
        "isOpen": True,
        "filedOnIfSentNow": "2026-03-09",
        "office": {"name": "Oficina Regional Sur Oriente Cusco"},
    }


async def test_an_unforeseen_error_is_answered_with_an_id_and_logged_once(
    api: Api, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await execute_as_owner(database, "ALTER TABLE offices RENAME TO offices_gone")

    with caplog.at_level(logging.ERROR):
        answer = await api.answer("{ offices { code } }")

    [error] = answer["errors"]
    id_ = error["extensions"]["id"]
    assert error["extensions"] == {"code": "INTERNAL_ERROR", "id": id_}
    assert error["message"] == (
        f"Ocurrió un error inesperado. Comuníquese con la mesa de partes e indique el código {id_}."
    )
    assert "relation" not in json.dumps(answer)
    [record] = caplog.records
    assert id_ in record.getMessage()
    assert record.exc_info is not None
