"""The counter's policy: from when it holds, for whom at once, and that nothing is judged by a later one again."""

from __future__ import annotations

import asyncio
import hashlib
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from actions import corrections, drafts, filing, lapsing, mail, tramites, uploads
from actions.corrections import CorrectedAnnex, Correction
from actions.counter_policy import policy_of
from actions.filing_forms import FilingForm
from actions.tools import Limits
from files.jail import Jail
from intake.parsing import PARSE
from intake.reception import Arrival, Means, receive
from intake.spool import Spool
from models.counter_policy import PolicyVersion
from models.files import Content, Upload
from models.tramites import Attachment, Tramite
from rules.access import Role
from rules.administration import VersionOutdated
from rules.file_rules import FileRefused
from rules.files import FileKindNotAllowed, FileTooLarge, TooManyAnnexes
from rules.lifecycle import TramiteStatus
from rules.verdicts import REFUSABLE, REFUSED_BY_DEFAULT, Finding, Scan, say_finding
from rules.workdays import LIMA
from tests.counter import PDF, Counter
from tests.database.administering import decide, everything, until_two_wait
from tests.journeys.parts import ROOT
from tests.lasting_jail import ANYWHERE
from tests.unit.intake.mails import PDF as MAILED_PDF
from tests.unit.intake.mails import PNG, write_mail

if TYPE_CHECKING:
    from pathlib import Path

    from models.tramites import Tramite as Row
    from reading.access import Viewer
    from tests.servers.postgres import Database

RAR = b"Rar!\x1a\x07\x01\x00" + b"x" * 50
MEGABYTE = 2**20


@pytest_asyncio.fixture
async def boss(counter: Counter) -> Viewer:
    return await counter.register(role=Role.ADMINISTRATOR)


@pytest_asyncio.fixture
async def maria(counter: Counter) -> Viewer:
    return await counter.register()


async def rar(counter: Counter, viewer: Viewer) -> Any:
    return (await counter.upload(viewer, name="fotos.rar", data=RAR + uuid4().bytes)).id


async def observed(counter: Counter, maria: Viewer, **changes: Any) -> Row:
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    filed = await counter.file(maria, **changes)
    return await tramites.observe_tramite(counter.tools, clerk, filed.id, text="Falta la firma")


@pytest.mark.parametrize(("seconds", "most"), [(-1, 5), (0, 3), (1, 3)])
async def test_it_holds_from_midnight_in_lima_of_its_first_day(
    counter: Counter, boss: Viewer, seconds: int, most: int
) -> None:
    version = await decide(counter, boss, from_on="2026-03-10", max_annexes=3)
    midnight = datetime(2026, 3, 10, tzinfo=LIMA)
    counter.clock.at = midnight.astimezone(UTC) + timedelta(seconds=seconds)

    assert version.from_at == midnight
    assert (await policy_of(counter.tools)).max_annexes == most


async def test_what_is_decided_now_does_not_end_when_what_was_decided_before_begins(
    counter: Counter, boss: Viewer
) -> None:
    await decide(counter, boss, from_on="2026-04-01", max_annexes=3)
    await decide(counter, boss, annex_kinds=["pdf"], max_annexes=4)

    now, then = await policy_of(counter.tools), await policy_of(counter.tools, at=datetime(2026, 4, 1, 5, tzinfo=UTC))

    assert (now.annex_kinds, now.max_annexes) == (("pdf",), 4)
    assert (then.annex_kinds, then.max_annexes) == (("pdf",), 3)


async def test_what_is_to_come_is_taken_back_by_a_later_decision_for_the_same_day(
    counter: Counter, boss: Viewer
) -> None:
    await decide(counter, boss, from_on="2026-04-01", max_annexes=3)
    await decide(counter, boss, from_on="2026-04-01", max_annexes=5)

    assert (await policy_of(counter.tools, at=datetime(2026, 4, 2, tzinfo=UTC))).max_annexes == 5


async def test_the_policy_of_a_past_instant_never_changes(counter: Counter, boss: Viewer) -> None:
    before = counter.clock()
    known = await policy_of(counter.tools, at=before)
    counter.clock.advance(minutes=1)

    await decide(counter, boss, max_annexes=0, draft_days=1)

    assert await policy_of(counter.tools, at=before) == known


async def test_no_row_can_hold_backwards(counter: Counter) -> None:
    row = PolicyVersion(number=2, made_at=counter.clock(), from_at=counter.clock() - timedelta(seconds=1), changes={})

    with pytest.raises(Exception, match="policy_versions_never_backwards"):
        await row.save()


