"""The development mail server, through real SMTP and IMAP connections."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import aioimaplib
import aiosmtplib
import pytest
import pytest_asyncio

from mesadepartes.embedded.mail import DevelopmentMail

INTAKE = "mesadepartes@muni.example"
PASSWORD = "una clave de prueba"
NewServer = Callable[[], DevelopmentMail]

PLAIN = b"From: ana@example.org\r\nTo: mesadepartes@muni.example\r\nSubject: Solicitud\r\n\r\nHola\r\n"
ODD = {
    "eight-bit": b"Subject: Petici\xf3n\r\n\r\n\xff\xfe\x00 ca\xf1\xf3n\r\n",
    "bare line feeds": b"Subject: x\r\nX-Odd: a\nb\r\n\r\nline\nline\r\n",
    "bare carriage returns": b"Subject: x\r\n\r\none\rtwo\r\r\n",
    "no empty line": b"Subject: only a header\r\n",
    "only an empty line": b"\r\n",
    "dots": b"Subject: x\r\n\r\n.\r\n..\r\n.start\r\n",
    "long line": b"Subject: x\r\n\r\n" + b"a" * 100_000 + b"\r\n",
    "hostile header": b"Content-Type: text/plain; name*\r\nMessage-ID: <[x]@y>\r\nSubject: x\r\n\r\nbody\r\n",
    "nested": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\nepilogue\r\n",
}


@pytest.fixture
def new_server(tmp_path: Path) -> NewServer:
    """Return a maker of servers on the same folder, as after a restart."""
    return lambda: DevelopmentMail(
        tmp_path / "mail", intake_address=INTAKE, password=PASSWORD, smtp_port=0, imap_port=0
    )


@pytest_asyncio.fixture
async def server(new_server: NewServer) -> AsyncGenerator[DevelopmentMail]:
    """Return a running server."""
    server = new_server()
    await server.start()
    yield server
    await server.stop()


async def send(port: int, content: bytes, recipient: str = INTAKE) -> bytes:
    """Send a mail over a bare socket, because a client library would tidy it up; return the final answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reader.readline()
    for line in (b"EHLO test", b"MAIL FROM:<ana@example.org> SMTPUTF8", f"RCPT TO:<{recipient}>".encode(), b"DATA"):
        writer.write(line + b"\r\n")
        while (await reader.readline())[3:4] == b"-":
            pass
    stuffed = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
    writer.write(stuffed + b".\r\n")
    await writer.drain()
    answer = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return answer


@asynccontextmanager
async def signed_in(port: int, folder: str = "INBOX") -> AsyncGenerator[aioimaplib.IMAP4]:
    """Return an IMAP client with a folder selected."""
    client = aioimaplib.IMAP4("127.0.0.1", port, timeout=60)
    await client.wait_hello_from_server()
    assert (await client.login(INTAKE, PASSWORD)).result == "OK"
    assert client.protocol
    await client.protocol.capability()
    assert (await client.select(folder)).result == "OK"
    yield client
    await client.logout()


async def fetch(client: aioimaplib.IMAP4, uid: int, what: str = "BODY.PEEK[]") -> bytes:
    """Return a literal that the server sends."""
    response = await client.uid("fetch", str(uid), f"({what})")
    return next(bytes(line) for line in response.lines if isinstance(line, bytearray))


async def uids(client: aioimaplib.IMAP4) -> list[int]:
    """Return the UIDs in the selected folder."""
    response = await client.uid_search("ALL", charset=None)
    return [int(uid) for uid in response.lines[0].split()]


async def test_mail_is_on_the_disk_when_it_is_accepted(server: DevelopmentMail, tmp_path: Path) -> None:
    answer = await send(server.smtp_port, PLAIN)

    assert answer.startswith(b"250")
    assert [path.read_bytes() for path in (tmp_path / "mail/spool").iterdir()] == [PLAIN]


@pytest.mark.parametrize("content", ODD.values(), ids=ODD.keys())
async def test_mail_is_served_as_it_came(server: DevelopmentMail, content: bytes) -> None:
    assert (await send(server.smtp_port, content)).startswith(b"250")

    async with signed_in(server.imap_port) as client:
        served = await fetch(client, 1)
        size = await client.uid("fetch", "1", "(RFC822.SIZE)")

    assert served == content
    assert f"RFC822.SIZE {len(content)}".encode() in size.lines[0]


async def test_header_and_pieces_are_those_of_the_mail(server: DevelopmentMail) -> None:
    await send(server.smtp_port, ODD["hostile header"])

    async with signed_in(server.imap_port) as client:
        head = await fetch(client, 1, "BODY.PEEK[HEADER]")
        piece = await fetch(client, 1, "BODY.PEEK[]<5.20>")

    assert head + b"body\r\n" == ODD["hostile header"]
    assert piece == ODD["hostile header"][5:25]


