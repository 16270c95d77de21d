"""Made-up trámites keep every rule of the register, and the counter goes on from them."""

from __future__ import annotations

import hashlib
import random
from collections import Counter as Tally
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import asyncpg
import pytest

from actions import tramites as desk
from mesadepartes.commands.seed import holds_real_filings
from mesadepartes.multitude import FIRST_DNI, multiply
from mesadepartes.verifying import verify
from models.catalogue import Office
from models.people import User
from models.receipts import Notice, Receipt
from models.register import Entry
from models.tramites import Tramite
from reading.policies import calendar_of
from reading.reports import Wanted, report_of
from rules import chain
from rules.access import Role
from rules.catalogue import ReceiptKind
from rules.lifecycle import TramiteStatus
from rules.notices import NoticeState
from rules.numbering import parse_number
from rules.receipts import ReceiptFacts
from rules.reports import Period, ReportGroup
from rules.workdays import filed_on
from tests.counting import count_by_hand
from tests.database.test_verifying import unseen
from tests.stores import store_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.counter import Counter
    from tests.servers.postgres import Database

COUNT = 300


async def test_made_up_tramites_keep_every_rule(counter: Counter, database: Database) -> None:
    first = await counter.file(await counter.register())
    told = list[int]()

    await multiply(counter.tools, database.owner_url, COUNT, chance=random.Random(3), told=told.append)

    made = await Tramite.exclude(id=first.id).select_related("office", "applicant").order_by("sent_at")
    assert (len(made), sum(told)) == (COUNT, COUNT)
    serials: dict[int, list[int]] = {}
    for tramite in await Tramite.all():
        number = parse_number(tramite.number)
        serials.setdefault(number.year, []).append(number.serial)
    assert all(sorted(each) == list(range(1, len(each) + 1)) for each in serials.values())
    for tramite in made:
        kept = tramite.filing_rule
        referral = await tramite.referrals.all().first()
        office = await Office.get(id=referral.from_office_id if referral else tramite.office_id)
        assert filed_on(tramite.sent_at, await calendar_of(office, at=tramite.sent_at)).to_json() == kept
    statuses = Tally(tramite.status for tramite in made)
    assert set(statuses) >= {
        TramiteStatus.PENDING,
        TramiteStatus.VOIDED,
        TramiteStatus.REFERRED,
        TramiteStatus.RESOLVED,
    }


async def test_made_up_entries_are_one_chain_with_those_before_and_after(counter: Counter, database: Database) -> None:
    await counter.file(await counter.register())
    await multiply(counter.tools, database.owner_url, 50, chance=random.Random(3), told=lambda _: None)
    after = await counter.file(await counter.register())

    previous = chain.genesis(chain.Chain.ACTS)
    entries = await Entry.all().order_by("sequence")
    for place, entry in enumerate(entries, 1):
        assert (entry.sequence, entry.previous_hash) == (place, previous)
        assert entry.hash == chain.link(previous, sequence=entry.sequence, record=entry.record)
        previous = entry.hash
    assert parse_number(after.number).serial == max(
        parse_number(each.number).serial for each in await Tramite.filter(number__contains="-2026-")
    )
    for tramite in await Tramite.all():
        acts = [entry for entry in entries if entry.tramite_id == tramite.id]
        assert acts[-1].to_status is tramite.status
        assert [act.from_status for act in acts[1:]] == [act.to_status for act in acts[:-1]]


async def test_made_up_tramites_verify(counter: Counter, database: Database, tmp_path: Path) -> None:
    await counter.file(await counter.register())
    await multiply(counter.tools, database.owner_url, 200, chance=random.Random(7), told=lambda _: None)

    proved = await verify(database.web_url, store_in(tmp_path / "store"), anchors=[], progress=unseen)

    assert sum(proved.walks[0].numbered.values()) == 201


async def test_made_up_tramites_can_be_read_and_handled(counter: Counter, database: Database) -> None:
    await multiply(counter.tools, database.owner_url, 60, chance=random.Random(5), told=lambda _: None)
    pending = await Tramite.filter(status=TramiteStatus.PENDING).select_related("office").first()
    assert pending is not None
    clerk = await counter.register(role=Role.CLERK, office=pending.office.code)
    await desk.resolve_tramite(counter.tools, clerk, pending.id, text="Se concede")

    receipt = await Receipt.get(tramite_id=pending.id, kind=ReceiptKind.SUBMISSION)
    facts = ReceiptFacts.from_json(receipt.facts)
    [file] = await pending.attachments.all()
    stored = b"".join([chunk async for chunk in counter.tools.store.read(file.content_id)])
    assert (facts.number, facts.files[0].sha256) == (pending.number, hashlib.sha256(stored).hexdigest())
    assert await Notice.filter(state=NoticeState.PENDING, tramite_id__isnull=False).count() == 1
    assert await User.filter(identity_number=str(FIRST_DNI)).exists()


async def test_a_register_in_which_somebody_filed_is_known(counter: Counter, database: Database) -> None:
    await multiply(counter.tools, database.owner_url, 20, chance=random.Random(5), told=lambda _: None)
    made_up = await holds_real_filings()

    await counter.file(await counter.register())

    assert (made_up, await holds_real_filings()) == (False, True)


async def test_a_batch_that_is_interrupted_leaves_nothing(counter: Counter, database: Database) -> None:
    class Interrupted(Exception):
        pass

    def stop(_done: int) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        await multiply(counter.tools, database.owner_url, 20, chance=random.Random(5), told=stop)
    connection = await asyncpg.connect(database.owner_url)
    head = await connection.fetchval("SELECT sequence FROM register_heads WHERE chain = 'acts'")
    await connection.close()

    assert head == await Entry.all().count()
    await counter.file(await counter.register())


async def test_made_up_tramites_are_counted_by_reports_as_by_hand(counter: Counter, database: Database) -> None:
    supervisor = await counter.register(role=Role.SUPERVISOR)
    await multiply(counter.tools, database.owner_url, COUNT, chance=random.Random(3), told=lambda _: None)
    wanted = Wanted(period=Period(date(2025, 3, 20), date(2026, 3, 9)), group=ReportGroup.OFFICE)

    report = await report_of(supervisor, wanted, at=counter.clock())

    assert report is not None
    by_hand = await count_by_hand(wanted, at=counter.clock())
    assert {line.key: replace(line, label="") for line in report.lines} == by_hand
    assert all(line.steps and line.waiting for line in report.lines)
