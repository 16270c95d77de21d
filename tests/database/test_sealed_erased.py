"""A sealed receipt that is past its time goes with its facts; its digest and its place in the log stay."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg
import pytest

from actions import retention
from actions.sealing import read_receipt, seal_outstanding, sealed_receipt
from mesadepartes.verifying import verify
from models.files import Content
from models.receipts import Receipt
from reading.files import ReceiptNoLongerKept
from rules.access import Role
from rules.kept_kinds import RetentionKind as Kind
from tests.database.test_sealing import asking, entries, leaf
from tests.database.test_verifying import unseen
from tests.retention import erase_all, voided, years_later
from tests.stores import store_in

if TYPE_CHECKING:
    from pathlib import Path

    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database


async def erase(counter: Counter, api: Api) -> None:
    """Let the years pass after which a voided trámite is erased, and erase it."""
    boss = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    await retention.set_period(counter.tools, boss.viewer, Kind.UNDONE_TRAMITES, days=12 * 365)
    await counter.deliver()
    years_later(counter, 13)
    assert (await erase_all(counter))[Kind.UNDONE_TRAMITES] == 1


async def test_the_file_goes_and_digest_and_place_stay(
    counter: Counter, api: Api, database: Database, tmp_path: Path
) -> None:
    filed = await voided(counter, await counter.register())
    assert await seal_outstanding(counter.tools) == 2
    before = await Receipt.filter(tramite_id=filed.id).order_by("log_index")

    await erase(counter, api)

    after = await Receipt.filter(tramite_id=filed.id).order_by("log_index")
    same = [(row.id, row.content_id, row.sealed_at, row.log_index) for row in before]
    assert [(row.id, row.content_id, row.sealed_at, row.log_index) for row in after] == same
    assert await entries(database) == [leaf(str(row.content_id)) for row in after]
    for row in after:
        assert row.erased_at == counter.clock()
        assert (await Content.get(sha256=row.content_id)).erased_at == counter.clock()
        assert not await counter.tools.store.exists(str(row.content_id))
        with pytest.raises(ReceiptNoLongerKept):
            await read_receipt(counter.tools, row)
    await verify(database.web_url, store_in(tmp_path / "store"), anchors=(), progress=unseen)
    async with asking(counter, after[0]) as http:
        assert (await http.get(f"/receipts/{after[0].id}")).json()["code"] == "RECEIPT_NO_LONGER_KEPT"


async def test_what_was_erased_before_it_was_sealed_is_never_sealed(
    counter: Counter, api: Api, database: Database, tmp_path: Path
) -> None:
    filed = await voided(counter, await counter.register())
    stale = await Receipt.filter(tramite_id=filed.id)

    await erase(counter, api)

    assert await seal_outstanding(counter.tools) == 0
    for receipt in stale:
        with pytest.raises(ReceiptNoLongerKept):
            await sealed_receipt(counter.tools, receipt)
    assert await entries(database) == []
    assert {row.content_id for row in await Receipt.all()} == {None}
    await verify(database.web_url, store_in(tmp_path / "store"), anchors=(), progress=unseen)


async def test_who_seals_while_it_is_erased_waits_and_finds_nothing_to_seal(
    counter: Counter, database: Database
) -> None:
    filed = await counter.file(await counter.register())
    receipt = await Receipt.get(tramite_id=filed.id)

    owner = await asyncpg.connect(database.owner_url)
    async with owner.transaction():
        await owner.execute("UPDATE receipts SET erased_at = now(), facts_sha256 = repeat('0', 64), facts = '{}'")
        sealing = asyncio.create_task(sealed_receipt(counter.tools, receipt))
        await database.until_somebody_waits(unless=sealing)
        assert not sealing.done()
    await owner.close()

    with pytest.raises(ReceiptNoLongerKept):
        await sealing
    assert await entries(database) == []
