"""
The counter as an institution runs it: its parts as processes of their own, with Dovecot and an SMTP server.

What a citizen hands in, by web or by mail, ends as a trámite whose stored bytes are the original's, with a receipt that
shows their hashes; and what a clerk does in one process is seen at once in another.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pikepdf
import pytest_asyncio
import websockets

from actions.credentials import PasswordPool
from files.jail import Jail
from mesadepartes.clock import now
from mesadepartes.database import connected
from models.people import User
from rules.access import Role
from tests.counter import JAILED, PASSWORD, Clock, Counter, make_tools
from tests.journeys.parts import INSTITUTION, part
from tests.journeys.stack import SIGN_IN, free_ports, proof, until_ready
from tests.lasting_jail import ANYWHERE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

    from reading.access import Viewer
    from tests.servers.dovecot import Account
    from tests.servers.postgres import Database
    from tests.servers.sink import Sink

PATIENCE_SECONDS = 120.0
LIMIT_BYTES = 20 * 2**20
PNG = b"\x89PNG\r\n\x1a\n"
ZIP = b"PK\x05\x06" + bytes(18)

OPEN_UPLOAD = """mutation($input: OpenUploadInput!) { openUpload(input: $input) {
    __typename ... on Refusal { code message path } ... on OpenUploadSuccess { upload { id url } } } }"""
TRAMITE = """number channel status contact { email } attachments { role name sizeBytes sha256 url }
    receipts { url } history { act toStatus }"""
FILE = f"""mutation($input: FileTramiteInput!) {{ fileTramite(input: $input) {{
    ... on Refusal {{ code message path }} ... on FileTramiteSuccess {{ tramite {{ id {TRAMITE} }} }} }} }}"""
OBSERVE = """mutation($input: ObserveTramiteInput!) { observeTramite(input: $input) {
    __typename ... on Refusal { code message path } } }"""
LATEST = f"{{ tramites(first: 1) {{ edges {{ node {{ id {TRAMITE} }} }} }} }}"


class Desk:
    """Somebody signed in at one of the web parts."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """Return the data of the answer."""
        answer = (await self.http.post("/graphql", json={"query": document, "variables": variables})).json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def upload(self, name: str, data: bytes, *, cut_at: int | None = None) -> str:
        """Upload a file by PUT, in two pieces if the line is cut; return the upload's id."""
        given = {"clientKey": str(uuid4()), "name": name, "sizeBytes": len(data)}
        opened = (await self.ask(OPEN_UPLOAD, input=given))["openUpload"]
        upload = opened["upload"]
        offset = 0
        if cut_at is not None:
            await self.http.put(upload["url"], content=data[:cut_at], headers={"upload-offset": "0"})
            offset = int((await self.http.head(upload["url"])).headers["upload-offset"])
            assert offset == cut_at
        done = await self.http.put(upload["url"], content=data[offset:], headers={"upload-offset": str(offset)})
        assert done.json()["complete"], done.text
        upload_id: str = upload["id"]
        return upload_id

    async def fetch(self, url: str) -> bytes:
        """Download something."""
        response = await self.http.get(url)
        assert response.status_code == 200, response.text
        return response.content


@dataclass
class House:
    """An institution at work."""

    counter: Counter
    ports: tuple[int, int]

    @asynccontextmanager
    async def desk(self, viewer: Viewer, *, web: int = 0) -> AsyncGenerator[Desk]:
        """Sign *viewer* in at one of the two web parts."""
        number = (await User.get(id=viewer.user_id)).identity_number
        given = {"identityKind": "DNI", "identityNumber": number, "password": PASSWORD}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.ports[web]}", timeout=PATIENCE_SECONDS) as http:
            desk = Desk(http)
            given["proof"] = await proof(http)
            token = (await desk.ask(SIGN_IN, input=given))["signIn"]["token"]
            await self.counter.viewer_of(token)
            http.headers["authorization"] = f"Bearer {token}"
            yield desk


