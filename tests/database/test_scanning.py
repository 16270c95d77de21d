"""What could not be scanned when it came in is scanned once the antivirus is back; the desk is told what it finds."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
import pytest
import pytest_asyncio

from actions import judging, scanning
from actions.known_contents import FIRST_WAIT
from actions.rounds import ROUNDS
from actions.scanning import BATCH, LEASE, MOST_ATTEMPTS, scan_pending, wait_after, watch_antivirus
from files.antivirus import Address, Clamd, Patience
from files.scanner import Scanner
from models.files import Content
from models.receipts import Notice
from models.tasks import Task
from models.tramites import Attachment, Tramite
from rules.file_rules import FileRefused
from rules.mail import MailOutcome
from rules.tasks import TaskKind
from rules.verdicts import Finding, Judgement, Scan
from tests.infected import PLAIN, listed
from tests.mails import Postman
from tests.unit.intake.mails import write_mail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.counter import Counter
    from tests.lasting_jail import LastingJail
    from tests.servers.clamd import ClamdServer
    from tests.servers.postgres import Database

MINUTE = timedelta(minutes=1)


class Switch:
    """A clamd whose socket is there, or is not."""

    def __init__(self, folder: Path, server: ClamdServer) -> None:
        self._socket = folder / "clamd.ctl"
        self._server = server
        self.address = Address(path=str(self._socket))

    def on(self) -> None:
        """Let it be reached."""
        self._socket.symlink_to(str(self._server.by_socket.path))

    def off(self) -> None:
        """Take it away."""
        self._socket.unlink()


@pytest.fixture
def switch(tmp_path: Path, clamd: ClamdServer) -> Switch:
    """Return a clamd that is away."""
    return Switch(tmp_path, clamd)


@pytest_asyncio.fixture
async def scanned(counter: Counter, switch: Switch, lasting_jail: LastingJail) -> Counter:
    """Return a counter with that antivirus."""
    patience = Patience(connect=1, send=1, answer=20, ping=1)
    counter.tools = replace(counter.tools, antivirus=Scanner(Clamd(switch.address, patience), lasting_jail))
    return counter


async def filed_with(counter: Counter, data: bytes) -> Tramite:
    """File a document with such a file as its main one, as web and mail do."""
    applicant = await counter.register()
    upload = await counter.upload(applicant, data=data)
    return await counter.file(applicant, main_upload=upload.id)


async def content_of(tramite: Tramite) -> Content:
    """Return the content of its main file."""
    return (await Attachment.get(tramite=tramite).select_related("content")).content


async def test_filing_without_antivirus_is_marked_and_scanned_once_it_is_back(scanned: Counter, switch: Switch) -> None:
    clean, infected = await filed_with(scanned, listed(b"Estimados:")), await filed_with(scanned, listed(PLAIN))
    waiting = [await content_of(tramite) for tramite in (clean, infected)]
    scanned.clock.advance(minutes=1)
    nothing = await scan_pending(scanned.tools)
    untouched = [await content_of(tramite) for tramite in (clean, infected)]

    switch.on()
    done = [await scan_pending(scanned.tools) for _ in range(2)]

    assert (nothing, done) == (0, [2, 0])
    assert [(each.scan, each.scan_attempts) for each in waiting + untouched] == [(Scan.PENDING, 0)] * 4
    said = [await content_of(tramite) for tramite in (clean, infected)]
    assert [(each.scan, each.signature) for each in said] == [
        (Scan.CLEAN, None),
        (Scan.INFECTED, "Mesa.Test.Marker.UNOFFICIAL"),
    ]
    assert [(each.scanned_at, each.scan_after) for each in said] == [(scanned.clock(), None)] * 2
    [task] = await Task.all()
    assert (task.kind, task.tramite_id, task.done_at) == (TaskKind.MALWARE_FOUND, infected.id, None)


async def test_malware_that_is_uploaded_is_refused_in_words_that_help_and_leaves_nothing(
    scanned: Counter, switch: Switch
) -> None:
    switch.on()

    with pytest.raises(FileRefused, match="El antivirus encontró en el archivo un programa dañino") as refusal:
        await filed_with(scanned, listed(PLAIN))

    assert (refusal.value.code, refusal.value.path) == ("FILE_MALWARE", ("mainUpload",))
    assert (
        await Tramite.all().count(),
        await Notice.filter(tramite_id__isnull=False).count(),
        await Task.all().count(),
    ) == (0, 0, 0)


class Endless:
    """An antivirus that comes to no end."""

    async def scan(self, paths: Sequence[Path], judgements: Sequence[Judgement]) -> list[tuple[Scan, str | None]]:
        """Wait."""
        await asyncio.Event().wait()
        return []

    async def answers(self) -> bool:
        """Say that it is there."""
        return True

    async def faults(self) -> list[str]:
        """Find none."""
        return []


async def test_nobody_at_the_web_waits_for_a_scan_without_end(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "PATIENCE", timedelta(milliseconds=50))
    counter.tools = replace(counter.tools, antivirus=Endless())

    async with asyncio.timeout(20):
        content = await content_of(await filed_with(counter, listed(b"Estimados:")))

    assert (content.scan, content.scan_after) == (Scan.PENDING, counter.clock() + FIRST_WAIT)
    assert content.findings == [Finding.EMBEDDED_FILES]


async def test_malware_that_comes_by_mail_goes_to_people(
    scanned: Counter, switch: Switch, lasting_jail: LastingJail, tmp_path: Path
) -> None:
    switch.on()
    mail = write_mail(("solicitud.pdf", listed(b"Estimados:")), ("anexo.pdf", listed(PLAIN))).as_bytes()

    item = await Postman(scanned, lasting_jail, tmp_path).bring(mail)

    assert (item.outcome, item.reason) == (MailOutcome.QUARANTINED, "FILE_MALWARE")
    assert await Tramite.all().count() == 0


async def test_what_came_before_there_was_an_antivirus_is_scanned_a_few_at_a_time(
    counter: Counter, scanned: Counter, switch: Switch
) -> None:
    with_it, scanned.tools = scanned.tools, replace(scanned.tools, antivirus=None)
    receipt = await counter.tools.store.put_bytes(b"a receipt, which nobody handed in")
    await Content.create(sha256=receipt.sha256, size_bytes=receipt.size_bytes, stored_at=counter.clock())
    for number in range(BATCH + 1):
        await filed_with(counter, listed(bytes([number])))
    assert await scan_pending(counter.tools) == 0

    switch.on()
    done = [await scan_pending(with_it) for _ in range(3)]

    assert done == [BATCH, 1, 0]
    assert await Content.filter(scan=Scan.CLEAN).count() == BATCH + 1
    assert (await Content.get(sha256=receipt.sha256)).scan is None


class Slow:
    """An antivirus that is there, and never comes to an end with a file."""

    asked = 0

    async def scan(self, paths: Sequence[Path], judgements: Sequence[Judgement]) -> list[tuple[Scan, str | None]]:
        """Say that it is not known yet."""
        assert len(paths) == len(judgements)
        await asyncio.sleep(0)
        self.asked += len(paths)
        return [(Scan.PENDING, None) for _ in paths]

    async def answers(self) -> bool:
        """Say that it is there."""
        return True

    async def faults(self) -> list[str]:
        """Say that something is wrong."""
        return ["It is slow."]


async def test_file_that_no_antivirus_finishes_is_tried_after_growing_waits_and_then_partly_scanned(
    counter: Counter,
) -> None:
    tools = replace(counter.tools, antivirus=Slow())
    counter.tools = tools
    tramite = await filed_with(counter, listed(b"Estimados:"))
    waits = [wait_after(attempts) for attempts in range(1, MOST_ATTEMPTS)]

    counter.clock.advance(minutes=1)
    for wait in waits:
        assert await scan_pending(tools) == 1
        counter.clock.at += wait - timedelta(seconds=1)
        assert await scan_pending(tools) == 0
        assert (await content_of(tramite)).scan is Scan.PENDING
        counter.clock.advance(seconds=1)
    assert await scan_pending(tools) == 1

    assert waits == [MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE, 16 * MINUTE]
    assert wait_after(50) == timedelta(hours=1)
    content = await content_of(tramite)
    assert (content.scan, content.scan_after, content.scan_attempts) == (Scan.PARTLY, None, MOST_ATTEMPTS)


async def test_content_that_the_store_has_lost_holds_up_no_other(scanned: Counter, switch: Switch) -> None:
    lost, kept = await filed_with(scanned, listed(b"uno")), await filed_with(scanned, listed(b"dos"))
    await scanned.tools.store.remove((await content_of(lost)).sha256)
    scanned.clock.advance(minutes=1)
    switch.on()

    assert await scan_pending(scanned.tools) == 2

    contents = [await content_of(tramite) for tramite in (lost, kept)]
    assert [(each.scan, each.scan_attempts) for each in contents] == [(Scan.PENDING, 1), (Scan.CLEAN, 1)]


async def test_outage_amid_the_work_costs_no_attempt(scanned: Counter, switch: Switch) -> None:
    tramite = await filed_with(scanned, listed(b"Estimados:"))
    scanned.clock.advance(minutes=1)
    antivirus = scanned.tools.antivirus
    assert antivirus

    class GoneAfterTheFirstQuestion(Slow):
        async def answers(self) -> bool:
            return self.asked == 0

    for _ in range(MOST_ATTEMPTS + 2):
        assert await scan_pending(replace(scanned.tools, antivirus=GoneAfterTheFirstQuestion())) == 1
        scanned.clock.advance(minutes=1)
    switch.on()

    assert (await content_of(tramite)).scan_attempts == 0
    assert await scan_pending(scanned.tools) == 1
    assert (await content_of(tramite)).scan is Scan.CLEAN


async def test_two_workers_never_take_the_same_and_what_one_left_is_taken_after_its_lease(
    counter: Counter, database: Database
) -> None:
    slow = Slow()
    counter.tools = replace(counter.tools, antivirus=slow)
    for number in range(BATCH):
        await filed_with(counter, listed(bytes([number])))
    slow.asked = 0
    counter.clock.advance(minutes=1)
    other = await asyncpg.connect(database.web_url)
    async with other.transaction():
        await other.execute("SELECT FROM contents WHERE scan = 'PENDING' FOR UPDATE")
        async with asyncio.timeout(20):
            assert await scan_pending(counter.tools) == 0, "nobody waits for what another is taking"
    await other.close()

    done = await asyncio.gather(scan_pending(counter.tools), scan_pending(counter.tools))

    assert sum(done) == slow.asked == BATCH
    await Content.all().update(scan_after=counter.clock() + LEASE)  # as whoever dies has them
    counter.clock.at += LEASE - timedelta(seconds=1)
    assert await scan_pending(counter.tools) == 0
    counter.clock.advance(seconds=1)
    assert await scan_pending(counter.tools) == BATCH


async def test_file_that_became_part_of_a_tramite_while_it_was_scanned_is_told_of_once(
    scanned: Counter, switch: Switch
) -> None:
    tramite = await filed_with(scanned, listed(PLAIN))
    content = await content_of(tramite)
    # As if the attachment's transaction had committed just after the round had looked for trámites.
    await Content.filter(sha256=content.sha256).update(
        scan=Scan.INFECTED, scanned_at=scanned.clock(), scan_after=None, signature="x"
    )
    switch.on()

    assert [await scan_pending(scanned.tools) for _ in range(2)] == [0, 0]

    [task] = await Task.all()
    assert task.tramite_id == tramite.id
    await Task.all().update(done_at=scanned.clock(), note="avisado")
    await scan_pending(scanned.tools)
    assert await Task.all().count() == 1


async def test_faults_of_the_antivirus_are_logged_each_day(counter: Counter, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, scanning.__name__):
        await watch_antivirus(replace(counter.tools, antivirus=Slow()))
        await watch_antivirus(counter.tools)

    assert [each.message for each in caplog.records if each.name == scanning.__name__] == ["The antivirus: It is slow."]
    assert {scan_pending, watch_antivirus} <= {each.work for each in ROUNDS}
