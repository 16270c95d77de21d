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
from tests.journeys.stack import APPLICANT, CLERK, PDF, Stack, citizens_mail, stack_in, until

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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stack]:
    """Return a counter that serves, for tests that leave it serving."""
    async with stack_in(tmp_path_factory.mktemp("running")) as stack:
        await stack.serve()
        yield stack


def is_receipt_for(address: str) -> Callable[[EmailMessage], bool]:
    return lambda mail: address in str(mail["To"]) and "Constancia" in str(mail["Subject"])


def check_welcome(stack: Stack) -> None:
    said = stack.log.read_text()
    for person in PEOPLE:
        assert person.dni in said
        assert person.password in said
        assert person.seed is None or f"-m mesadepartes code {person.seed}" in said
    assert f"http://127.0.0.1:{stack.http_port}/graphql" in said
    assert f"http://127.0.0.1:{stack.http_port}/api" in said
    assert f"MESA_SMTP_PORT={stack.smtp_port} " in said


async def test_newcomer_files_by_web_and_mail_and_finds_it_again_after_a_restart(
    stack: Stack, pdf_text: Callable[[Path], str]
) -> None:
    await stack.serve()
    check_welcome(stack)
    async with stack.signed_in(APPLICANT) as rosa:
        filed = await rosa.file(key=str(uuid4()))
    await stack.send_mail(citizens_mail("Pido una copia"))

    by_web = await stack.wait_for_mail(is_receipt_for(APPLICANT.email))
    by_mail = await stack.wait_for_mail(is_receipt_for("ana@ciudadana.example"))
    assert filed["number"] in str(by_web["Subject"])
    (receipt,) = by_mail.iter_attachments()
    (stack.folder / "receipt.pdf").write_bytes(receipt.get_content())
    assert hashlib.sha256(PDF).hexdigest() in "".join(pdf_text(stack.folder / "receipt.pdf").split())
    before = await stack.numbers()
    assert len(before) == 2

    assert await stack.stop() == 0
    assert stack.processes() == []

    await stack.serve()
    assert await stack.numbers() == before
    assert await stack.stop(signal.SIGTERM) == 0
    assert stack.processes() == []
    assert "Traceback" not in stack.log.read_text()


async def test_kill_9_at_any_moment_loses_and_doubles_nothing(stack: Stack) -> None:
    """What was acknowledged before a kill is there once after it, however often its client asks again."""
    keys, acknowledged, subjects = [str(uuid4()) for _ in range(4 * RANDOM_KILLS)], set[str](), list[str]()

    for turn in range(RANDOM_KILLS):
        await stack.serve()
        subjects.append(f"Pedido {turn}")
        await stack.send_mail(citizens_mail(subjects[-1]))
        filing = asyncio.create_task(_file_all(stack, keys[4 * turn : 4 * turn + 4], acknowledged))
        await asyncio.sleep(random.uniform(0.0, 0.6))
        await stack.kill()
        await asyncio.wait({filing})
    await stack.serve()
    async with stack.signed_in(CLERK) as clerk:
        await _file_all(stack, keys, acknowledged)
        await _until_filed(stack, len(keys) + len(subjects))
        seen = await clerk.tramites()
    numbers = [each["number"] for each in seen]
    assert acknowledged <= set(numbers)
    assert sorted(each["subject"] for each in seen) == sorted([*(f"Solicitud {key}" for key in keys), *subjects])
    assert sorted(int(number.split("-")[2]) for number in numbers) == list(range(1, len(numbers) + 1))
    assert await stack.stop() == 0


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


@pytest.mark.asyncio(loop_scope="module")
async def test_second_counter_on_the_same_data_says_so(running: Stack) -> None:
    code, said = await running.call("run")

    assert code == 1
    assert "Ya hay una mesa de partes en marcha" in said
    await running.numbers()  # the first one still serves


@pytest.mark.asyncio(loop_scope="module")
async def test_parts_that_die_are_started_again(running: Stack) -> None:
    parts = ("web", "delivery run", "rounds run")
    killed = {part: running.pids_of(part) for part in parts}
    for part in parts:
        os.kill(killed[part][0], signal.SIGKILL)

    for part in parts:
        await until(lambda part=part: running.pids_of(part) not in ([], killed[part]))

    await running.ready()
    async with running.signed_in(APPLICANT) as rosa:
        await rosa.file(key=str(uuid4()))
    await running.wait_for_mail(is_receipt_for(APPLICANT.email))


@pytest.mark.asyncio(loop_scope="module")
async def test_database_that_ends_and_cannot_start_for_a_while_is_started_when_it_can(running: Stack) -> None:
    before = await running.numbers()
    passwords = running.folder / "data" / "postgres" / "passwords.json"
    passwords.rename(passwords.with_suffix(".aside"))
    os.kill(running.pid_of_database(), signal.SIGKILL)
    await until(lambda: running.log.read_text().count("PostgreSQL does not start") > 1)

    passwords.with_suffix(".aside").rename(passwords)
    await running.send_mail(citizens_mail("Pido una copia"))

    await running.wait_for_mail(is_receipt_for("ana@ciudadana.example"))
    assert len(await running.numbers()) == len(before) + 1


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