@pytest_asyncio.fixture
async def house(database: Database, mail_account: Account, sink: Sink, tmp_path: Path) -> AsyncGenerator[House]:
    clock, pool, jail = Clock(now()), PasswordPool(), Jail(JAILED, reads=ANYWHERE)
    ports = free_ports(2)
    shared = {
        **INSTITUTION,
        "MESA_DATABASE_URL": database.web_url,
        "MESA_DATA": str(tmp_path / "data"),
        "MESA_IMAP_HOST": mail_account.host,
        "MESA_IMAP_PORT": str(mail_account.port),
        "MESA_IMAP_USER": mail_account.user,
        "MESA_IMAP_PASSWORD": mail_account.password,
        "MESA_IMAP_TLS": "off",
        "MESA_SMTP_HOST": "127.0.0.1",
        "MESA_SMTP_PORT": str(sink.port),
        "MESA_SMTP_TLS": "off",
    }
    async with connected(database.web_url), AsyncExitStack() as stack:
        counter = Counter(make_tools(tmp_path / "tests", clock=clock, jail=jail, hasher=pool), clock)
        await counter.open()
        for port in ports:
            web = {"MESA_HTTP_PORT": str(port), "MESA_PUBLIC_URL": f"http://127.0.0.1:{port}"}
            await stack.enter_async_context(part("web", environ=shared | web))
        await stack.enter_async_context(part("intake", "run", environ=shared))
        await stack.enter_async_context(part("delivery", "run", environ=shared))
        for port in ports:
            await until_ready(port)
        yield House(counter, (ports[0], ports[1]))
    await jail.close()
    pool.close()


async def test_a_real_20_mb_pdf_by_web_is_kept_byte_by_byte_and_certified(
    house: House, sink: Sink, tmp_path: Path, pdf_text: Callable[[Path], str]
) -> None:
    original = scanned_pdf(LIMIT_BYTES - 100_000)
    annex = PNG + os.urandom(50_000)
    maria = await house.counter.register()
    async with house.desk(maria) as desk:
        main_id = await desk.upload("Expediente escaneado.pdf", original, cut_at=7_000_001)
        annex_id = await desk.upload("foto.png", annex)
        given = {
            "clientKey": str(uuid4()),
            "officeCode": "CUSCO",
            "documentKind": "LETTER",
            "documentNumber": "15-2026",
            "subject": "Remito expediente escaneado",
            "folios": 40,
            "mainUpload": main_id,
            "annexUploads": [annex_id],
            "acceptedPrivacyPolicy": "2026-1",
        }
        filed = (await desk.ask(FILE, input=given))["fileTramite"]["tramite"]

        assert [file["sha256"] for file in filed["attachments"]] == [sha256(original), sha256(annex)]
        assert await desk.fetch(filed["attachments"][0]["url"]) == original
        assert await desk.fetch(filed["attachments"][1]["url"]) == annex
        receipt = await desk.fetch(filed["receipts"][0]["url"])

    text = text_of(receipt, tmp_path, pdf_text)
    assert all(expected in text for expected in (filed["number"], sha256(original), sha256(annex)))
    mailed = await sink.wait_for(lambda mail: filed["number"] in str(mail.message["Subject"]))
    assert attached_pdf(mailed.message) == receipt


async def test_a_mail_with_a_pdf_and_three_annexes_is_kept_byte_by_byte_and_certified(
    house: House, mail_account: Account, sink: Sink, tmp_path: Path, pdf_text: Callable[[Path], str]
) -> None:
    files = {
        "pedido.pdf": scanned_pdf(300_000),
        "plano ñandú.png": PNG + os.urandom(400_000),
        "relación.zip": ZIP,
        "segundo.pdf": scanned_pdf(100_000),
    }
    clerk = await house.counter.register(role=Role.CLERK, office="SEDE-CENTRAL")

    await mail_account.deliver(mail_with(files))
    mailed = await sink.wait_for(lambda mail: "ana@ciudadana.example" in str(mail.message["To"]))

    text = text_of(attached_pdf(mailed.message), tmp_path, pdf_text)
    assert all(sha256(data) in text for data in files.values())
    assert mailed.message["In-Reply-To"] == "<pedido@ciudadana.example>"
    async with house.desk(clerk) as desk:
        (edge,) = (await desk.ask(LATEST))["tramites"]["edges"]
        tramite = edge["node"]
        stored = {file["name"]: await desk.fetch(file["url"]) for file in tramite["attachments"]}
    assert stored == files
    assert (tramite["channel"], tramite["status"]) == ("EMAIL", "PENDING")
    assert tramite["number"] in text
    assert {mail.uid for mail in await mail_account.mails("Procesados")}
    assert not await mail_account.mails("INBOX")


