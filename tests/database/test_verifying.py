"""`verify`: what is edited behind the program's back is found, and where."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg
import pytest

from actions import applicant, corrections, tramites
from actions.anchors import anchor_yesterday
from actions.reads import look_at_tramite
from actions.register import Record, append
from actions.transaction import tx
from mesadepartes.verifying import Proved, verify
from models.register import Anchor as AnchorRow
from reading.chains import Fault
from rules.access import Role
from rules.anchors import Anchor, MailedHead
from rules.chain import Chain, genesis, link
from rules.register import Act
from tests.counter import PDF
from tests.stores import path_of, store_in

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from pathlib import Path

    from models.tramites import Tramite
    from reading.chains import Told
    from tests.counter import Counter
    from tests.servers.postgres import Database, DatabaseServer

SECRET = "Sufro del corazón, calle Lima 123"


COUNT_ANEW = """
TRUNCATE report_months, report_steps, report_waiting_months, report_waiting, report_acts, report_positions,
    report_cells;
SELECT report_take(e) FROM (SELECT * FROM entries WHERE tramite_id IS NOT NULL AND to_status IS NOT NULL
    ORDER BY sequence) e;
"""


@contextmanager
def unseen(_name: str, _length: int) -> Generator[Told]:
    yield lambda _more: None


@dataclass
class Day:
    """A day at the counter, and the means to look at it and to meddle with it."""

    counter: Counter
    database: Database
    server: DatabaseServer
    store: Path
    corrected: Tramite
    voided: Tramite

    async def verify(self, *anchors: Anchor | MailedHead) -> Proved:
        return await verify(self.database.web_url, store_in(self.store), anchors=anchors, progress=unseen)

    async def fault(self, *anchors: Anchor | MailedHead) -> str:
        with pytest.raises(Fault) as found:
            await self.verify(*anchors)
        assert SECRET not in str(found.value)
        return str(found.value)

    @asynccontextmanager
    async def meddling(self) -> AsyncGenerator[asyncpg.Connection]:
        """Give a connection of the superuser to which no trigger and no foreign key says anything."""
        connection = await asyncpg.connect(self.server.superuser_url(self.database.name))
        await connection.execute("SET session_replication_role = replica")
        yield connection
        await connection.close()

    async def meddle(self, *statements: str) -> None:
        async with self.meddling() as connection:
            for statement in statements:
                await connection.execute(statement)

    async def rewrite(self, statement: str, *, chain: Chain = Chain.ACTS) -> None:
        """Edit as told and make the whole chain agree with itself again."""
        table = "entries" if chain is Chain.ACTS else "read_entries"
        async with self.meddling() as connection:
            await connection.execute(statement)
            previous, sequence = genesis(chain), 0
            for row in await connection.fetch(f"SELECT sequence, record FROM {table} ORDER BY sequence"):
                sequence += 1
                hash_ = link(previous, sequence=sequence, record=row["record"])
                await connection.execute(
                    f"UPDATE {table} SET sequence = $1, previous_hash = $2, hash = $3 WHERE sequence = $4",
                    sequence, previous, hash_, row["sequence"],
                )  # fmt: skip
                if chain is Chain.ACTS:
                    await connection.execute(
                        "UPDATE entry_texts SET sequence = $1 WHERE sequence = $2", sequence, row["sequence"]
                    )
                previous = hash_
            await connection.execute(
                "UPDATE register_heads SET sequence = $1, hash = $2 WHERE chain = $3", sequence, previous, chain.value
            )
            await connection.execute(COUNT_ANEW)

    async def anchor(self) -> list[Anchor]:
        self.counter.clock.advance(days=1)
        assert await anchor_yesterday(self.counter.tools) == 2
        return [Anchor(row.day, row.chain, row.sequence, row.hash.hex()) for row in await AnchorRow.all()]


@pytest.fixture
async def day(counter: Counter, database: Database, database_server: DatabaseServer, tmp_path: Path) -> Day:
    """Return a day on which trámites were filed, updated, voided, observed, corrected, referred and resolved."""
    maria = await counter.register()
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    first, second, third = [await counter.file(maria) for _ in range(3)]
    await applicant.update_tramite(counter.tools, maria, first.id, applicant.MainData(subject="Otro asunto", folios=7))
    await applicant.void_tramite(counter.tools, maria, second.id, reason=SECRET)
    await tramites.observe_tramite(counter.tools, clerk, first.id, text=SECRET)
    annex = await counter.upload(maria, name="anexo.pdf", data=PDF + b"annex")
    form = corrections.Correction(first.id, SECRET, None, (corrections.CorrectedAnnex(annex.id),))
    await corrections.correct_tramite(counter.tools, maria, first.id, form)
    await tramites.refer_tramite(counter.tools, clerk, first.id, office_code="SEDE-CENTRAL", text=None)
    await tramites.resolve_tramite(counter.tools, clerk, third.id, text=SECRET)
    for each in (first, second, third):
        await look_at_tramite(counter.tools, clerk, each.number)
    return Day(counter, database, database_server, tmp_path / "store", first, second)


async def test_what_nobody_touched_is_in_order(day: Day) -> None:
    anchors = await day.anchor()

    proved = await day.verify(*anchors)

    acts, reads = proved.walks
    assert (acts.sequence, acts.numbered, reads.sequence, proved.files) == (11, {"MPD-2026": 3}, 3, 4)
    assert [anchor.hash for anchor in anchors] == [acts.hash.hex(), reads.hash.hex()]


async def test_an_empty_counter_is_in_order(counter: Counter, database: Database, tmp_path: Path) -> None:
    proved = await verify(database.web_url, store_in(tmp_path / "store"), anchors=[], progress=unseen)

    assert [walk.sequence for walk in proved.walks] == [0, 0]


ENTRY = "(SELECT min(sequence) FROM entries WHERE act = 'OBSERVED')"
COLUMNS = "act, role, actor_id, tramite_id, from_status, to_status, at, detail, record, previous_hash, hash"


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        (["UPDATE entries SET act = 'REFERRED' WHERE sequence = 4"], "acts, entry 4: its columns"),
        (["UPDATE entries SET at = at + interval '1 second' WHERE sequence = 4"], "acts, entry 4: its columns"),
        (["UPDATE entries SET actor_id = NULL WHERE sequence = 4"], "acts, entry 4: its columns"),
        (["UPDATE entries SET to_status = 'RESOLVED' WHERE sequence = 4"], "acts, entry 4: its columns"),
        (["UPDATE entries SET detail = detail || '{\"filedOn\": \"2026-03-01\"}' WHERE sequence = 4"], "its columns"),
        (["UPDATE entries SET record = replace(record, 'PENDING', 'VOIDED') WHERE sequence = 4"], "entry 4: its hash"),
        (["UPDATE entries SET hash = sha256('x') WHERE sequence = 4"], "acts, entry 4: its hash"),
        (["UPDATE entries SET text = 'Otra cosa' WHERE sequence = 4"], "acts, entry 4: what was said"),
        ([f"UPDATE entry_texts SET text = 'Otra cosa' WHERE sequence = {ENTRY}"], "entry 8: what was said"),
        ([f"UPDATE entry_texts SET salt = repeat('x', 16)::bytea WHERE sequence = {ENTRY}"], "entry 8: what was said"),
        ([f"DELETE FROM entry_texts WHERE sequence = {ENTRY}"], "entry 8: what was said"),
        (["INSERT INTO entry_texts (sequence, text, salt) VALUES (4, 'x', repeat('x', 16)::bytea)"], "entry 4"),
        (["DELETE FROM entries WHERE sequence = 5"], "acts, entry 5: is missing"),
        (["DELETE FROM entries WHERE sequence = 1"], "acts, entry 1: is missing"),
        (
            [
                "UPDATE entries SET sequence = sequence + 100 WHERE sequence > 5",
                f"INSERT INTO entries (sequence, {COLUMNS}) SELECT 6, {COLUMNS} FROM entries WHERE sequence = 5",
                "UPDATE entries SET sequence = sequence - 99 WHERE sequence > 100",
            ],
            "acts, entry 6: does not name",
        ),
        (
            [
                "UPDATE entries SET sequence = 1000 WHERE sequence = 5",
                "UPDATE entries SET sequence = 5 WHERE sequence = 6",
                "UPDATE entries SET sequence = 6 WHERE sequence = 1000",
            ],
            "acts, entry 5: does not name",
        ),
        (["DELETE FROM entries WHERE sequence > 9"], "acts, entry 9: the chain ends here, but its head is at 11"),
        (["UPDATE register_heads SET hash = sha256('x') WHERE chain = 'acts'"], "acts, entry 11: the chain ends here"),
        (["DELETE FROM register_heads WHERE chain = 'reads'"], "reads, entry 3: the chain ends here"),
        (["UPDATE read_entries SET viewer_id = gen_random_uuid() WHERE sequence = 2"], "reads, entry 2: its columns"),
        (["UPDATE read_entries SET record = replace(record, 'CLERK', 'AUDITOR')"], "reads, entry 1: its hash"),
        (["DELETE FROM read_entries WHERE sequence = 2"], "reads, entry 2: is missing"),
        (["DELETE FROM read_entries WHERE sequence = 3"], "reads, entry 2: the chain ends here"),
        (["UPDATE number_series SET last_given = 4"], "series MPD-2026: 4 numbers were given, but 3"),
        (["INSERT INTO number_series VALUES ('MPD-2025', 1)"], "series MPD-2025: 1 numbers were given, but 0"),
        (["UPDATE tramites SET number = 'MPD-2026-9-X' WHERE number LIKE '%000002-_'"], "MPD-2026-9-X: no entry"),
        (["DELETE FROM tramites WHERE number LIKE '%000003-_'"], "number MPD-2026-000003-I: was given"),
        (["UPDATE tramites SET status = 'RESOLVED' WHERE number LIKE '%000002-_'"], "trámite MPD-2026-000002"),
        (["DELETE FROM receipts WHERE kind = 'SUBMISSION' AND version = 1"], "acts, entry 3, trámite MPD-2026-000001"),
        (["DELETE FROM receipts WHERE version = 2"], "acts, entry 9, trámite MPD-2026-000001"),
        (["DELETE FROM receipts WHERE kind = 'RECEPTION'"], "acts, entry 10, trámite MPD-2026-000001"),
        (["DELETE FROM receipts WHERE kind = 'VOIDING'"], "acts, entry 7, trámite MPD-2026-000002"),
        (
            [
                "INSERT INTO receipts (id, tramite_id, kind, version, verification_code, facts, issued_at)"
                " SELECT gen_random_uuid(), tramite_id, kind, 9, 'FORGED', facts, issued_at FROM receipts LIMIT 1"
            ],
            "certifies what no entry of the register says",
        ),
        (["DELETE FROM notices WHERE kind = 'OBSERVED'"], "MPD-2026-000001-M, notice OBSERVED: was promised"),
        (["DELETE FROM notices WHERE kind = 'SUBMISSION_RECEIPT'"], "notice SUBMISSION_RECEIPT: was promised"),
        (["UPDATE notices SET kind = 'LAPSED' WHERE kind = 'REFERRED'"], "notice REFERRED: was promised"),
        (["DELETE FROM attachments WHERE version = 2"], "entry 9, file "),
        (
            [
                "UPDATE attachments SET content_id = (SELECT max(sha256) FROM contents WHERE sha256 <> content_id)"
                " WHERE version = 2"
            ],
            "was received, but is no longer among the files",
        ),
        (
            [
                "INSERT INTO attachments (id, tramite_id, version, role, position, name, content_id, size_bytes)"
                " SELECT gen_random_uuid(), t.id, 1, 'ANNEX', 4, 'x.pdf', a.content_id, a.size_bytes FROM tramites t,"
                " attachments a WHERE t.number LIKE '%000003-_' AND a.version = 2"
            ],
            "trámite MPD-2026-000003-I, file ",
        ),
    ],
)  # fmt: skip
async def test_an_edit_behind_our_back_is_found(day: Day, edits: list[str], told: str) -> None:
    await day.meddle(*edits)

    assert told in await day.fault()


async def test_a_cut_tail_is_found_by_an_anchor_alone(day: Day) -> None:
    anchors = await day.anchor()
    await day.meddle("DELETE FROM anchors", "DELETE FROM notices WHERE kind = 'RESOLVED'")
    await day.rewrite(
        "UPDATE tramites SET status = 'PENDING', resolution = NULL, received_at = NULL WHERE number LIKE '%000003-_';"
        " DELETE FROM receipts WHERE kind = 'RECEPTION' AND tramite_id IN (SELECT tramite_id FROM entries"
        " WHERE sequence = 11);"
        " DELETE FROM entry_texts WHERE sequence = 11; DELETE FROM entries WHERE sequence = 11"
    )

    await day.verify()

    assert "acts, entry 10: the chain ends here, but 2026-03-09 was anchored at 11" in await day.fault(*anchors)


async def test_a_whole_rewrite_is_found_by_an_anchor_alone(day: Day) -> None:
    anchors = await day.anchor()
    await day.meddle("DELETE FROM anchors")
    edit = "SET {} = replace({}, '2026-03-09T15', '2026-03-09T11') WHERE sequence = 1"
    await day.rewrite(
        f"UPDATE entries {edit.format('record', 'record')}; UPDATE entries SET at = at - interval '4 hours'"
        " WHERE sequence = 1"
    )

    await day.verify()

    assert "acts, entry 11: its hash is not the one anchored on 2026-03-09" in await day.fault(*anchors)


async def test_a_rewrite_that_leaves_a_number_out_is_found(day: Day) -> None:
    await day.rewrite(
        "DELETE FROM entry_texts WHERE sequence = 7; DELETE FROM entries WHERE tramite_id = "
        "(SELECT id FROM tramites WHERE number LIKE '%000002-_')"
    )

    assert "acts, entry 4: number MPD-2026-000003-I is not the next one of its series" in await day.fault()


async def test_a_rewritten_chain_of_reads_is_found_by_an_anchor_alone(day: Day) -> None:
    anchors = await day.anchor()
    await day.meddle("DELETE FROM anchors")
    await day.rewrite("DELETE FROM read_entries WHERE sequence = 2", chain=Chain.READS)

    await day.verify()

    assert "reads, entry 2: the chain ends here, but 2026-03-09 was anchored at 3" in await day.fault(*anchors)


async def test_anchors_that_were_left_in_the_database_count_too(day: Day) -> None:
    await day.anchor()
    await day.rewrite("DELETE FROM read_entries WHERE sequence = 2", chain=Chain.READS)

    assert "reads, entry 2: the chain ends here" in await day.fault()


async def test_what_comes_after_an_anchor_does_not_trouble_it(day: Day) -> None:
    anchors = await day.anchor()
    await day.counter.file(await day.counter.register())

    assert (await day.verify(*anchors)).walks[0].sequence == 13


@pytest.mark.parametrize("is_main", [True, False])
async def test_a_file_that_was_swapped_or_is_gone_is_found(day: Day, is_main: bool) -> None:
    file = await day.corrected.attachments.filter(version=1 if is_main else 2).first()
    assert file is not None
    path = path_of(day.counter.tools.store, file.content_id)
    kept = path.read_bytes()

    path.write_bytes(kept.replace(b"small", b"SMALL"))
    swapped = await day.fault()
    path.unlink()
    gone = await day.fault()
    path.write_bytes(kept)

    assert swapped == f"file {file.content_id}: the bytes in the store are no longer those that were put there"
    assert gone == f"file {file.content_id}: is missing from the store"
    await day.verify()


async def test_a_swapped_file_whose_rows_agree_is_found(day: Day) -> None:
    other = await day.counter.tools.store.put_bytes(b"another document")

    await day.meddle(
        f"INSERT INTO contents (sha256, size_bytes, stored_at) VALUES ('{other.sha256}', 16, now())",
        f"UPDATE attachments SET content_id = '{other.sha256}' WHERE version = 2",
    )

    assert "was received, but is no longer among the files of its trámite" in await day.fault()


async def test_files_may_be_left_out(day: Day) -> None:
    for path in (day.store / "sha256").rglob("*"):
        if path.is_file():
            path.unlink()

    proved = await verify(day.database.web_url, None, anchors=[], progress=unseen)

    assert proved.files is None


async def test_erased_words_leave_a_tombstone_that_verifies(day: Day) -> None:
    sequence = await said(day, "OBSERVED")
    web = await asyncpg.connect(day.database.web_url)

    erased = [await web.fetchval("SELECT register_erase_text($1)", sequence) for _ in range(2)]

    row = await web.fetchrow(
        "SELECT salt, text, erased_at IS NOT NULL AS is_dated FROM entry_texts WHERE sequence = $1", sequence
    )
    await web.close()
    assert (erased, tuple(row or ())) == ([True, False], (None, None, True))
    assert f"acts, entry {sequence}: was erased, but the register does not say so" in await day.fault()
    async with tx() as connection:
        now, tramite_id = day.counter.clock(), day.corrected.id
        await append(connection, Record(Act.ERASED, now, Role.SYSTEM, tramite_id=tramite_id))
    await day.verify()


async def said(day: Day, act: str) -> int:
    async with day.meddling() as connection:
        return int(await connection.fetchval("SELECT sequence FROM entries WHERE act = $1", act) or 0)


async def test_nothing_that_people_wrote_is_in_the_chains(day: Day) -> None:
    async with day.meddling() as connection:
        kept = [row[0] for row in await connection.fetch("SELECT e::text FROM entries e")]
        kept += [row[0] for row in await connection.fetch("SELECT e::text FROM read_entries e")]

    for hidden in (
        SECRET,
        "Otro asunto",
        "Solicito copia",
        "anexo.pdf",
        "solicitud.pdf",
        "@example.pe",
        "Ñaupari",
        "987654321",
    ):
        assert not [entry for entry in kept if hidden in entry], hidden


async def test_the_same_words_have_another_digest_each_time(day: Day) -> None:
    async with day.meddling() as connection:
        records = await connection.fetch("SELECT e.record FROM entries e JOIN entry_texts w USING (sequence)")

    digests = re.findall(r'"text":"([0-9a-f]{64})"', " ".join(row["record"] for row in records))
    assert len(digests) == len(set(digests)) == 4