async def test_thirty_megabytes_come_back_whole(server: DevelopmentMail) -> None:
    line = b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==\r\n"
    content = PLAIN + line * (30_000_000 // len(line))
    assert (await send(server.smtp_port, content)).startswith(b"250")

    async with signed_in(server.imap_port) as client:
        served = await fetch(client, 1)

    assert hashlib.sha256(served).digest() == hashlib.sha256(content).digest()


async def test_restart_hands_over_again_in_order_with_the_same_dates(new_server: NewServer) -> None:
    first = new_server()
    await first.start()
    for number in range(3):
        await send(first.smtp_port, PLAIN + b"%d\r\n" % number)
    async with signed_in(first.imap_port) as client:
        before = await inbox(client)
        await client.uid("move", "2", "Procesados")
    await first.stop()

    second = new_server()
    await second.start()
    async with signed_in(second.imap_port) as client:
        after = await inbox(client)
    await second.stop()

    assert [body for body, _ in after.mails] == [PLAIN + b"%d\r\n" % number for number in range(3)]
    assert after.mails == before.mails
    assert after.validity > before.validity


async def test_mail_accepted_before_a_crash_is_there_after_it(new_server: NewServer, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    script = f"""
import asyncio, pathlib
from mesadepartes.embedded.mail import DevelopmentMail
async def serve():
    folder = pathlib.Path({str(folder)!r})
    mail = DevelopmentMail(folder, intake_address={INTAKE!r}, password="x", smtp_port=0, imap_port=0)
    await mail.start()
    print(mail.smtp_port, flush=True)
    await asyncio.Event().wait()
asyncio.run(serve())
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    port = int(await process.stdout.readline())
    assert (await send(port, PLAIN)).startswith(b"250")
    process.kill()
    await process.wait()
    (folder / "spool" / "20261125T000000.000000000Z-00000000.tmp").write_bytes(b"half a ma")

    server = new_server()
    await server.start()
    async with signed_in(server.imap_port) as client:
        after = await inbox(client)
    await server.stop()

    assert [body for body, _ in after.mails] == [PLAIN]
    assert [path.suffix for path in (folder / "spool").iterdir()] == [".eml"]


async def test_idle_wakes_when_mail_comes(server: DevelopmentMail) -> None:
    async with signed_in(server.imap_port) as client:
        idle = await client.idle_start(timeout=120)
        waiting = asyncio.create_task(client.wait_server_push(timeout=60))

        await send(server.smtp_port, PLAIN)

        assert b"1 EXISTS" in await waiting
        client.idle_done()
        await asyncio.wait_for(idle, 60)


async def test_moved_mail_is_served_from_its_new_folder(server: DevelopmentMail) -> None:
    await send(server.smtp_port, ODD["eight-bit"])

    async with signed_in(server.imap_port) as client:
        assert (await client.uid("move", "1", "Procesados")).result == "OK"
        left = await uids(client)
        await client.select("Procesados")
        moved = [await fetch(client, uid) for uid in await uids(client)]

    assert left == []
    assert moved == [ODD["eight-bit"]]


async def test_counters_own_mail_is_kept_apart_and_readable(server: DevelopmentMail, tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = INTAKE, "ana@example.org", "Constancia de recepción"
    message.set_content("Su documento fue recibido.")

    await aiosmtplib.send(message, hostname="127.0.0.1", port=server.smtp_port)

    [path] = (tmp_path / "mail/outbox").glob("*.eml")
    assert message_from_bytes(path.read_bytes(), policy=default)["Subject"] == "Constancia de recepción"
    assert not list((tmp_path / "mail/spool").iterdir())
    async with signed_in(server.imap_port, "Enviados") as client:
        assert await fetch(client, 1) == path.read_bytes()


async def test_mail_that_cannot_be_stored_is_not_accepted(server: DevelopmentMail, tmp_path: Path) -> None:
    (tmp_path / "mail/spool").rmdir()

    answer = await send(server.smtp_port, PLAIN)

    assert answer.startswith(b"451")
    async with signed_in(server.imap_port) as client:
        assert await uids(client) == []


async def test_folders_of_the_intake_are_there_and_other_passwords_are_refused(server: DevelopmentMail) -> None:
    async with signed_in(server.imap_port) as client:
        listed = await client.list('""', "*")
        again = await client.create("Procesados")
    stranger = aioimaplib.IMAP4("127.0.0.1", server.imap_port, timeout=60)
    await stranger.wait_hello_from_server()
    refused = await stranger.login(INTAKE, "otra clave")
    await stranger.logout()

    names = {line.split()[-1].strip(b'"').decode() for line in listed.lines[:-1]}
    assert names == {"INBOX", "Procesados", "Cuarentena", "Enviados"}
    assert (again.result, refused.result) == ("NO", "NO")


async def test_stop_ends_waiting_clients(new_server: NewServer) -> None:
    server = new_server()
    await server.start()
    client = aioimaplib.IMAP4("127.0.0.1", server.imap_port, timeout=60)
    await client.wait_hello_from_server()
    await client.login(INTAKE, PASSWORD)
    await client.select()
    await client.idle_start(timeout=600)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.smtp_port)

    await asyncio.wait_for(server.stop(), 30)

    assert (await asyncio.wait_for(reader.read(), 30)).startswith(b"220")
    writer.close()
    assert client.protocol
    assert client.protocol.transport
    client.protocol.transport.close()


@dataclass(frozen=True)
class Inbox:
    """What INBOX holds: the bytes and the internal date of each mail, by UID."""

    validity: int
    mails: list[tuple[bytes, bytes]]


async def inbox(client: aioimaplib.IMAP4) -> Inbox:
    """Read INBOX, which is selected."""
    status = await client.status("INBOX", "(UIDVALIDITY)")
    validity = int(status.lines[0].split()[-1].rstrip(b")"))
    mails: list[tuple[bytes, bytes]] = []
    for uid in await uids(client):
        dates = await client.uid("fetch", str(uid), "(INTERNALDATE)")
        mails.append((await fetch(client, uid), dates.lines[0].split(b'"')[1]))
    return Inbox(validity, mails)