@pytest.mark.parametrize("statement", ["UPDATE policy_versions SET number = 9", "DELETE FROM policy_versions"])
async def test_the_application_may_not_change_a_version(database: Database, statement: str) -> None:
    connection = await asyncpg.connect(database.web_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_another_process_judges_by_it_at_once(
    counter: Counter, boss: Viewer, maria: Viewer, database: Database
) -> None:
    program = """
import asyncio, sys
from datetime import datetime
from mesadepartes.database import connected
from reading.policies import policy_book
from rules.counter_policy import CounterPolicy
async def main():
    async with connected(sys.argv[1], pool_size=1):
        for line in sys.stdin:
            book = await policy_book()
            print(book.at(datetime.fromisoformat(line.strip()), base=CounterPolicy()).max_annexes, flush=True)
asyncio.run(main())
"""
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, database.web_url, cwd=ROOT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip

    async def asked() -> int:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdin.write(f"{counter.clock().isoformat()}\n".encode())
        async with asyncio.timeout(20):
            return int(await other.stdout.readline())

    seen = [await asked()]
    await decide(counter, boss, max_annexes=1)
    seen.append(await asked())
    assert other.stdin is not None
    other.stdin.close()
    await other.wait()

    assert seen == [5, 1]


async def test_a_kind_that_is_refused_from_now_on_is_told_wherever_it_is_sent(
    counter: Counter, boss: Viewer, maria: Viewer
) -> None:
    arrived = await rar(counter, maria)
    await decide(counter, boss, annex_kinds=["pdf", "png"])

    with pytest.raises(FileKindNotAllowed) as announced:
        await uploads.open_upload(counter.tools, maria, name="otro.rar", size_bytes=10)
    with pytest.raises(FileKindNotAllowed) as filed:
        await counter.file(maria, annex_uploads=(arrived,))

    assert announced.value.path == ("name",)
    assert filed.value.path == ("annexUploads", "0")
    assert ".pdf, .png" in filed.value.message
    assert await Tramite.all().count() == 0
    assert (await Upload.get(id=arrived)).used_at is None


async def test_a_filing_acknowledged_before_is_answered_again_and_keeps_its_files(
    counter: Counter, boss: Viewer, maria: Viewer
) -> None:
    form = await counter.form(maria, annex_uploads=(await rar(counter, maria),))
    first = await filing.file_tramite(counter.tools, maria, form)
    await decide(counter, boss, annex_kinds=["pdf"], max_annexes=0)

    again = await filing.file_tramite(counter.tools, maria, form)

    assert again.id == first.id
    assert await Attachment.filter(tramite_id=first.id).count() == 2


async def test_sizes_and_numbers_are_those_of_the_policy(counter: Counter, boss: Viewer, maria: Viewer) -> None:
    annexes = [(await counter.upload(maria, name="a.pdf", data=PDF + uuid4().bytes)).id for _ in range(2)]
    await decide(counter, boss, main_max_mb=1, first_annex_max_mb=2, other_annex_max_mb=1, max_annexes=1)

    with pytest.raises(TooManyAnnexes) as too_many:
        await counter.file(maria, annex_uploads=tuple(annexes))
    with pytest.raises(FileTooLarge):
        await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=2 * MEGABYTE + 1)
    large = await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=2 * MEGABYTE)
    await counter.complete(large, PDF.ljust(2 * MEGABYTE))
    with pytest.raises(FileTooLarge) as too_large:
        await counter.file(maria, main_upload=large.id)

    assert "hasta 1 anexo." in too_many.value.message
    assert too_large.value.path == ("mainUpload",)
    assert await Tramite.all().count() == 0


@pytest.mark.parametrize("finding", [Finding.ENCRYPTED, Finding.MALWARE, Finding.LAUNCH])
async def test_a_file_is_refused_for_what_the_policy_names(
    counter: Counter, boss: Viewer, maria: Viewer, finding: Finding
) -> None:
    main = await counter.upload(maria, data=PDF + uuid4().bytes)
    is_malware = finding is Finding.MALWARE
    await Content.filter(sha256=main.content_id).update(
        findings=[] if is_malware else [finding], scan=Scan.INFECTED if is_malware else None
    )
    form = await counter.form(maria, main_upload=main.id)
    await decide(counter, boss, refused_findings=[finding])

    with pytest.raises(FileRefused) as refused:
        await filing.file_tramite(counter.tools, maria, form)

    assert (refused.value.code, refused.value.path) == (f"FILE_{finding}", ("mainUpload",))
    assert refused.value.message == say_finding(finding)
    assert await Tramite.all().count() == 0
    await decide(counter, boss, refused_findings=sorted(REFUSABLE - {finding}))
    assert await filing.file_tramite(counter.tools, maria, form)


