"""The register of taxpayers: loaded whole or not at all, read rightly all the while, and changed by nobody else."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
import pytest_asyncio

from actions.taxpayers import CannotLoad, Load, load_taxpayers
from mesadepartes.taxpayer_samples import sample_lines, write_samples
from reading.taxpayers import look_up
from rules.taxpayers import Fault, NotTheRegister, Taxpayer
from tests.api import PATIENCE, Api, filing, in_process, make_feed
from tests.commands import all_said
from tests.counter import MONDAY, PDF
from tests.journeys.parts import ROOT

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from pathlib import Path

    from tests.counter import Counter
    from tests.servers.postgres import Database

SUNAT, BANK, CLOSED, UNKNOWN = "20131312955", "20100047218", "20100070970", "20100128056"
HEADER = next(sample_lines(0, seed=0))
OLD, NEW = date(2026, 3, 2), date(2026, 3, 9)


def line(ruc: str, name: str, state: str = "ACTIVO", condition: str = "HABIDO") -> str:
    return f"{ruc}|{name}|{state}|{condition}|150101|AV.|LOS ÁLAMOS|-|URB.|123|-|-|-|-|-|\n"


TWO = [line(SUNAT, "SUNAT"), line(CLOSED, "CERRADA  S.A. \\N", "BAJA DE OFICIO", "NO HABIDO")]


async def in_blocks(lines: list[str]) -> AsyncGenerator[bytes]:
    yield HEADER.encode("latin-1")
    for each in lines:
        yield each.encode("latin-1")


async def load(database: Database, lines: list[str], *, published_on: date = OLD, may_shrink: bool = False) -> Load:
    async with as_owner(database) as connection:
        return await load_taxpayers(
            connection, in_blocks(lines), published_on=published_on, loaded_at=MONDAY, may_shrink=may_shrink
        )


@asynccontextmanager
async def as_owner(database: Database) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.owner_url)
    try:
        yield connection
    finally:
        await connection.close()


async def tables(database: Database) -> int:
    """Return how many tables of taxpayers there are besides `taxpayers` and `taxpayer_loads`."""
    async with as_owner(database) as connection:
        count = "SELECT count(*) FROM pg_tables WHERE tablename ~ '^taxpayers_'"
        return await connection.fetchval(count) or 0


async def until(is_so: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await is_so():
            await asyncio.sleep(0.005)


async def test_what_was_loaded_is_found_with_the_day_of_the_register(counter: Counter, database: Database) -> None:
    assert await look_up(SUNAT) == (None, None)

    loaded = await load(database, [*TWO, "nonsense\n", line("20131312950", "MAL DÍGITO")])

    assert loaded == Load(row_count=2, repeated_count=0, faults={Fault.COLUMNS: 1, Fault.RUC: 1})
    assert await look_up(SUNAT) == (OLD, Taxpayer(SUNAT, "SUNAT", "ACTIVO", "HABIDO"))
    assert await look_up(CLOSED) == (OLD, Taxpayer(CLOSED, "CERRADA S.A. \\N", "BAJA DE OFICIO", "NO HABIDO"))
    assert await look_up(UNKNOWN) == (OLD, None)


async def test_a_load_replaces_the_last_one_whole(counter: Counter, database: Database) -> None:
    await load(database, TWO)

    await load(database, [line(SUNAT, "SUNAT", "SUSPENSION TEMPORAL"), line(BANK, "BANCO")], published_on=NEW)

    assert await look_up(SUNAT) == (NEW, Taxpayer(SUNAT, "SUNAT", "SUSPENSION TEMPORAL", "HABIDO"))
    assert await look_up(CLOSED) == (NEW, None)
    assert await tables(database) == 1


async def test_of_lines_with_one_ruc_the_last_counts(counter: Counter, database: Database) -> None:
    loaded = await load(database, [line(SUNAT, "ANTES"), line(BANK, "BANCO"), line(SUNAT, "LUEGO"), line(SUNAT, "FIN")])

    assert loaded == Load(row_count=2, repeated_count=2, faults={})
    assert await look_up(SUNAT) == (OLD, Taxpayer(SUNAT, "FIN", "ACTIVO", "HABIDO"))


async def test_a_register_that_lost_more_than_half_is_not_taken_by_accident(
    counter: Counter, database: Database
) -> None:
    await load(database, [*TWO, line(BANK, "BANCO")])

    with pytest.raises(CannotLoad, match="less than half"):
        await load(database, [line(BANK, "BANCO")], published_on=NEW)
    assert await look_up(SUNAT) == (OLD, Taxpayer(SUNAT, "SUNAT", "ACTIVO", "HABIDO"))

    await load(database, [line(BANK, "BANCO")], published_on=NEW, may_shrink=True)
    assert await look_up(SUNAT) == (NEW, None)


async def test_a_file_without_a_usable_line_is_not_loaded(counter: Counter, database: Database) -> None:
    with pytest.raises(CannotLoad):
        await load(database, ["nonsense\n"])

    assert await look_up(SUNAT) == (None, None)
    assert await tables(database) == 0


async def test_another_file_leaves_the_register_as_it_was(counter: Counter, database: Database) -> None:
    await load(database, TWO)

    async def other() -> AsyncGenerator[bytes]:
        yield b"id;name\n1;x\n"

    async with as_owner(database) as connection:
        with pytest.raises(NotTheRegister):
            await load_taxpayers(connection, other(), published_on=NEW, loaded_at=MONDAY)

    assert await look_up(SUNAT) == (OLD, Taxpayer(SUNAT, "SUNAT", "ACTIVO", "HABIDO"))
    assert await tables(database) == 1


async def test_two_loads_at_once_come_one_after_the_other(counter: Counter, database: Database) -> None:
    await asyncio.gather(*(load(database, TWO) for _ in range(3)))

    assert await look_up(SUNAT) == (OLD, Taxpayer(SUNAT, "SUNAT", "ACTIVO", "HABIDO"))
    assert await tables(database) == 1


async def test_readers_find_at_every_moment_what_is_in_both_registers(counter: Counter, database: Database) -> None:
    registers = {OLD: "ACTIVO", NEW: "BAJA DEFINITIVA"}
    fillers = [sample for sample in sample_lines(2000, seed=3) if sample != HEADER]
    await load(database, [*fillers, line(SUNAT, "SUNAT", registers[OLD])], published_on=OLD)
    seen = set[tuple[date | None, str | None]]()
    is_over = asyncio.Event()

    async def read() -> int:
        times = 0
        while not is_over.is_set():
            day, taxpayer = await look_up(SUNAT)
            seen.add((day, taxpayer.state if taxpayer else None))
            times += 1
        return times

    readers = [asyncio.create_task(read()) for _ in range(4)]
    for day in (NEW, OLD) * 5:
        await load(database, [*fillers, line(SUNAT, "SUNAT", registers[day])], published_on=day)
    is_over.set()

    assert all(await asyncio.gather(*readers))
    assert seen == set(registers.items())


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO taxpayers VALUES ('20100047218', 'X', 'ACTIVO', 'HABIDO')",
        "UPDATE taxpayers SET state = 'ACTIVO'",
        "DELETE FROM taxpayers",
        "TRUNCATE taxpayers",
        "DROP TABLE taxpayers",
        "UPDATE {partition} SET state = 'ACTIVO'",
        "ALTER TABLE taxpayers DETACH PARTITION {partition}",
        "INSERT INTO taxpayer_loads VALUES (99, '2026-03-09', now(), 1, 0)",
        "UPDATE taxpayer_loads SET published_on = '2026-03-09'",
        "CREATE TABLE mine (x int)",
    ],
)
async def test_the_application_cannot_change_the_register(database: Database, statement: str) -> None:
    await load(database, TWO)
    async with as_owner(database) as owner:
        partition = await owner.fetchval(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'taxpayers'::regclass"
        )
    connection = await asyncpg.connect(database.web_url, server_settings={"role": "mesa_app"})

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement.format(partition=partition))

    assert await connection.fetchval("SELECT count(*) FROM taxpayers") == 2
    await connection.close()


@asynccontextmanager
async def importing(url: str, *words: str) -> AsyncGenerator[Process]:
    """Run `mesadepartes ruc import` as long as the block lasts."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MESA_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "mesadepartes", "ruc", "import", *words, cwd=ROOT,
        env={**environ, "MESA_DATABASE_URL": url}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def run_import(url: str, *words: str) -> tuple[int | None, str]:
    """Run the command to its end; return its exit code and what it said."""
    return await all_said("ruc", "import", *words, environ={"MESA_DATABASE_URL": url})


