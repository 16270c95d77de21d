"""`intake audit` and `ingest` as an administrator runs them, and how they end."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from actions.administration import plant_offices
from mesadepartes.database import connected
from models.mail import MailItem
from models.tramites import Tramite
from tests.commands import all_said
from tests.journeys.parts import INSTITUTION
from tests.stores import path_of, store_in
from tests.unit.intake.mails import PDF, write_mail

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.servers.dovecot import Account
    from tests.servers.postgres import Database

Ended = tuple[int, str]

BOXES = """
[[mailbox]]
name = "puno"
host = "mail.example"
user = "puno@entidad.example"
password_env = "CLAVE"
folders = { INBOX = "SEDE-CENTRAL" }
"""


class Shell:
    """Runs commands with the settings of a test."""

    def __init__(self, environ: dict[str, str]) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MESA_")}
        self.environ = {**inherited, **environ}

    async def run(self, *words: str, **changes: str) -> Ended:
        """Run `mesadepartes` with *words*; return its exit code and all that it said."""
        return await all_said(*words, environ={**self.environ, **changes})


@pytest_asyncio.fixture
async def shell(database: Database, mail_account: Account, tmp_path: Path) -> AsyncGenerator[Shell]:
    """Return a shell with a counter that has offices and a mailbox that is empty."""
    async with connected(database.web_url):
        await plant_offices()
        yield Shell(
            {
                **INSTITUTION,
                "MESA_DATABASE_URL": database.web_url,
                "MESA_DATA": str(tmp_path / "data"),
                "MESA_IMAP_HOST": mail_account.host,
                "MESA_IMAP_PORT": str(mail_account.port),
                "MESA_IMAP_TLS": "off",
                "MESA_IMAP_USER": mail_account.user,
                "MESA_IMAP_PASSWORD": mail_account.password,
            }
        )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a mail in a file."""
    path = tmp_path / "pedido.eml"
    path.write_bytes(write_mail(("a.pdf", PDF)).as_bytes())
    return path


async def test_a_mail_is_ingested_once_and_the_audit_finds_nothing(shell: Shell, file: Path) -> None:
    at = "2026-03-06T10:00:00-05:00"

    first = await shell.run("ingest", str(file), "--received-at", at)
    second = await shell.run("ingest", str(file))

    tramite, item = await Tramite.get(), await MailItem.get()
    assert (first[0], second[0]) == (0, 0), first[1] + second[1]
    assert f"Mail {item.id} FILED, trámite {tramite.number}" in first[1]
    assert f"Mail {item.id} had been taken in before: FILED, trámite {tramite.number}" in second[1]
    assert tramite.sent_at.isoformat() == "2026-03-06T15:00:00+00:00"
    assert await shell.run("intake", "audit") == (0, "Mailbox, ledger, store and trámites agree.\n")


async def test_the_audit_lists_differences_and_ends_with_3(shell: Shell, file: Path, tmp_path: Path) -> None:
    await shell.run("ingest", str(file))
    item = await MailItem.get()
    path_of(store_in(tmp_path / "data" / "store"), item.original_id).unlink()

    code, said = await shell.run("intake", "audit", "--json")

    told, summary = said.splitlines()
    assert code == 3
    assert json.loads(told) == {"kind": "ORIGINAL_MISSING", "mailbox": str(item.mailbox_id), "mail": str(item.id)}
    assert summary == "Error: DIFFERENT: ORIGINAL_MISSING 1"


async def test_the_audit_that_cannot_look_ends_with_1(shell: Shell) -> None:
    code, said = await shell.run("intake", "audit", MESA_IMAP_PASSWORD="otra")

    assert (code, said) == (1, "Error: The mail server cannot be looked at: SignInRefused\n")


async def test_a_mailbox_that_nobody_named_is_refused_with_the_names_that_there_are(shell: Shell, file: Path) -> None:
    code, answer = await shell.run("ingest", str(file), "--mailbox", "otra")

    assert (code, await MailItem.all().count()) == (2, 0)
    assert "there are: intake." in answer


async def test_a_mail_from_one_of_our_own_mailboxes_is_known_as_such(shell: Shell, tmp_path: Path) -> None:
    boxes = tmp_path / "mailboxes.toml"
    boxes.write_text(BOXES)
    letter = tmp_path / "propio.eml"
    letter.write_bytes(write_mail(("a.pdf", PDF), sender="puno@entidad.example").as_bytes())

    shell.environ = {name: value for name, value in shell.environ.items() if not name.startswith("MESA_IMAP_")}

    code, said = await shell.run("ingest", str(letter), "--mailbox", "puno", MESA_MAILBOXES=str(boxes), CLAVE="x")

    assert code == 0, said
    assert "QUARANTINED (OWN_MAIL)" in said


async def test_where_there_are_several_mailboxes_it_must_be_said_into_which(shell: Shell, file: Path) -> None:
    boxes = file.with_name("mailboxes.toml")
    boxes.write_text(BOXES + BOXES.replace("puno", "cusco").replace("SEDE-CENTRAL", "CUSCO"))
    shell.environ = {name: value for name, value in shell.environ.items() if not name.startswith("MESA_IMAP_")}

    unsaid = await shell.run("ingest", str(file), MESA_MAILBOXES=str(boxes), CLAVE="x")
    said = await shell.run("ingest", str(file), "--mailbox", "cusco", MESA_MAILBOXES=str(boxes), CLAVE="x")

    assert (unsaid[0], "there are: puno, cusco." in unsaid[1], said[0]) == (2, True, 0), said[1]
    assert (await Tramite.get().select_related("office")).office.code == "CUSCO"


@pytest.mark.parametrize("said", ["ayer", "2026-03-06T10:00:00"])
async def test_a_date_that_is_no_instant_is_refused(shell: Shell, file: Path, said: str) -> None:
    code, answer = await shell.run("ingest", str(file), "--received-at", said)

    assert (code, await MailItem.all().count()) == (2, 0)
    assert "offset" in answer
