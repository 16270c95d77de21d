"""`intake audit` and `intake ingest` as an administrator runs them, and how they end."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from actions.administration import plant_offices
from files.store import Store
from mesadepartes.database import connected
from models.mail import MailItem
from models.tramites import Tramite
from tests.journeys.parts import INSTITUTION, ROOT
from tests.unit.intake.mails import PDF, write_mail

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from tests.servers.dovecot import Account
    from tests.servers.postgres import Database

Ended = tuple[int, str]


class Shell:
    """Runs commands with the settings of a test."""

    def __init__(self, environ: dict[str, str]) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MESA_")}
        self.environ = {**inherited, **environ}

    async def run(self, *words: str, **changes: str) -> Ended:
        """Run `mesadepartes intake` with *words*; return its exit code and all that it said."""
        return await self.run_command("intake", *words, **changes)

    async def run_command(self, *words: str, **changes: str) -> Ended:
        """Run `mesadepartes` with *words*; likewise."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "mesadepartes", *words),
            cwd=ROOT,
            env={**self.environ, **changes},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode is not None
        return process.returncode, said.decode()


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
    assert await shell.run("audit") == (0, "Mailbox, ledger, store and trámites agree.\n")


async def test_the_audit_lists_differences_and_ends_with_3(shell: Shell, file: Path, tmp_path: Path) -> None:
    await shell.run("ingest", str(file))
    item = await MailItem.get()
    Store(tmp_path / "data" / "store").path(item.original_id).unlink()

    code, said = await shell.run("audit", "--json")

    told, summary = said.splitlines()
    assert code == 3
    assert json.loads(told) == {"kind": "ORIGINAL_MISSING", "mailbox": str(item.mailbox_id), "mail": str(item.id)}
    assert summary == "Error: DIFFERENT: ORIGINAL_MISSING 1"


async def test_the_audit_that_cannot_look_ends_with_1(shell: Shell) -> None:
    code, said = await shell.run("audit", MESA_IMAP_PASSWORD="otra")

    assert (code, said) == (1, "Error: The mail server cannot be looked at: SignInRefused\n")


@pytest.mark.parametrize("said", ["ayer", "2026-03-06T10:00:00"])
async def test_a_date_that_is_no_instant_is_refused(shell: Shell, file: Path, said: str) -> None:
    code, answer = await shell.run("ingest", str(file), "--received-at", said)

    assert (code, await MailItem.all().count()) == (2, 0)
    assert "offset" in answer


@pytest.fixture
def two_mailboxes(shell: Shell, tmp_path: Path) -> Shell:
    """Return the shell of a counter that has a mailbox for each of two offices."""
    table = '[[mailbox]]\nname = "{0}"\nhost = "127.0.0.1"\nuser = "{0}@example.pe"\npassword_env = "P"\n'
    table += 'folders = {{ INBOX = "{1}" }}\n'
    path = tmp_path / "mailboxes.toml"
    path.write_text(table.format("central", "SEDE-CENTRAL") + table.format("cusco", "CUSCO"), encoding="utf-8")
    single = [name for name in shell.environ if name.startswith("MESA_IMAP_")]
    environ = {name: value for name, value in shell.environ.items() if name not in single}
    return Shell(environ | {"MESA_MAILBOXES": str(path), "P": "secret"})


async def test_where_there_are_several_mailboxes_it_must_be_said_into_which(two_mailboxes: Shell, file: Path) -> None:
    unsaid = await two_mailboxes.run("ingest", str(file))
    wrong = await two_mailboxes.run("ingest", str(file), "--mailbox", "puno")
    said = await two_mailboxes.run_command("ingest", str(file), "--mailbox", "cusco")

    assert (unsaid[0], wrong[0], said[0]) == (2, 2, 0), said[1]
    assert "central, cusco" in unsaid[1]
    assert (await Tramite.get().select_related("office")).office.code == "CUSCO"


async def test_an_ingested_mail_from_another_mailbox_of_ours_is_our_own(two_mailboxes: Shell, file: Path) -> None:
    file.write_bytes(write_mail(sender="central@example.pe").as_bytes())

    said = await two_mailboxes.run("ingest", str(file), "--mailbox", "cusco")

    assert (said[0], "AUTOMATIC (OWN_MAIL)" in said[1]) == (0, True), said[1]