IMPORT = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'mesadepartes ruc import'"


@asynccontextmanager
async def killed_when(database: Database, file: Path, condition: str) -> AsyncGenerator[None]:
    """Run the command until *condition* holds, do the block, kill it, and wait until the server has noticed."""
    async with as_owner(database) as watcher, importing(database.owner_url, str(file)) as process:

        async def holds(condition: str) -> bool:
            return bool(await watcher.fetchval(f"SELECT EXISTS ({condition})"))

        async def is_gone() -> bool:
            return not await holds(f"SELECT {IMPORT}")

        async def is_so() -> bool:
            return await holds(condition)

        await until(is_so)
        yield
        process.kill()
        await process.wait()
        await until(is_gone)


async def test_a_load_killed_while_it_copies_leaves_the_last_one_and_can_be_run_again(
    counter: Counter, database: Database, tmp_path: Path
) -> None:
    await load(database, TWO)
    file = tmp_path / "padron.txt"
    write_samples(file, 300_000, seed=5, told=lambda _: None)

    async with killed_when(database, file, "SELECT FROM pg_stat_progress_copy WHERE tuples_processed > 0"):
        pass

    assert await look_up(SUNAT) == (OLD, Taxpayer(SUNAT, "SUNAT", "ACTIVO", "HABIDO"))
    assert await tables(database) == 1
    code, said = await run_import(database.owner_url, str(file), "--published-on", "2026-03-09")
    assert (code, "300,000 taxpayers loaded" in said) == (0, True), said
    assert await look_up(SUNAT) == (NEW, None)


