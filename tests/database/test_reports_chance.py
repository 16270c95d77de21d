"""Whatever happens, a report says what the register says; and what is filled in later is what was noted at once."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import pytest

from actions import register, submission
from actions.attachments import FiledFile
from actions.register import Record
from actions.submission import Submission
from actions.transaction import database as connection_of
from actions.transaction import tx
from actions.waiting import begin_waiting, resume_waiting, terms_of_desk
from models.catalogue import Office
from models.people import User
from models.tramites import Attachment, Tramite
from reading.reports import Wanted, report_of
from rules.access import Role
from rules.catalogue import AttachmentRole, Channel, DocumentKind
from rules.lifecycle import TRANSITIONS, Step, TramiteStatus
from rules.register import Act
from rules.reports import Line, Period, ReportGroup
from rules.workdays import LIMA, day_of
from tests.counter import PDF
from tests.counting import count_by_hand

if TYPE_CHECKING:
    from uuid import UUID

    from reading.access import Viewer
    from tests.counter import Counter
    from tests.servers.postgres import Database

ACTS = {
    Step.UPDATE: Act.UPDATED,
    Step.VOID: Act.VOIDED,
    Step.OBSERVE: Act.OBSERVED,
    Step.CORRECT: Act.CORRECTED,
    Step.LAPSE: Act.LAPSED,
    Step.REFER: Act.REFERRED,
    Step.RESOLVE: Act.RESOLVED,
    Step.CORRECT_FOLIOS: Act.FOLIOS_CORRECTED,
    Step.REOPEN: Act.REOPENED,
}
PAUSES = (timedelta(0), timedelta(minutes=20), timedelta(hours=14), timedelta(days=3), timedelta(days=25))
FACTS = {
    "acts": "SELECT day, {cell}, act, times FROM report_acts f JOIN report_cells c ON c.id = f.cell_id",
    "waiting": "SELECT day, {cell}, waiting, late FROM report_waiting f JOIN report_cells c ON c.id = f.cell_id "
    "WHERE waiting <> 0 OR late <> 0",
    "waiting_months": "SELECT month, {cell}, waiting, late FROM report_waiting_months f "
    "JOIN report_cells c ON c.id = f.cell_id WHERE waiting <> 0 OR late <> 0",
    "steps": "SELECT step, bucket, {cell}, day, seconds, sequence "
    "FROM report_steps f JOIN report_cells c ON c.id = f.cell_id",
    "months": "SELECT month, {cell}, step, bucket, times FROM report_months f JOIN report_cells c ON c.id = f.cell_id",
    "positions": "SELECT tramite_id, {cell}, since_on, late_on, filed_at, observed_at, received_at, reopened_at "
    "FROM report_positions f JOIN report_cells c ON c.id = f.cell_id",
}
CELL = "c.office_id, c.document_kind, c.channel, c.status"
FILL: str = import_module("migrations.0022_report_facts").FILL
FORGET = """
TRUNCATE report_acts, report_waiting, report_waiting_months, report_steps, report_months,
    report_positions, report_cells;