async def test_what_was_refused_of_a_pdf_before_there_was_a_sieve_still_is(counter: Counter, maria: Viewer) -> None:
    changes = {"refused_problems": ["ENCRYPTED", "EMPTY"], "max_annexes": 1}
    await PolicyVersion.create(number=2, made_at=counter.clock(), from_at=counter.clock(), changes=changes)

    policy = await policy_of(counter.tools)

    assert set(policy.refused_findings) == REFUSED_BY_DEFAULT | {Finding.ENCRYPTED, Finding.EMPTY}
    assert policy.max_annexes == 1


async def test_quotas_are_those_of_the_policy(counter: Counter, boss: Viewer, maria: Viewer) -> None:
    for _ in range(6):
        await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=MEGABYTE)
    await decide(counter, boss, uploads_each=6)
    with pytest.raises(uploads.TooManyUploads) as too_many:
        await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=1)
    await decide(counter, boss, uploads_each=100, unfiled_mb_each=70)
    for _ in range(3):
        await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=20 * MEGABYTE)
    with pytest.raises(uploads.TooManyUploads) as too_heavy:
        await uploads.open_upload(counter.tools, maria, name="a.pdf", size_bytes=5 * MEGABYTE)

    assert "hasta 6 archivos" in too_many.value.message
    assert "70 MB" in too_heavy.value.message


async def test_what_the_settings_say_holds_until_somebody_decides(counter: Counter, boss: Viewer) -> None:
    object.__setattr__(counter.tools, "limits", Limits(unfiled_bytes_each=300 * MEGABYTE))
    set_up = (await policy_of(counter.tools)).unfiled_mb_each

    await decide(counter, boss, unfiled_mb_each=200)

    assert (set_up, (await policy_of(counter.tools)).unfiled_mb_each) == (300, 200)


async def test_drafts_keep_the_life_that_they_were_given(counter: Counter, boss: Viewer, maria: Viewer) -> None:
    async def save() -> Any:
        return await drafts.save_draft(counter.tools, maria, FilingForm(subject="x"), draft_id=None, version=None)

    old = await save()
    await decide(counter, boss, draft_days=5, drafts_each=2)
    new = await save()

    assert (old.expires_at - old.saved_at, new.expires_at - new.saved_at) == (timedelta(days=30), timedelta(days=5))
    with pytest.raises(drafts.TooManyDrafts):
        await save()


async def test_a_term_to_correct_is_as_long_as_it_was_when_it_began(
    counter: Counter, boss: Viewer, maria: Viewer
) -> None:
    two = await observed(counter, maria)
    await decide(counter, boss, correction_working_days=5)
    five = await observed(counter, maria)
    await counter.deliver()
    kept = {each.id: (each.correct_by, each.deadline_rule) for each in (two, five)}
    await decide(counter, boss, correction_working_days=3)
    counter.clock.at = datetime(2026, 3, 12, 12, tzinfo=UTC)  # the Thursday after two working days

    lapsed = await lapsing.lapse_overdue(counter.tools)

    assert [str(each.correct_by) for each in (two, five)] == ["2026-03-11", "2026-03-16"]
    assert lapsed == 1
    assert (await Tramite.get(id=two.id)).status is TramiteStatus.LAPSED
    assert (await Tramite.get(id=five.id)).status is TramiteStatus.OBSERVED
    rows = await Tramite.all()
    assert {row.id: (row.correct_by, row.deadline_rule) for row in rows} == kept


async def test_a_term_of_five_days_told_too_late_for_all_of_them_is_not_over(
    counter: Counter, boss: Viewer, maria: Viewer
) -> None:
    await decide(counter, boss, correction_working_days=5)
    tramite = await observed(counter, maria)
    counter.clock.at = datetime(2026, 3, 11, 15, tzinfo=UTC)
    await counter.deliver()
    counter.clock.at = datetime(2026, 3, 18, 15, tzinfo=UTC)

    assert await lapsing.lapse_overdue(counter.tools) == 0
    assert (await Tramite.get(id=tramite.id)).status is TramiteStatus.OBSERVED


@pytest.mark.parametrize("is_before", [True, False])
async def test_a_corrected_tramite_is_dated_as_it_was_promised_when_it_was_observed(
    counter: Counter, boss: Viewer, maria: Viewer, is_before: bool
) -> None:
    if is_before:
        await decide(counter, boss, correction_keeps_date=False)
    tramite = await observed(counter, maria)
    counter.clock.advance(days=1)
    if not is_before:
        await decide(counter, boss, correction_keeps_date=False)
    before = tramite.filed_on

    corrected = await corrections.correct_tramite(counter.tools, maria, tramite.id, Correction(uuid4(), text="Va"))

    assert corrected.filed_on == (before + timedelta(days=1) if is_before else before)


