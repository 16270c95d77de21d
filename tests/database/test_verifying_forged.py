"""Entries that the application's login forges by the register's own functions are refused, or found: never a crash."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from mesadepartes.verifying import verify
from reading.chains import Fault, prove_acts, prove_reads
from reading.proofs import prove_numbers, prove_record
from rules.anchors import Anchor
from rules.chain import Chain, canonical
from tests.database.test_anchors import run_verify
from tests.database.test_verifying import Day, day, unseen
from tests.stores import path_of, store_in

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

__all__ = ["day"]

NESTED = "[" * 3_000 + "]" * 3_000
FORGED: dict[str, dict[str, Any] | str] = {
    "a year that no calendar has": {"at": "20000-01-01T00:00:00+00:00"},
    "before our era": {"at": "0044-03-15 00:00:00+00 BC"},
    "for ever": {"at": "infinity"},
    "an instant that is none": {"at": 5},
    "no instant": {"at": None},
    "nested too deep": f'"detail":{NESTED}',
    "a number too great": '"detail":{"a":1e400}',
    "a number too long": '"detail":{"a":' + "9" * 5_000 + "}",
    "twice the same name": '"detail":{},"act":"LAPSED"',
    "a form to come": {"form": 3},
    "a form that is none": {"form": ["x"]},
    "no detail": {"detail": None},
    "a filing with a list": {"act": "FILED", "detail": [1]},
    "a filing with a text": {"act": "FILED", "detail": "x"},
    "a filing without number": {"act": "FILED", "detail": {}},
    "a filing with a number too long": {"act": "FILED", "detail": {"number": "MPD-" + "9" * 5_000 + "-X"}},
    "a number twice": {"act": "FILED", "detail": {"number": "MPD-2026-000003-I"}},
    "a number to come": {"act": "FILED", "detail": {"number": "MPD-2026-000009-6"}},
    "a number of another series": {"act": "FILED", "detail": {"number": "XYZ-2026-000001-A"}},
    "a version that is none": {"act": "CORRECTED", "detail": {"version": "x"}},
    "a legal date that is none": {"act": "CORRECTED", "detail": {"filedOn": "mañana"}},
    "another legal date": {"act": "NOTE_ADDED", "detail": {"filedOn": "2026-01-01"}},
    "files that are none": {"act": "CORRECTED", "detail": {"files": "x"}},
    "a file that was never received": {"act": "CORRECTED", "detail": {"files": [{"sha256": "0" * 64}]}},
    "folios that are none": {"act": "FOLIOS_CORRECTED", "detail": {"after": "x"}},
    "a step from another status": {"act": "RESOLVED", "from": "OBSERVED", "to": "RESOLVED"},
    "an act that nobody knows": {"act": "NONSENSE", "from": "VOIDED", "to": "PENDING"},
    "a second filing": {"act": "FILED", "from": None, "to": "PENDING", "detail": {"number": "MPD-2026-000004-K"}},
    "a note that there is not": {"act": "NOTE_ADDED", "detail": {"note": "x"}},
    "a referral that there is not": {"act": "REFERRED", "detail": {"referral": "x"}},
    "an erasure of many": {"act": "ERASED", "tramite": None, "detail": {"kind": "NOTICES", "count": "many"}},
    "no record": '"x',
}  # fmt: skip


@pytest.fixture
async def web(day: Day) -> AsyncGenerator[asyncpg.Connection]:
    """Return a connection of the application's login, set up as that of `verify`."""
    connection = await asyncpg.connect(day.database.web_url, server_settings={"search_path": "pg_catalog"})
    yield connection
    await connection.close()


def forge(record: str, edit: dict[str, Any] | str) -> str:
    if isinstance(edit, dict):
        return canonical(json.loads(record) | edit)
    return record.replace('"detail":{}', edit) if edit != '"x' else edit


async def outcome(web: asyncpg.Connection, record: str) -> str:
    """Return what becomes of a forged record, which is taken back."""
    transaction = web.transaction()
    await transaction.start()
    try:
        await web.fetchval("SELECT public.register_append($1)", record)
        walk = await prove_acts(web, {}, lambda _more: None)
        await prove_numbers(web, walk)
        await prove_record(web)
    except Fault as fault:
        return f"found: {fault}"
    except asyncpg.PostgresError as error:
        return f"refused: {error}"
    finally:
        await transaction.rollback()
    return "nothing"