ALTER TABLE entries DISABLE TRIGGER entries_append_only;
UPDATE entries SET detail = detail - 'officeCode' - 'documentKind';
ALTER TABLE entries ENABLE TRIGGER entries_append_only;
"""


class Play:
    """A desk at which anything happens that may, at any hour."""

    def __init__(self, counter: Counter, chance: random.Random, offices: list[Office], content: str) -> None:
        self._counter, self._chance, self._offices, self._content = counter, chance, offices, content
        self._ids: list[UUID] = []

    async def go_on(self) -> None:
        """Let some time pass, mostly until near midnight, and one thing happen."""
        self._counter.clock.at = self._later(self._counter.clock.at)
        if len(self._ids) < 3 or self._chance.random() < 0.2:
            await self._file()
        else:
            await self._step(self._chance.choice(self._ids))

    def _later(self, at: datetime) -> datetime:
        at += self._chance.choice(PAUSES)
        midnight = datetime.combine(day_of(at) + timedelta(days=1), time(), LIMA)
        at_night = midnight - timedelta(microseconds=self._chance.choice((0, 1)))
        return at_night if self._chance.random() < 0.5 else at

    async def _file(self) -> None:
        is_mail = self._chance.random() < 0.4
        applicant = None if is_mail else await User.all().first()
        file = FiledFile(AttachmentRole.MAIN, "pedido.pdf", self._content, len(PDF), 1)
        document = Submission(
            tramite_id=uuid4(),
            channel=Channel.EMAIL if is_mail else Channel.WEB,
            office=self._chance.choice(self._offices),
            sent_at=self._counter.clock() - timedelta(seconds=self._chance.choice((0, 30))),
            subject="Un pedido",
            sender_name="María Quispe",
            files=(file,),
            applicant=applicant,
            document_kind=None if is_mail else self._chance.choice(list(DocumentKind)),
            contact_email="maria@example.pe",
        )
        self._ids.append((await submission.submit(connection_of(), self._counter.tools, document)).id)

    async def _step(self, tramite_id: UUID) -> None:
        tramite = await Tramite.get(id=tramite_id).select_related("office")
        before, steps = tramite.status, list[Step]()
        for status, step in TRANSITIONS:
            if status is before and step in ACTS and not (step is Step.OBSERVE and tramite.observed_before):
                steps.append(step)
        if not steps:
            return
        step = self._chance.choice(steps)
        tramite.status = TRANSITIONS[before, step].to
        detail = await self._change(tramite, step)
        record = Record(
            ACTS[step],
            at=self._counter.clock(),
            role=Role.SYSTEM,
            tramite_id=tramite.id,
            from_status=before,
            to_status=tramite.status,
            detail=detail,
        )
        async with tx() as connection:
            await tramite.save()
            await register.append(connection, record)

    async def _change(self, tramite: Tramite, step: Step) -> dict[str, Any]:
        at = self._counter.clock()
        office, before = self._chance.choice(self._offices), tramite.office.code
        match step:
            case Step.UPDATE:
                kind, old = self._chance.choice(list(DocumentKind)), tramite.document_kind
                tramite.office, tramite.document_kind = office, kind
                changes: dict[str, Any] = {"documentKind": {"before": old, "after": kind}}
                if office.code != before:
                    changes["officeCode"] = {"before": before, "after": office.code}
                return {"changes": changes, "contactChanged": []}
            case Step.REFER:
                tramite.office = office
                return {"fromOffice": before, "toOffice": office.code}
            case Step.OBSERVE:
                tramite.observed_before = True
                tramite.correct_by = day_of(at) + timedelta(days=self._chance.randrange(5))
                tramite.deadline_rule = {"after": day_of(at).isoformat()}
                return {"correctBy": tramite.correct_by.isoformat()}
            case Step.CORRECT:
                await resume_waiting(self._counter.tools, tramite, at=at, keeps_date=True)
                return terms_of_desk(tramite)
            case Step.REOPEN:
                await begin_waiting(self._counter.tools, tramite, at=at)
                return terms_of_desk(tramite)
            case _:
                return {}


async def play(counter: Counter, seed: int) -> Viewer:
    """Let thirty things happen; return who may see reports."""
    chance = random.Random(seed)
    supervisor = await counter.register(role=Role.SUPERVISOR)
    await counter.file(supervisor)
    file = await Attachment.get()
    desk = Play(counter, chance, await Office.all().order_by("position").limit(3), file.content_id)
    for _ in range(30):
        await desk.go_on()
    return supervisor


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_a_report_says_what_the_register_says(counter: Counter, seed: int) -> None:
    supervisor, chance = await play(counter, seed), random.Random(seed)
    last = day_of(counter.clock())
    first = max(date(2026, 3, 1), last - timedelta(days=360))

    for group in (None, *ReportGroup):
        longest = 93 if group is ReportGroup.DAY else 366
        ends = first + timedelta(days=chance.randrange((last - first).days + 5))
        for to_on in (last, ends):
            from_on = max(first, to_on - timedelta(days=chance.randrange(longest)))
            for wanted in (
                Wanted(period=Period(from_on, to_on), group=group),
                Wanted(period=Period(from_on, to_on), group=group, office_codes=("SEDE-CENTRAL", "LIMA")),
                Wanted(period=Period(from_on, to_on), group=group, statuses=(TramiteStatus.PENDING,)),
                Wanted(period=Period(from_on, to_on), group=group, channel=Channel.EMAIL),
            ):
                report = await report_of(supervisor, wanted, at=counter.clock())
                assert report is not None
                said = {
                    line.key: Line(line.key, "", line.acts, line.waiting, line.late, line.steps)
                    for line in report.lines
                }
                found = {key: line for key, line in said.items() if line != Line(key, "")}
                assert found == await count_by_hand(wanted, at=counter.clock()), wanted


async def facts(owner: asyncpg.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Return all facts."""
    return {
        name: sorted((tuple(row) for row in await owner.fetch(query.format(cell=CELL))), key=repr)
        for name, query in FACTS.items()
    }


@pytest.mark.parametrize("seed", range(2))
async def test_what_is_filled_from_the_entries_is_what_was_noted_at_once(
    counter: Counter, database: Database, seed: int
) -> None:
    await play(counter, seed)
    owner = await asyncpg.connect(database.owner_url)
    noted = await facts(owner)

    await owner.execute(FORGET)  # as they were before entries told of office and kind
    await owner.execute(FILL)

    filled = await facts(owner)
    await owner.close()
    assert all(noted.values())
    assert filled == noted


async def test_the_application_cannot_write_facts(counter: Counter) -> None:
    await play(counter, 1)

    for table in ("cells", "acts", "waiting", "waiting_months", "steps", "months", "positions"):
        for statement in (f"DELETE FROM report_{table}", f"TRUNCATE report_{table}"):
            with pytest.raises(Exception, match="permission denied"):
                await connection_of().execute_query(statement)
    with pytest.raises(Exception, match="permission denied"):
        await connection_of().execute_query("SELECT report_take(e) FROM entries e")
