"""The README's example, typed by a newcomer: its commands run as they stand there and answer as printed."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from mesadepartes.development import SUPERVISOR
from tests.journeys.parts import ROOT
from tests.journeys.stack import APPLICANT, PATIENCE_SECONDS

if TYPE_CHECKING:
    from email.message import EmailMessage

    from tests.journeys.stack import Stack

BLOCK = re.compile(r"^```(sh|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"\bMPD-[0-9]{4}-[0-9]{6}-[0-9A-Z]\b")
END = "\x1e"
pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is missing: apt-get install curl"),
]


def blocks() -> list[tuple[str, str | None]]:
    """Return the README's commands, each with the answer that is printed below it, if one is."""
    found = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    after = [*found[1:], ("", "")]
    return [
        (text, answer if kind == "json" else None)
        for (language, text), (kind, answer) in zip(found, after, strict=True)
        if language == "sh"
    ]


def on(stack: Stack, command: str) -> str:
    """Return a command of the README for this stack's ports and this Python."""
    assert "http://127.0.0.1:8000" in command or ".venv/bin/mesadepartes" in command
    command = command.replace(" .mesa/", f" {stack.folder}/data/").replace("=.mesa/", f"={stack.folder}/data/")
    command = command.replace("MESA_IMAP_PORT=1143", f"MESA_IMAP_PORT={stack.imap_port}")
    here = command.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{stack.http_port}")
    return here.replace(".venv/bin/mesadepartes", f"{sys.executable} -m mesadepartes")


async def typed(stack: Stack, commands: list[str]) -> list[str]:
    """Run the commands in one shell, one after the other, and return what each says."""
    script = "\n".join(f"{command}\nprintf '{END}'" for command in commands)
    shell = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", script),
        cwd=ROOT,
        env=stack.environ,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await asyncio.wait_for(shell.communicate(), PATIENCE_SECONDS)
    assert shell.returncode == 0, said.decode()
    return said.decode().split(END)[:-1]


def filed_by(mail: EmailMessage) -> str:
    """Return the number of the trámite of which a mail tells."""
    found = NUMBER.search(str(mail["Subject"]))
    assert found, mail["Subject"]
    return found[0]


def without_numbers(answer: str) -> Any:
    """Return an answer with the numbers of trámites alike: they depend on the year and on what was filed before."""
    return json.loads(NUMBER.sub("MPD-YYYY-NNNNNN-X", answer))


@pytest.mark.asyncio(loop_scope="session")
async def test_the_examples_answer_as_printed_and_both_receipts_arrive(running: Stack) -> None:
    examples = blocks()
    assert [answer is not None for _, answer in examples] == [False, True, False, True, False]
    # Not as the clerk: the README signs in as them, and the code of a second factor is good once in half a minute.
    async with running.signed_in(SUPERVISOR) as carmen:
        earlier = {each["number"] for each in await carmen.tramites()}

    said = await typed(running, [on(running, command) for command, _ in examples])
    by_mail = await running.wait_for_mail(lambda mail: "ana.torres@ciudadana.example" in mail["To"])
    async with running.signed_in(SUPERVISOR) as carmen:
        filed = {each["number"]: each["channel"] for each in await carmen.tramites() if each["number"] not in earlier}
    by_web = await running.wait_for_mail(
        lambda mail: APPLICANT.email in mail["To"] and "Constancia" in mail["Subject"] and filed_by(mail) in filed
    )

    assert sorted(filed.values()) == ["EMAIL", "WEB"]
    assert {filed_by(by_web): "WEB", filed_by(by_mail): "EMAIL"} == filed

    for printed, found in zip([answer for _, answer in examples], said, strict=True):
        assert printed is None or without_numbers(found) == without_numbers(printed)
    for receipt in (by_web, by_mail):
        assert [part.get_content_type() for part in receipt.iter_attachments()] == ["application/pdf"]