async def test_a_forged_entry_is_refused_or_found(day: Day, web: asyncpg.Connection) -> None:
    record = await web.fetchval(
        "SELECT e.record FROM public.entries e JOIN public.tramites t ON t.id = e.tramite_id"
        " WHERE e.act = 'UPDATED' OR e.act = 'FILED' ORDER BY e.sequence DESC LIMIT 1"
    )
    base = canonical({**json.loads(str(record)), "act": "RECEIVED", "from": "PENDING", "to": "PENDING", "detail": {}})

    found = {name: await outcome(web, forge(base, edit)) for name, edit in FORGED.items()}

    assert [name for name, said in found.items() if said == "nothing"] == []
    assert found["a year that no calendar has"].endswith("entry 12: its columns hold what nobody can read")
    await day.verify()


async def test_a_forged_read_is_refused_or_found(day: Day, web: asyncpg.Connection) -> None:
    record = await web.fetchval("SELECT record FROM public.read_entries ORDER BY sequence LIMIT 1")
    for edit in ({"at": "20000-01-01T00:00:00+00:00"}, f'"detail":{NESTED}', {"viewer": None}, {"kind": None}):
        transaction = web.transaction()
        await transaction.start()
        with pytest.raises((Fault, asyncpg.PostgresError)):
            await web.fetchval("SELECT public.reads_append($1)", forge(str(record), edit))
            await prove_reads(web, {}, lambda _more: None)
        await transaction.rollback()


async def test_numbers_taken_without_a_filing_are_found(day: Day, web: asyncpg.Connection) -> None:
    await web.fetchval("SELECT public.register_take_number('MPD-2026')")

    assert "series MPD-2026: 4 numbers were given, but 3 trámites were filed" in await day.fault()


async def test_an_entry_dated_on_a_day_that_is_over_is_found_by_its_anchor(day: Day, web: asyncpg.Connection) -> None:
    anchors = await day.anchor()
    taken = await web.fetchval("SELECT record FROM public.entries WHERE act = 'REGISTERED' LIMIT 1")
    record = json.loads(str(taken))
    late = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
    await web.fetchval("SELECT public.register_append($1)", canonical({**record, "at": late.isoformat()}))
    await day.verify(*anchors)

    early = late - timedelta(hours=1)
    await web.fetchval("SELECT public.register_append($1)", canonical({**record, "at": early.isoformat()}))

    assert "acts, entry 13: is dated on a day that had been anchored without it" in await day.fault(*anchors)


async def test_two_anchors_that_contradict_each_other_are_both_heard(day: Day) -> None:
    anchors = await day.anchor()
    other = Anchor(date(2026, 3, 12), Chain.ACTS, anchors[0].sequence, "0" * 64)

    for given in ([other, *anchors], [*anchors, other]):
        assert "its hash is not the one anchored on 2026-03-12" in await day.fault(*given)


async def test_whoever_may_only_read_can_verify(day: Day) -> None:
    async with day.meddling() as connection:
        name = f"reader_{day.database.name}"
        await connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'x'; GRANT pg_read_all_data TO {name}")
    url = day.database.web_url.replace(day.database.web_url.split("//")[1].split("@")[0], f"{name}:x")
    try:
        proved = await verify(url, store_in(day.store), anchors=[], progress=unseen)
    finally:
        async with day.meddling() as connection:
            await connection.execute(f"DROP ROLE {name}")

    assert [walk.sequence for walk in proved.walks] == [11, 3]


@pytest.mark.parametrize(
    "edit",
    ["ALTER TABLE notices RENAME TO gone", "DROP TABLE read_entries", "ALTER TABLE entries DROP COLUMN record CASCADE"],
)
async def test_a_table_that_is_gone_is_a_fault_and_no_crash(day: Day, edit: str) -> None:
    await day.meddle(edit)

    assert await day.fault()


async def test_what_is_no_file_any_more_is_a_fault(day: Day) -> None:
    file = await day.corrected.attachments.filter(version=1).first()
    assert file is not None
    path = path_of(day.counter.tools.store, file.content_id)
    path.unlink()

    os.mkfifo(path)
    assert await day.fault() == f"file {file.content_id}: cannot be read from the store: it is no file of its own"
    path.unlink()
    path.mkdir()
    assert await day.fault() == f"file {file.content_id}: cannot be read from the store: it is no file of its own"


async def test_a_login_that_may_not_look_is_told_so(day: Day) -> None:
    name = f"blind_{day.database.name}"
    async with day.meddling() as connection:
        await connection.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA public TO {name}")
        await connection.execute(f"GRANT SELECT ON tortoise_migrations TO {name}")
    url = day.database.web_url.replace(day.database.web_url.split("//")[1].split("@")[0], f"{name}:x")
    try:
        code, _, complained = await run_verify("--url", url, "--without-files")
    finally:
        async with day.meddling() as connection:
            await connection.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")

    assert (code, "Traceback" in complained) == (1, False)
    assert "does not let us look: permission denied for table" in complained