async def test_a_correction_replaces_annexes_that_could_not_be_added_any_more(
    counter: Counter, boss: Viewer, maria: Viewer
) -> None:
    annexes = [(await counter.upload(maria, name="a.pdf", data=PDF + uuid4().bytes)).id for _ in range(3)]
    tramite = await observed(counter, maria, annex_uploads=tuple(annexes))
    await decide(counter, boss, max_annexes=1)
    new = (await counter.upload(maria, name="b.pdf", data=PDF + uuid4().bytes)).id

    with pytest.raises(TooManyAnnexes):
        await corrections.correct_tramite(
            counter.tools, maria, tramite.id, Correction(uuid4(), annexes=(CorrectedAnnex(new),))
        )
    form = Correction(uuid4(), annexes=(CorrectedAnnex(new, replaces=3),))
    await corrections.correct_tramite(counter.tools, maria, tramite.id, form)
    await decide(counter, boss, annex_kinds=["png"], max_annexes=0)

    assert (await corrections.correct_tramite(counter.tools, maria, tramite.id, form)).id == tramite.id
    assert await Attachment.filter(tramite_id=tramite.id, version=2, position=3).count() == 1


async def test_what_was_filed_stays_as_it_is_whatever_is_decided(counter: Counter, boss: Viewer, maria: Viewer) -> None:
    filed = await counter.file(maria, annex_uploads=(await rar(counter, maria),))
    before = (await Tramite.filter(id=filed.id).values())[0], await Attachment.all().order_by("id").values()

    await decide(counter, boss, annex_kinds=["pdf"], main_max_mb=1, correction_keeps_date=False)
    await decide(counter, boss, from_on="2026-03-10", max_annexes=0, correction_working_days=9)

    assert ((await Tramite.filter(id=filed.id).values())[0], await Attachment.all().order_by("id").values()) == before


async def test_a_refused_decision_leaves_no_row(counter: Counter, boss: Viewer) -> None:
    before = await everything()

    with pytest.raises(Exception, match="Ese día no existe"):
        await decide(counter, boss, from_on="2026-02-30", max_annexes=3)

    assert await everything() == before


@pytest.mark.parametrize(("minutes", "files"), [(-1, ["a.pdf", "b.png"]), (1, ["a.pdf"])])
async def test_a_mail_is_judged_by_what_held_when_it_came_whenever_it_is_read(
    counter: Counter, boss: Viewer, tmp_path: Path, minutes: int, files: list[str]
) -> None:
    counter.clock.advance(minutes=5)
    await decide(counter, boss, annex_kinds=["pdf"])
    content = write_mail(("a.pdf", MAILED_PDF), ("b.png", PNG)).as_bytes()
    (tmp_path / "mail").write_bytes(content)
    came = counter.clock() + timedelta(minutes=minutes)
    arrival = Arrival(mail.Slot(1, 1), tmp_path / "mail", hashlib.sha256(content).hexdigest(), came)
    mailbox = await mail.open_mailbox(account="a@example.pe", folder="INBOX", office_code="PUNO")
    lease = await mail.take_lease(mailbox.id, holder=uuid4())
    assert lease is not None
    counter.clock.advance(hours=1)
    jail = Jail((PARSE,), reads=ANYWHERE)

    await receive(Means(counter.tools, jail, Spool(tmp_path / "spool")), lease, arrival)

    await jail.close()
    assert await Attachment.all().order_by("position").values_list("name", flat=True) == files
    assert len((await Tramite.get()).missing) == 2 - len(files)


async def test_a_correction_is_judged_by_what_is_taken_when_it_is_sent(
    counter: Counter, boss: Viewer, maria: Viewer
) -> None:
    tramite = await observed(counter, maria)
    new = await rar(counter, maria)
    await decide(counter, boss, annex_kinds=["pdf"])

    with pytest.raises(FileKindNotAllowed) as refused:
        await corrections.correct_tramite(
            counter.tools, maria, tramite.id, Correction(uuid4(), annexes=(CorrectedAnnex(new),))
        )

    assert refused.value.path == ("annexes", "0", "upload")
    assert (await Tramite.get(id=tramite.id)).status is TramiteStatus.OBSERVED


async def test_the_second_of_two_decisions_waits_and_is_told(
    counter: Counter, boss: Viewer, database: Database
) -> None:
    blocker = await asyncpg.connect(database.owner_url)
    async with blocker.transaction():
        await blocker.execute("SELECT FROM register_heads FOR UPDATE")
        first = asyncio.create_task(decide(counter, boss, max_annexes=1))
        await database.until_somebody_waits()
        second = asyncio.create_task(decide(counter, boss, max_annexes=2))
        await until_two_wait(blocker)

    assert (await first).number == 2
    with pytest.raises(VersionOutdated):
        await second
    await blocker.close()
