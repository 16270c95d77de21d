"""Anchors: made once when a day is over in Lima, mailed to who keeps them, and good for `verify` as mailed."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from actions import notices
from actions.anchors import anchor_yesterday
from delivery.letters import letter_of
from delivery.messages import compose
from models.receipts import Notice
from models.register import Anchor, RegisterHead
from rules.chain import Chain
from rules.notices import NoticeKind, NoticeState
from tests.commands import Ended, command
from tests.counter import INSTITUTION

if TYPE_CHECKING:
    from pathlib import Path

    from tests.counter import Counter
    from tests.servers.postgres import Database, DatabaseServer

KEEPER = "custodia@otra-entidad.example"


async def anchors() -> list[tuple[date, Chain, int]]:
    return [(row.day, row.chain, row.sequence) for row in await Anchor.all().order_by("day", "chain")]


async def test_a_day_is_anchored_once_after_midnight_in_lima(counter: Counter) -> None:
    await counter.file(await counter.register())
    counter.clock.at = datetime(2026, 3, 10, 4, 59, 59, tzinfo=UTC)
    before = await anchor_yesterday(counter.tools)
    await counter.file(await counter.register())
    counter.clock.at = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)

    made = [await anchor_yesterday(counter.tools) for _ in range(2)]

    assert (before, made) == (2, [2, 0])
    assert await anchors() == [
        (date(2026, 3, 8), Chain.ACTS, 2),
        (date(2026, 3, 8), Chain.READS, 0),
        (date(2026, 3, 9), Chain.ACTS, 4),
        (date(2026, 3, 9), Chain.READS, 0),
    ]
    [head] = await RegisterHead.filter(chain="acts")
    assert (await Anchor.get(day=date(2026, 3, 9), chain=Chain.ACTS)).hash == head.hash


async def test_two_workers_anchor_a_day_once(counter: Counter) -> None:
    tools = replace(counter.tools, anchor_address=KEEPER)

    made = await asyncio.gather(*(anchor_yesterday(tools) for _ in range(5)))

    assert (sum(made), await Notice.filter(kind=NoticeKind.REGISTER_ANCHORED).count()) == (2, 1)


async def test_without_an_address_nobody_is_written_to(counter: Counter, caplog: pytest.LogCaptureFixture) -> None:
    await anchor_yesterday(counter.tools)

    assert "Anchors are mailed to nobody" in caplog.text
    assert await Notice.filter(kind=NoticeKind.REGISTER_ANCHORED).count() == 0


async def lines(counter: Counter) -> list[str]:
    """Return what the last mail with anchors holds."""
    last = await Notice.filter(kind=NoticeKind.REGISTER_ANCHORED).order_by("-created_at").first()
    assert last is not None
    return [line.rsplit(" ", 1)[0] for line in last.detail["anchors"]]


async def test_a_day_without_entries_is_anchored_and_mailed_too(counter: Counter) -> None:
    tools = replace(counter.tools, anchor_address=KEEPER)
    await anchor_yesterday(tools)
    counter.clock.advance(days=1)

    assert await anchor_yesterday(tools) == 2

    assert await lines(counter) == ["2026-03-09 acts 0", "2026-03-09 reads 0"]


async def test_what_did_not_arrive_is_mailed_again_with_the_next_day(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    tools = replace(counter.tools, anchor_address=KEEPER)
    for _ in range(2):
        await anchor_yesterday(tools)
        await Notice.filter(state=NoticeState.PENDING).update(
            state=NoticeState.UNDELIVERABLE, next_try_at=None, finished_at=tools.clock()
        )
        counter.clock.advance(days=1)

    await anchor_yesterday(tools)

    days = ["2026-03-08", "2026-03-09", "2026-03-10"]
    assert await lines(counter) == [f"{day} {chain} 0" for day in days for chain in ("acts", "reads")]
    assert "Mails with anchors that came back: 2" in caplog.text

    await Notice.filter(state=NoticeState.PENDING).update(
        state=NoticeState.SENT, next_try_at=None, finished_at=tools.clock()
    )
    counter.clock.advance(days=1)
    await anchor_yesterday(tools)
    assert await lines(counter) == ["2026-03-11 acts 0", "2026-03-11 reads 0"]


async def test_a_round_that_ran_late_anchors_what_there_is_then(counter: Counter) -> None:
    tools = replace(counter.tools, anchor_address=KEEPER)
    counter.clock.advance(days=3, hours=5)
    await counter.register()

    assert await anchor_yesterday(tools) == 2
    assert await lines(counter) == ["2026-03-11 acts 1", "2026-03-11 reads 0"]


async def mailed(counter: Counter) -> bytes:
    """Return the anchors' mail as a mail program saves it."""
    await anchor_yesterday(replace(counter.tools, anchor_address=KEEPER))
    claimed = await notices.claim_notices(counter.tools, uuid4(), most=100)
    [notice] = [each for each in claimed if each.kind is NoticeKind.REGISTER_ANCHORED]
    assert (notice.address, notice.state) == (KEEPER, NoticeState.PENDING)
    return compose(letter_of(notice), INSTITUTION).content


async def run_verify(*arguments: str) -> Ended:
    return await command("verify", *arguments, environ={})


async def test_the_command_verifies_a_restored_backup_with_a_saved_mail(
    counter: Counter, database: Database, database_server: DatabaseServer, tmp_path: Path
) -> None:
    await counter.file(await counter.register())
    counter.clock.advance(days=1)
    saved = tmp_path / "cierre.eml"
    saved.write_bytes(await mailed(counter))
    await counter.file(await counter.register())
    head = (await RegisterHead.get(chain="acts")).hash.hex()
    store = shutil.copytree(tmp_path / "store", tmp_path / "backup")
    where = ["--url", database.web_url, "--store", str(store), "--anchors", str(saved)]

    code, said, complained = await run_verify(*where)

    assert (code, complained) == (0, "")
    assert f"acts: 4 entries, the last one's hash is {head}" in said
    assert "files: 2, each with the bytes that were received" in said
    assert "2 anchors of yours agree" in said

    file = next(store.glob("sha256/*/*/*"))
    file.unlink()
    code, _, complained = await run_verify(*where)
    assert (code, f"FAULT at file {file.name}: is missing from the store." in complained) == (3, True)
    assert (await run_verify(*where, "--without-files"))[0] == 0


async def test_the_command_says_when_it_cannot_look(
    empty_database: Database, database: Database, tmp_path: Path
) -> None:
    nothing = tmp_path / "nada.txt"
    nothing.write_text("nada")

    old = await run_verify("--url", empty_database.web_url, "--without-files")
    away = await run_verify("--url", f"postgresql://x@127.0.0.1:1/{database.name}", "--without-files")
    without = await run_verify("--url", database.web_url, "--store", str(tmp_path), "--anchors", str(nothing))

    assert [code for code, _, _ in (old, away, without)] == [1, 1, 2]
    assert "another version" in old[2]
    assert "cannot be used" in away[2]
    assert "holds no anchor" in without[2]