async def test_a_load_waits_for_who_reads_lets_others_read_meanwhile_and_may_be_killed_then(
    counter: Counter, database: Database, tmp_path: Path
) -> None:
    await load(database, TWO)
    file = tmp_path / "padron.txt"
    write_samples(file, 10, seed=5, told=lambda _: None)
    waits = f"SELECT {IMPORT} AND wait_event_type = 'Lock'"
    async with as_owner(database) as backup, backup.transaction():
        await backup.execute("LOCK TABLE taxpayers IN ACCESS SHARE MODE")

        async with killed_when(database, file, waits), asyncio.timeout(PATIENCE):
            assert await look_up(SUNAT) == (OLD, Taxpayer(SUNAT, "SUNAT", "ACTIVO", "HABIDO"))
    assert await look_up(SUNAT) == (OLD, Taxpayer(SUNAT, "SUNAT", "ACTIVO", "HABIDO"))
    assert await tables(database) == 1
    code, said = await run_import(database.owner_url, str(file), "--published-on", "2026-03-09")
    assert (code, await look_up(SUNAT)) == (0, (NEW, None)), said


async def test_the_command_says_what_it_left_out(counter: Counter, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "padron.txt"
    lines = [*TWO, TWO[0], "nonsense\n", line("20131312950", "MAL DÍGITO")]
    file.write_text("".join([HEADER, *lines]), encoding="latin-1")
    os.utime(file, (MONDAY.timestamp(), MONDAY.timestamp()))

    code, said = await run_import(database.owner_url, str(file))

    assert code == 0, said
    assert "2 taxpayers loaded in" in said
    assert "1 lines left out: too few or too many columns." in said
    assert "1 lines left out: no RUC, or one with a wrong check digit." in said
    assert "1 lines left out: their RUC comes again further down." in said
    assert await look_up(SUNAT) == (MONDAY.date(), Taxpayer(SUNAT, "SUNAT", "ACTIVO", "HABIDO"))


async def test_the_command_says_why_not(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "other.txt"
    file.write_text("id;name\n")

    assert await run_import(database.owner_url, str(file)) == (
        1,
        "other.txt\nError: The first line is not that of the padrón reducido: RUC|NOMBRE O RAZÓN SOCIAL|ESTADO …\n"
        "The register was not changed.\n",
    )


async def test_the_command_run_with_the_login_of_the_application_says_what_to_set(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "padron.txt"
    file.write_text("".join([HEADER, *TWO]), encoding="latin-1")

    code, said = await run_import(database.web_url, str(file))

    assert code == 1
    assert "Only the owner of the tables may load: set MESA_OWNER_DATABASE_URL." in said


VALIDATE = """query($ruc: String!) { validateRuc(ruc: $ruc) {
    isWellFormed problem isRegisterLoaded registerDate name state condition } }"""


@pytest_asyncio.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    async with in_process(counter, make_feed(database)) as api:
        yield await api.signed_in(counter)


async def validated(api: Api, ruc: str) -> dict[str, Any]:
    return (await api.data(VALIDATE, ruc=ruc))["validateRuc"]


NOTHING = {"name": None, "state": None, "condition": None}
UNLOADED = {"isRegisterLoaded": False, "registerDate": None, **NOTHING}
LOADED = {"isRegisterLoaded": True, "registerDate": "2026-03-02"}


async def test_without_a_register_only_the_form_of_a_ruc_is_judged(api: Api) -> None:
    assert await validated(api, "20-13131295-5") == {"isWellFormed": True, "problem": None, **UNLOADED}
    for wrong in ("20131312954", "", "2013131295", "hola" * 1000):
        assert await validated(api, wrong) == {
            "isWellFormed": False,
            "problem": "El RUC no es válido: revise sus 11 dígitos.",
            **UNLOADED,
        }


async def test_with_a_register_a_ruc_is_told_with_name_and_state(api: Api, database: Database) -> None:
    await load(database, TWO)

    found = {"name": "SUNAT", "state": "ACTIVO", "condition": "HABIDO"}
    assert await validated(api, SUNAT) == {"isWellFormed": True, "problem": None, **LOADED, **found}
    closed = {"name": "CERRADA S.A. \\N", "state": "BAJA DE OFICIO", "condition": "NO HABIDO"}
    told = await validated(api, CLOSED)
    assert "no está activo: «BAJA DE OFICIO»" in told.pop("problem")
    assert told == {"isWellFormed": True, **LOADED, **closed}
    told = await validated(api, UNKNOWN)
    assert "no figura en el padrón de SUNAT del 02/03/2026" in told.pop("problem")
    assert told == {"isWellFormed": True, **LOADED, **NOTHING}
    told = await validated(api, "20131312954")
    assert told.pop("problem") == "El RUC no es válido: revise sus 11 dígitos."
    assert told == {"isWellFormed": False, **LOADED, **NOTHING}


async def test_names_are_told_only_to_people_who_are_signed_in(api: Api, database: Database) -> None:
    await load(database, TWO)

    answer = await Api(api.http).answer(VALIDATE, ruc=SUNAT)

    assert (answer["data"], answer["errors"][0]["extensions"]["code"]) == (None, "NOT_SIGNED_IN")


@pytest.mark.parametrize("ruc", [UNKNOWN, CLOSED])
async def test_a_doubtful_ruc_is_filed_all_the_same(api: Api, counter: Counter, database: Database, ruc: str) -> None:
    await load(database, TWO)
    main = await counter.upload(api.viewer, data=PDF)

    answer = await api.mutate(
        "fileTramite",
        "tramite { organization { ruc name } }",
        **filing(main.id, organizationRuc=ruc, organizationName="Como se escribió"),
    )

    assert answer == {
        "__typename": "FileTramiteSuccess",
        "tramite": {"organization": {"ruc": ruc, "name": "Como se escribió"}},
    }
