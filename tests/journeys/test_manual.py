"""The manual of the real system from its first page to its last, through the API alone, as a front end would do it."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import asynccontextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zipfile import ZipFile

import httpx
import pytest
import websockets

from mesadepartes.development import CLERK
from tests.journeys.stack import PATIENCE_SECONDS, PDF
from tests.journeys.visitors import Visitor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from email.message import EmailMessage

    from tests.journeys.stack import Stack

pytestmark = pytest.mark.timeout(300)

WHO: dict[str, Any] = {"identityKind": "DNI", "identityNumber": "45678901"}
PERSON: dict[str, Any] = {
    **WHO,
    "givenNames": "José",
    "firstSurname": "Ñahui",
    "secondSurname": "Pérez",
    "birthDate": "1990-02-28",
}
ADDRESS, COUNSEL = "jose@ciudadano.example", "abogada@estudio.example"
FIRST, SECOND, THIRD = "una frase larga y propia", "otra frase larga y propia", "una tercera frase muy mía"
SHOWN = """id number lookupKey status statusLabel filedOn subject folios organization { ruc name } contact { email }
    attachments { role position version name } receipts { kind url } allowedSteps"""


class Person(Visitor):
    """Somebody with a front end."""

    async def sign_in(self, password: str, **who: str) -> None:
        """Begin a session."""
        signed = await self.do("signIn", "token user { fullName }", proves=True, **(who or WHO), password=password)
        self.http.headers["authorization"] = f"Bearer {signed['token']}"

    async def file(self, **changes: Any) -> dict[str, Any]:
        """Review a filing, which must be ready, and send it."""
        form: dict[str, Any] = {
            "officeCode": "SEDE-CENTRAL",
            "documentKind": "APPLICATION",
            "documentNumber": "SN",
            "folios": 1,
            "acceptedPrivacyPolicy": (await self.ask("{ privacyPolicy { version } }"))["privacyPolicy"]["version"],
            **changes,
        }
        review = "query($form: FilingInput!) { reviewFiling(input: $form) { isReady problems { message } } }"
        assert (await self.ask(review, form=form))["reviewFiling"] == {"isReady": True, "problems": []}
        filed = await self.do("fileTramite", f"tramite {{ {SHOWN} }}", **form, clientKey=str(uuid4()))
        tramite: dict[str, Any] = filed["tramite"]
        return tramite

    async def list(self, **wanted: Any) -> list[str]:
        """Return the subjects of what the person finds."""
        find = "query($f: TramiteFilter) { tramites(filter: $f) { edges { node { subject } } } }"
        return [edge["node"]["subject"] for edge in (await self.ask(find, f=wanted))["tramites"]["edges"]]

    async def see(self, number: str) -> dict[str, Any]:
        """Return a trámite."""
        seen = await self.ask(f"query($n: String!) {{ tramite(number: $n) {{ {SHOWN} }} }}", n=number)
        tramite: dict[str, Any] = seen["tramite"]
        return tramite


@asynccontextmanager
async def person(stack: Stack) -> AsyncGenerator[Person]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{stack.http_port}", timeout=PATIENCE_SECONDS) as http:
        yield Person(http)


async def code_for(stack: Stack, address: str, subject: str) -> str:
    """Return the eight digits of a mail."""
    mail = await stack.wait_for_mail(lambda mail: address in mail["To"] and subject in mail["Subject"])
    found = re.search(r"^\s*([0-9]{8})\s*$", text_of(mail), re.MULTILINE)
    assert found, text_of(mail)
    return found[1]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text


@pytest.mark.asyncio(loop_scope="session")
async def test_the_manual_from_its_first_page_to_its_last(running: Stack) -> None:
    async with person(running) as jose, person(running) as julio, running.signed_in(CLERK) as clerk:
        julio.http.headers["authorization"] = clerk.http.headers["authorization"]
        await registers(running, jose)
        await loses_the_password(running, jose, julio)
        own = await files_for_himself(running, jose)
        await files_for_a_company(running, jose)
        await updates_and_voids(running, jose)
        async with following(running, jose, own["number"]) as changes:
            await is_observed_and_corrects(running, jose, julio, own)
            await is_answered(jose, julio, own)
            assert [await changes() for _ in range(4)] == ["OBSERVED", "PENDING", "REFERRED", "RESOLVED"]
        await jose.ask("mutation { signOut { __typename } }")


async def registers(stack: Stack, jose: Person) -> None:
    """S1-S9: personal data, then account and password; the address is proved by a code."""
    form = await jose.ask(
        '{ registrationForm { contactNotice } identityKinds { kind } openingHours(officeCode: "LIMA") { isOpen } }'
    )
    assert "correo electrónico" in form["registrationForm"]["contactNotice"]
    assert {each["kind"] for each in form["identityKinds"]} == {"DNI", "CE", "PTP"}
    await jose.do("checkPersonalData", "__typename", **PERSON)
    account: dict[str, Any] = {"email": ADDRESS, "mobile": "987654321", "password": FIRST}
    await jose.do("register", "isReceived", proves=True, **PERSON, **account)
    code = await code_for(stack, ADDRESS, "Confirme su correo")
    await jose.do("verifyEmail", "__typename", **WHO, code=code)
    await jose.sign_in(FIRST)
    assert len((await jose.ask("{ offices { code } }"))["offices"]) == 9


async def loses_the_password(stack: Stack, jose: Person, julio: Person) -> None:
    """S10-S17: by a code sent to the address; and by personal data, which the desk approves."""
    await jose.do("requestRecovery", "isReceived", proves=True, **WHO)
    code = await code_for(stack, ADDRESS, "Código para recuperar")
    await jose.do("resetPassword", "__typename", **WHO, code=code, newPassword=SECOND)
    ended = await jose.http.post("/graphql", json={"query": "{ me { id } }"})
    assert ended.json()["data"]["me"] is None
    asked = await jose.do("requestRecoveryByData", "reference", proves=True, **PERSON, newPassword=THIRD)
    waiting = await julio.ask("{ recoveryRequests { edges { node { id state } } } }")
    [request] = [edge["node"]["id"] for edge in waiting["recoveryRequests"]["edges"]]
    decision: dict[str, Any] = {"decision": "APPROVE", "reason": "Mostró su DNI", "reference": asked["reference"]}
    await julio.do("decideRecovery", "request { state }", id=request, **decision)
    await jose.sign_in(THIRD)
    hours = await jose.ask('{ openingHours(officeCode: "SEDE-CENTRAL") { office { hours { opensAt closesAt } } } }')
    assert hours["openingHours"]["office"]["hours"] == {"opensAt": "08:30", "closesAt": "16:30"}


async def files_for_himself(stack: Stack, jose: Person) -> dict[str, Any]:
    """S18, S21-S39: the receipt is downloaded, and comes to the address of the trámite."""
    main = await jose.upload("solicitud.pdf", PDF + b"uno")
    own = await jose.file(subject="Copia de mi expediente", mainUpload=main, contactEmail=COUNSEL)
    assert (own["statusLabel"], own["organization"], own["contact"]) == (
        "pendiente de validación",
        None,
        {"email": COUNSEL},
    )
    [receipt] = own["receipts"]
    downloaded = await jose.http.get(receipt["url"], headers={"x-mesa-client": "tests"})
    assert own["number"] in await pdf_text(stack, downloaded.content)
    mail = await stack.wait_for_mail(lambda mail: COUNSEL in mail["To"] and own["number"] in mail["Subject"])
    [enclosed] = mail.iter_attachments()
    assert enclosed.get_content() == downloaded.content
    return own


async def pdf_text(stack: Stack, content: bytes) -> str:
    path = stack.folder / f"{uuid4().hex}.pdf"
    path.write_bytes(content)
    reader = await asyncio.create_subprocess_exec("pdftotext", str(path), "-", stdout=asyncio.subprocess.PIPE)
    said, _ = await reader.communicate()
    return said.decode()


def archive_with(text: str) -> bytes:
    """Return a ZIP with one text."""
    saved = BytesIO()
    with ZipFile(saved, "w") as archive:
        archive.writestr("anexo.txt", text)
    return saved.getvalue()


async def files_for_a_company(stack: Stack, jose: Person) -> None:
    """S19, S20, S25-S28: with RUC and six files."""
    ruc = "20131257750"
    checked = await jose.ask("query($ruc: String!) { validateRuc(ruc: $ruc) { isWellFormed problem } }", ruc=ruc)
    assert checked["validateRuc"] == {"isWellFormed": True, "problem": None}
    main = await jose.upload("oficio.pdf", PDF + b"dos")
    annexes = [await jose.upload(f"anexo-{number}.zip", archive_with(f"anexo {number}")) for number in range(5)]
    filed = await jose.file(
        subject="Convenio con el instituto",
        documentKind="OFFICIAL_LETTER",
        officeCode="CUSCO",
        organizationRuc=ruc,
        organizationName="Seguro Social de Salud",
        mainUpload=main,
        annexUploads=annexes,
    )
    assert filed["organization"] == {"ruc": ruc, "name": "Seguro Social de Salud"}
    assert [file["role"] for file in filed["attachments"]] == ["MAIN", *["ANNEX"] * 5]
    assert await jose.list(text="convenio") == ["Convenio con el instituto"]
    assert await jose.list(documentKinds=["OFFICIAL_LETTER"]) == ["Convenio con el instituto"]


async def updates_and_voids(stack: Stack, jose: Person) -> None:
    """S40-S43: pending main data are updated; a voided one has its receipt and leaves the list."""
    main = await jose.upload("carta.pdf", PDF + b"tres")
    filed = await jose.file(subject="Se va a anular", documentKind="LETTER", mainUpload=main)
    updated = await jose.do("updateTramite", "tramite { subject folios }", id=filed["id"], subject="Anulado", folios=2)
    assert updated["tramite"] == {"subject": "Anulado", "folios": 2}
    voided = await jose.do("voidTramite", "tramite { statusLabel receipts { kind url } }", id=filed["id"])
    assert voided["tramite"]["statusLabel"] == "anulado"
    [receipt] = [each for each in voided["tramite"]["receipts"] if each["kind"] == "VOIDING"]
    downloaded = await jose.http.get(receipt["url"], headers={"x-mesa-client": "tests"})
    assert "anulación" in (await pdf_text(stack, downloaded.content)).lower()
    assert "Anulado" not in await jose.list()
    assert await jose.list(statuses=["VOIDED"]) == ["Anulado"]


@asynccontextmanager
async def following(stack: Stack, jose: Person, number: str) -> AsyncGenerator[Any]:
    """Follow a trámite live, from what the person has seen of it on: whatever happens meanwhile is not missed."""
    seen = await jose.ask("query($n: String!) { tramite(number: $n) { history { cursor } } }", n=number)
    last = seen["tramite"]["history"][-1]["cursor"]
    url = f"ws://127.0.0.1:{stack.http_port}/graphql"
    document = """subscription($n: String, $after: Cursor) { statusChanges(filter: {number: $n}, after: $after) {
        cursor change { toStatus } } }"""
    async with websockets.connect(url, subprotocols=[websockets.Subprotocol("graphql-transport-ws")]) as socket:

        async def receive() -> dict[str, Any]:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return json.loads(await socket.recv())

        async def change() -> str:
            while (change := (await receive())["payload"]["data"]["statusChanges"]["change"]) is None:
                pass
            status: str = change["toStatus"]
            return status

        init = {"type": "connection_init", "payload": {"authorization": jose.http.headers["authorization"]}}
        await socket.send(json.dumps(init))
        assert (await receive())["type"] == "connection_ack"
        asked = {"query": document, "variables": {"n": number, "after": last}}
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": asked}))
        yield change


async def is_observed_and_corrects(stack: Stack, jose: Person, julio: Person, own: dict[str, Any]) -> None:
    """What the manual calls «observado»: corrected with a new file, of which the old one stays a version."""
    await julio.do("observeTramite", "tramite { status }", id=own["id"], text="Falta la firma.")
    mail = await stack.wait_for_mail(lambda mail: COUNSEL in mail["To"] and "observ" in mail["Subject"].lower())
    assert "Falta la firma." in text_of(mail)
    signed = await jose.upload("firmada.pdf", PDF + b"con firma")
    await jose.do(
        "correctTramite", "tramite { status }", id=own["id"], clientKey=str(uuid4()), mainUpload=signed, text="Firmada."
    )
    versions = await jose.ask(
        "query($n: String!) { tramite(number: $n) { attachments { name } versions { number } } }", n=own["number"]
    )
    assert versions["tramite"]["attachments"] == [{"name": "firmada.pdf"}]
    assert [version["number"] for version in versions["tramite"]["versions"]] == [1, 2]


async def is_answered(jose: Person, julio: Person, own: dict[str, Any]) -> None:
    """S44-S46: derivado, then atendido; anybody with number and key sees as much."""
    await julio.do("referTramite", "tramite { statusLabel }", id=own["id"], officeCode="SEDE-CENTRAL")
    assert (await jose.see(own["number"]))["statusLabel"] == "derivado"
    await julio.do("resolveTramite", "tramite { statusLabel }", id=own["id"], text="Se entrega la copia.")
    assert (await jose.see(own["number"]))["statusLabel"] == "atendido"
    look_up = "query($n: String!, $k: String!) { publicStatus(number: $n, lookupKey: $k) { statusLabel } }"
    public = await jose.ask(look_up, n=own["number"], k=own["lookupKey"])
    assert public["publicStatus"] == {"statusLabel": "atendido"}
