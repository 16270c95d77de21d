"""`make run`: the whole counter on one machine, from the first start to the last Ctrl-C."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import signal
import socket
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import pytest_asyncio

from mesadepartes.development import PEOPLE
from tests.journeys.stack import APPLICANT, CLERK, PDF, Stack, citizens_mail, serial_of, stack_in, until

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from email.message import EmailMessage
    from pathlib import Path

RANDOM_KILLS = int(os.environ.get("KILLS", "3"))
pytestmark = pytest.mark.timeout(300 + 30 * RANDOM_KILLS)


@pytest_asyncio.fixture
async def stack(tmp_path: Path) -> AsyncGenerator[Stack]:
    async with stack_in(tmp_path) as stack:
        yield stack


def is_receipt_for(address: str, *, of: str = "") -> Callable[[EmailMessage], bool]:
    """Return whether a mail is the receipt of the trámite of that number."""

    def likes(mail: EmailMessage) -> bool:
        return address in str(mail["To"]) and "Constancia" in str(mail["Subject"]) and of in str(mail["Subject"])

    return likes


def check_welcome(stack: Stack) -> None:
    said = stack.log.read_text()
    for person in PEOPLE:
        assert person.dni in said
        assert person.password in said
        assert person.seed is None or f"-m mesadepartes code {person.seed}" in said
    assert f"http://127.0.0.1:{stack.http_port}/graphql" in said
    assert f"http://127.0.0.1:{stack.http_port}/api" in said
    assert f"MESA_SMTP_PORT={stack.smtp_port} " in said


@pytest.mark.asyncio(loop_scope="session")
async def test_newcomer_files_by_web_and_mail_and_finds_it_again_after_a_restart(
    running: Stack, pdf_text: Callable[[Path], str]
) -> None:
    check_welcome(running)
    earlier = await running.numbers()
    async with running.signed_in(APPLICANT) as rosa:
        filed = await rosa.file(key=str(uuid4()))
    await running.send_mail(citizens_mail("Pido una copia"))

    await running.wait_for_mail(is_receipt_for(APPLICANT.email, of=filed["number"]))
    by_mail = await running.wait_for_mail(is_receipt_for("ana@ciudadana.example"))
    (receipt,) = by_mail.iter_attachments()
    (running.folder / "receipt.pdf").write_bytes(receipt.get_content())
    assert hashlib.sha256(PDF).hexdigest() in "".join(pdf_text(running.folder / "receipt.pdf").split())
    before = await running.numbers()
    assert len(before) == len(earlier) + 2

    assert await running.stop() == 0
    assert running.processes() == []

    await running.serve()
    assert await running.numbers() == before
    assert "Traceback" not in running.log.read_text()


@pytest.mark.asyncio(loop_scope="session")
async def test_second_counter_on_the_same_data_says_so(running: Stack) -> None:
    code, said = await running.call("run")

    assert code == 1
    assert "Ya hay una mesa de partes en marcha" in said
    await running.numbers()  # the first one still serves


@pytest.mark.asyncio(loop_scope="session")
async def test_parts_that_die_are_started_again(running: Stack) -> None:
    parts = ("web", "delivery run", "rounds run")
    killed = {part: running.pids_of(part) for part in parts}
    for part in parts:
        os.kill(killed[part][0], signal.SIGKILL)

    for part in parts:
        await until(lambda part=part: running.pids_of(part) not in ([], killed[part]))

    await running.ready()
    async with running.signed_in(APPLICANT) as rosa:
        filed = await rosa.file(key=str(uuid4()))
    await running.wait_for_mail(is_receipt_for(APPLICANT.email, of=filed["number"]))


@pytest.mark.asyncio(loop_scope="session")
async def test_database_that_ends_and_cannot_start_for_a_while_is_started_when_it_can(running: Stack) -> None:
    before = await running.numbers()
    passwords = running.folder / "data" / "postgres" / "passwords.json"
    passwords.rename(passwords.with_suffix(".aside"))
    os.kill(running.pid_of_database(), signal.SIGKILL)
    await until(lambda: running.log.read_text().count("PostgreSQL does not start") > 1)

    passwords.with_suffix(".aside").rename(passwords)
    await running.send_mail(citizens_mail("Pido una copia", sender="eva@ciudadana.example"))

    await running.wait_for_mail(is_receipt_for("eva@ciudadana.example"))
    assert len(await running.numbers()) == len(before) + 1


@pytest.mark.asyncio(loop_scope="session")
async def test_kill_9_at_any_moment_loses_and_doubles_nothing(running: Stack) -> None:
    """What was acknowledged before a kill is there once after it, however often its client asks again."""
    keys, acknowledged, subjects = [str(uuid4()) for _ in range(4 * RANDOM_KILLS)], set[str](), list[str]()
    last, earlier = await running.last_serial(), len(await running.numbers())

    for turn in range(RANDOM_KILLS):
        subjects.append(f"Pedido {turn}")
        await running.send_mail(citizens_mail(subjects[-1]))
        filing = asyncio.create_task(_file_all(running, keys[4 * turn : 4 * turn + 4], acknowledged))
        await asyncio.sleep(random.uniform(0.0, 0.6))
        await running.kill()
        await asyncio.wait({filing})
        await running.serve()
    async with running.signed_in(CLERK) as clerk:
        await _file_all(running, keys, acknowledged)
        await _until_filed(running, earlier + len(keys) + len(subjects))
        seen = await clerk.tramites()
    new = {serial_of(each): each for each in seen if serial_of(each) > last}
    assert acknowledged <= {each["number"] for each in new.values()}
    assert sorted(each["subject"] for each in new.values()) == sorted(
        [*(f"Solicitud {key}" for key in keys), *subjects]
    )
    assert len(seen) == earlier + len(new)
    assert sorted(new) == list(range(last + 1, last + 1 + len(new)))
    assert await running.stop(signal.SIGTERM) == 0
    assert running.processes() == []


async def _file_all(stack: Stack, keys: list[str], acknowledged: set[str]) -> None:
    async with stack.signed_in(APPLICANT) as rosa:
        for key in keys:
            acknowledged.add((await rosa.file(key=key))["number"])


async def _until_filed(stack: Stack, count: int) -> None:
    async with asyncio.timeout(90):
        while len(await stack.numbers()) < count:
            await asyncio.sleep(0.1)


async def test_kill_9_while_starting_does_no_harm(stack: Stack) -> None:
    for seconds in (0.1, 0.4, 0.9, 1.6):
        await stack.start()
        await asyncio.sleep(seconds)
        await stack.kill()

    await stack.serve()
    assert await stack.numbers() == []


async def test_database_that_cannot_be_used_is_said_and_nothing_is_left_running(stack: Stack) -> None:
    stack.environ["MESA_DATABASE_URL"] = "postgresql://mesa:clave-1@127.0.0.1:1/mesa"

    code, said = await stack.call("run")

    assert code == 1
    assert "The database cannot be used: ConnectionRefusedError" in said
    assert "Traceback" not in said
    assert "clave-1" not in said
    assert stack.processes() == []


async def test_data_folder_that_cannot_be_written_is_named_with_its_variable(stack: Stack) -> None:
    (stack.folder / "data").write_text("a file stands where the folder should be")

    code, said = await stack.call("run")

    assert code == 1
    assert str(stack.folder / "data") in said
    assert "MESA_DATA=" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("variable", ["MESA_HTTP_PORT", "MESA_SMTP_PORT", "MESA_IMAP_PORT"])
async def test_port_that_is_taken_is_named_with_its_variable(stack: Stack, variable: str) -> None:
    port = int(stack.environ[variable])
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()

        code, said = await stack.call("run")

    assert code == 1
    assert f"{variable}=" in said
    assert str(port) in said
    assert stack.processes() == []