async def test_what_a_clerk_does_in_one_process_is_seen_and_mailed_from_others(house: House, sink: Sink) -> None:
    maria = await house.counter.register()
    clerk = await house.counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = await house.counter.file(maria)
    async with (
        house.desk(maria, web=1) as hers,
        house.desk(clerk, web=0) as desk,
        subscribed(hers, house.ports[1], tramite.number) as socket,
    ):
        done = await desk.ask(OBSERVE, input={"id": str(tramite.id), "text": "Falta firmar la solicitud."})
        seen = json.loads(await socket.recv())["payload"]["data"]["statusChanges"]["change"]

    assert done["observeTramite"]["__typename"] == "ObserveTramiteSuccess"
    assert seen == {"number": tramite.number, "fromStatus": "PENDING", "toStatus": "OBSERVED"}
    told = await sink.wait_for(lambda mail: "Falta firmar la solicitud." in mail.message.as_string())
    assert tramite.number in str(told.message["Subject"])


@asynccontextmanager
async def subscribed(desk: Desk, port: int, number: str) -> AsyncGenerator[websockets.ClientConnection]:
    """Follow one trámite from its filing on, and pass over what was before."""
    query = """subscription($number: String) { statusChanges(filter: {number: $number}, fromStart: true) {
        cursor change { number fromStatus toStatus } } }"""
    async with websockets.connect(
        f"ws://127.0.0.1:{port}/graphql", subprotocols=[websockets.Subprotocol("graphql-transport-ws")]
    ) as socket:
        credentials = {"authorization": desk.http.headers["authorization"]}
        await socket.send(json.dumps({"type": "connection_init", "payload": credentials}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        payload = {"query": query, "variables": {"number": number}}
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))
        filed = json.loads(await socket.recv())["payload"]["data"]["statusChanges"]["change"]
        assert filed["toStatus"] == "PENDING"
        caught_up = json.loads(await socket.recv())["payload"]["data"]["statusChanges"]
        assert caught_up["change"] is None
        yield socket


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def scanned_pdf(size_bytes: int) -> bytes:
    """Return a PDF of about *size_bytes*: pages with a picture that does not compress, as a scanner makes them."""
    pdf = pikepdf.new()
    pages = max(1, size_bytes // 2_000_000)
    side = size_bytes // pages - 1_000
    for _ in range(pages):
        page = pdf.add_blank_page()
        picture = pdf.make_stream(os.urandom(side), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
        picture.Width, picture.Height, picture.BitsPerComponent = side, 1, 8
        picture.ColorSpace = pikepdf.Name.DeviceGray
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=picture))
        page.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /Scan Do Q")
    made = io.BytesIO()
    pdf.save(made)
    return made.getvalue()


def mail_with(files: dict[str, bytes]) -> bytes:
    mail = EmailMessage()
    mail["From"] = "Ana Torres <ana@ciudadana.example>"
    mail["To"] = INSTITUTION["MESA_MAIL_ADDRESS"]
    mail["Subject"] = "Pedido de copia con anexos"
    mail["Message-ID"] = "<pedido@ciudadana.example>"
    mail.set_content("Adjunto mi pedido y tres anexos.\n")
    for name, data in files.items():
        subtype = name.rpartition(".")[2]
        mail.add_attachment(data, maintype="application", subtype=subtype, filename=name)
    return mail.as_bytes()


def attached_pdf(mail: EmailMessage) -> bytes:
    (attachment,) = mail.iter_attachments()
    content: bytes = attachment.get_content()
    return content


def text_of(pdf: bytes, folder: Path, pdf_text: Callable[[Path], str]) -> str:
    path = folder / "receipt.pdf"
    path.write_bytes(pdf)
    return pdf_text(path)
