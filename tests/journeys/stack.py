"""`make run`'s own stack, on free ports and in a folder of its own, as a newcomer starts it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from actions.security_check import solve
from mesadepartes.clock import now
from mesadepartes.development import APPLICANT, CLERK, TrialPerson
from rules.numbering import parse_number
from rules.second_factors import code_of, step_at
from tests.journeys.parts import ROOT

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncGenerator, Callable

PATIENCE_SECONDS = 90.0
PDF = b"%PDF-1.7\n% a small document\n%%EOF\n"
FILE = """mutation($input: FileTramiteInput!) { fileTramite(input: $input) {
    __typename ... on Refusal { code message path }
    ... on FileTramiteSuccess { tramite { id number attachments { sha256 } } } } }"""
SIGN_IN = """mutation($input: SignInInput!) { signIn(input: $input) {
    __typename ... on Refusal { code message } ... on SignInSuccess { token } } }"""
PASS = """mutation($input: PassSecondFactorInput!) { passSecondFactor(input: $input) {
    __typename ... on Refusal { code message } ... on PassSecondFactorSuccess { token } } }"""
PAGE = """query($after: String) { tramites(first: 100, after: $after) {
    edges { node { number channel subject } } pageInfo { hasNextPage endCursor } } }"""


class Stack:
    """A counter that can be started, killed, and started again on the same data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.http_port, self.smtp_port, self.imap_port = free_ports(3)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MESA_")}
        self.environ = inherited | {
            "MESA_DATA": str(self.folder / "data"),
            "MESA_HTTP_PORT": str(self.http_port),
            "MESA_SMTP_PORT": str(self.smtp_port),
            "MESA_IMAP_PORT": str(self.imap_port),
        }
        self.process: Process | None = None
        self._tokens = dict[str, str]()
        self.log = folder / "log"

    async def start(self) -> None:
        """Start, in a process group of its own, without waiting."""
        with self.log.open("ab") as log:
            self.process = await self._spawn("run", stdout=log, stderr=log)

    async def serve(self) -> None:
        """Start, and return when it has said that it serves."""
        said = self._times_said()
        await self.start()
        await until(lambda: self._times_said() > said or self.has_ended)
        assert not self.has_ended, self.log.read_text()

    def _times_said(self) -> int:
        return self.log.read_text().count("está en marcha. Ctrl-C") if self.log.exists() else 0

    @property
    def has_ended(self) -> bool:
        """Whether it does not run."""
        return self.process is None or self.process.returncode is not None

    async def ready(self) -> None:
        """Wait until its web part serves."""
        await until_ready(self.http_port)

    async def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Press Ctrl-C and return the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), PATIENCE_SECONDS)

    async def kill(self) -> None:
        """Kill the whole process group with signal 9, and wait until nothing of it is left."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()
        await until(lambda: not self.processes())

    def processes(self) -> list[str]:
        """Command lines of all processes that work on this counter's data."""
        return [line for pid in Path("/proc").glob("[0-9]*") if (line := self._command_if_ours(pid))]

    def pids_of(self, part: str) -> list[int]:
        """Return the ids of the processes that run a part."""
        return [
            int(pid.name)
            for pid in Path("/proc").glob("[0-9]*")
            if (self._command_if_ours(pid) or "").rstrip().endswith(f" {part}")
        ]

    def pid_of_database(self) -> int:
        """Return the id of the embedded PostgreSQL's first process."""
        pid_file = self.folder / "data" / "postgres" / "data" / "postmaster.pid"
        return int(pid_file.read_text().splitlines()[0])

    def _command_if_ours(self, process: Path) -> str | None:
        mark = os.fsencode(self.folder / "data")
        try:
            command, environ = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
        except OSError:
            return None
        is_ours = mark in environ or mark in command
        return command.replace(b"\0", b" ").decode(errors="replace") if is_ours and command else None

    async def call(self, *words: str, **environ: str) -> tuple[int, str]:
        """Run another command of the counter to its end; return exit code and all that it says."""
        pipe, same = asyncio.subprocess.PIPE, asyncio.subprocess.STDOUT
        process = await self._spawn(*words, stdout=pipe, stderr=same, **environ)
        output, _ = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
        assert process.returncode is not None
        return process.returncode, output.decode()

    async def _spawn(self, *words: str, stdout: Any, stderr: Any, **environ: str) -> Process:
        command = (sys.executable, "-m", "mesadepartes", *words)
        return await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=self.environ | environ, stdout=stdout, stderr=stderr, start_new_session=True
        )

    async def send_mail(self, content: bytes) -> None:
        """Hand a mail to the counter; returns when it was taken over."""
        path = self.folder / f"{uuid4().hex}.eml"
        path.write_bytes(content)
        code, output = await self.call("mail", str(path))
        assert code == 0, output

    def sent_mails(self) -> list[EmailMessage]:
        """Return what the counter has sent."""
        found = sorted((self.folder / "data" / "mail" / "outbox").glob("*.eml"))
        return [message_from_bytes(path.read_bytes(), policy=default) for path in found]

    async def wait_for_mail(self, likes: Callable[[EmailMessage], bool]) -> EmailMessage:
        """Return the first mail sent that *likes* likes."""
        await until(lambda: any(likes(mail) for mail in self.sent_mails()))
        return next(mail for mail in self.sent_mails() if likes(mail))

    @asynccontextmanager
    async def signed_in(self, person: TrialPerson) -> AsyncGenerator[Desk]:
        """Sign somebody in."""
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.http_port}", timeout=PATIENCE_SECONDS) as http:
            # Once for all: the code of a second factor is good once in half a minute.
            if person.dni not in self._tokens:
                self._tokens[person.dni] = await sign_in(http, person)
            http.headers["authorization"] = f"Bearer {self._tokens[person.dni]}"
            yield Desk(http)

    async def last_serial(self) -> int:
        """File something, and return which in the year it is: what follows has no gap from there on."""
        async with self.signed_in(APPLICANT) as rosa:
            return serial_of(await rosa.file(key=str(uuid4())))

    async def numbers(self) -> list[str]:
        """Return the numbers of all trámites, as the clerk sees them."""
        async with self.signed_in(CLERK) as clerk:
            return [each["number"] for each in await clerk.tramites()]


class Desk:
    """A person at the counter."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def tramites(self) -> list[dict[str, Any]]:
        """Return what the person sees."""
        found, after = list[dict[str, Any]](), None
        while True:
            answer = await self.http.post("/graphql", json={"query": PAGE, "variables": {"after": after}})
            page = answer.json()["data"]["tramites"]
            found += [edge["node"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                return found
            after = page["pageInfo"]["endCursor"]

    async def file(self, *, key: str, data: bytes = PDF) -> dict[str, Any]:
        """File a document in one multipart request; the same key files once only."""
        given = {
            "clientKey": key,
            "officeCode": "SEDE-CENTRAL",
            "documentKind": "APPLICATION",
            "subject": f"Solicitud {key}",
            "folios": 1,
            "mainUpload": None,
            "acceptedPrivacyPolicy": "2026-1",
        }
        answer = await self.http.post(
            "/graphql",
            data={
                "operations": json.dumps({"query": FILE, "variables": {"input": given}}),
                "map": json.dumps({"0": ["variables.input.mainUpload"]}),
            },
            files={"0": ("solicitud.pdf", data, "application/pdf")},
            headers={"x-mesa-client": "tests"},
        )
        filed: dict[str, Any] = answer.json()["data"]["fileTramite"]
        assert filed["__typename"] == "FileTramiteSuccess", filed
        return filed["tramite"]


async def sign_in(http: httpx.AsyncClient, person: TrialPerson) -> str:
    """Sign somebody in, staff with the code of their telephone, and return the token."""
    given = {"identityKind": "DNI", "identityNumber": person.dni, "password": person.password}
    begun = await _ask(http, SIGN_IN, input=given | {"proof": await proof(http)})
    token: str = begun["signIn"]["token"]
    if person.seed is None:
        return token
    http.headers["authorization"] = f"Bearer {token}"
    # The code of this half minute may be used up by somebody's test before: then that of the next is good.
    for ahead in (0, 1):
        passed = await _ask(http, PASS, input={"code": code_of(person.seed, step_at(now()) + ahead)})
        if "token" in passed["passSecondFactor"]:
            break
    return passed["passSecondFactor"]["token"]


async def _ask(http: httpx.AsyncClient, document: str, **variables: Any) -> dict[str, Any]:
    answer = await http.post("/graphql", json={"query": document, "variables": variables})
    return answer.json()["data"]


async def proof(http: httpx.AsyncClient) -> str:
    """Ask for a security check and solve it."""
    answer = await http.post("/graphql", json={"query": "{ securityCheck { challenge } }"})
    return await asyncio.to_thread(solve, answer.json()["data"]["securityCheck"]["challenge"])


@asynccontextmanager
async def stack_in(folder: Path) -> AsyncGenerator[Stack]:
    """Yield a stack that is not started yet; whatever runs in the end is killed."""
    stack = Stack(folder)
    try:
        yield stack
    finally:
        if not stack.has_ended:
            await stack.kill()


async def until(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.05)


async def until_ready(port: int) -> None:
    """Wait until the part on *port* says that it is ready."""
    async with asyncio.timeout(PATIENCE_SECONDS), httpx.AsyncClient() as http:
        while not await _is_ready(http, port):
            await asyncio.sleep(0.05)


async def _is_ready(http: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await http.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
    except httpx.TransportError:
        return False


def free_ports(count: int) -> list[int]:
    """Return ports that nobody uses now."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def serial_of(tramite: dict[str, Any]) -> int:
    """Return which trámite of its year it is."""
    return parse_number(tramite["number"]).serial


def citizens_mail(subject: str, *, sender: str = "ana@ciudadana.example") -> bytes:
    """Return a mail with a PDF, as a citizen sends it."""
    mail = EmailMessage()
    mail["From"] = f"Ana Torres <{sender}>"
    mail["To"] = "mesadepartes@entidad.example"
    mail["Subject"] = subject
    mail["Date"] = "Tue, 10 Mar 2026 10:00:00 -0500"
    mail["Message-ID"] = f"<{uuid4().hex}@ciudadana.example>"
    mail.set_content("Adjunto mi solicitud.\n")
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="solicitud.pdf")
    return mail.as_bytes()


__all__ = ["APPLICANT", "CLERK", "PDF", "Stack", "citizens_mail", "stack_in", "until"]
