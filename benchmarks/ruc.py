"""How long loading SUNAT's register takes beside COPY of its rows, how much memory, and how soon a RUC is found."""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg
from tortoise.connection import get_connections

from actions.taxpayers import load_taxpayers
from benchmarks.figures import Figure, parser, run
from benchmarks.ground import prepared
from mesadepartes.clock import now
from mesadepartes.taxpayer_files import BLOCK_BYTES, published_file
from mesadepartes.taxpayer_samples import write_samples
from reading.taxpayers import LOOK_UP, look_up
from rules.taxpayer_lines import RegisterReader
from tests.journeys.parts import part

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncGenerator, Awaitable, Callable

TARGET_RATIO = 1.5
TARGET_MB = 200.0
TARGET_MS = 1.0
COLUMNS = (
    "ruc varchar(11) NOT NULL, name varchar(200) NOT NULL, state varchar(200) NOT NULL, condition varchar(200) NOT NULL"
)


@dataclass(frozen=True)
class Files:
    """The register as published, and the same rows as COPY takes them."""

    published: Path
    rows: Path


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Make a file, load it in turns with COPY alone, then look RUCs up."""
    with tempfile.TemporaryDirectory(prefix="mesa-ruc-") as folder:
        files = Files(Path(folder) / "padron.txt", Path(folder) / "rows.txt")
        write_samples(files.published, arguments.rows, seed=arguments.seed, told=lambda _: None)
        rucs = _render(files, arguments.times)
        async with prepared() as ground:
            owner = await asyncpg.connect(ground.owner_url)
            loads = await _loads(owner, files, arguments.repeats)
            command, peak = await _command(ground.owner_url, files.published)
            found = await _look_ups(owner, rucs)
            await owner.close()
    size = Figure("rows", arguments.rows, "rows")
    return [
        size,
        *_compared(loads),
        Figure("whole command, start of Python included", command, "s"),
        _memory(peak),
        *found,
    ]


def _render(files: Files, times: int) -> list[str]:
    """Write the rows as COPY takes them; return some of their RUCs."""
    reader = RegisterReader()
    rucs = list[str]()
    with files.published.open("rb") as published, files.rows.open("wb") as rows:
        while block := published.read(BLOCK_BYTES):
            made = reader.read(block)
            rows.write(made)
            rucs.append(made[:11].decode())
    return random.Random(1).choices(rucs, k=times)


async def _loads(owner: asyncpg.Connection, files: Files, repeats: int) -> dict[str, float]:
    """Return the best time of each way, which take turns so that a busy moment hits all of them alike."""
    ways: dict[str, Callable[[], Awaitable[None]]] = {
        "import": lambda: _import(owner, files.published),
        "COPY, primary key in place": lambda: _copy(owner, files.rows, key_first=True),
        "COPY, then primary key": lambda: _copy(owner, files.rows, key_first=False),
        "COPY without any key": lambda: _copy(owner, files.rows, key_first=None),
    }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(repeats):
        for name, way in ways.items():
            began = time.perf_counter()
            await way()
            best[name] = min(best[name], time.perf_counter() - began)
    return best


async def _import(owner: asyncpg.Connection, path: Path) -> None:
    with published_file(path) as file:
        blocks = file.blocks(lambda _: None)
        await load_taxpayers(owner, blocks, published_on=file.published_on, loaded_at=now())


async def _copy(owner: asyncpg.Connection, path: Path, *, key_first: bool | None) -> None:
    await owner.execute("DROP TABLE IF EXISTS bare")
    async with owner.transaction():
        await owner.execute(f"CREATE TABLE bare ({COLUMNS}{', PRIMARY KEY (ruc)' if key_first else ''})")
        await owner.copy_to_table("bare", source=_blocks(path), format="text", delimiter="|", encoding="latin1")
        if key_first is False:
            await owner.execute("ALTER TABLE bare ADD PRIMARY KEY (ruc)")


async def _blocks(path: Path) -> AsyncGenerator[bytes]:
    with path.open("rb") as rows:
        while block := rows.read(BLOCK_BYTES):
            yield block


def _compared(loads: dict[str, float]) -> list[Figure]:
    ratio = loads["import"] / loads["COPY, primary key in place"]
    figures = [Figure(name, seconds, "s") for name, seconds in loads.items()]
    figures += [
        Figure("import ÷ COPY into such a table", ratio, "", f"<= {TARGET_RATIO:g}", ratio <= TARGET_RATIO),
        Figure("import ÷ (COPY, then primary key)", loads["import"] / loads["COPY, then primary key"], ""),
    ]
    return figures


async def _command(owner_url: str, path: Path) -> tuple[float, float]:
    """Run the command; return its seconds, and the peak of its memory in MB (`VmHWM` of proc(5))."""
    began, peak = time.perf_counter(), 0.0
    environ = {"MESA_DATABASE_URL": owner_url}
    async with part("ruc", "import", str(path), environ=environ) as process:
        ending = asyncio.ensure_future(process.wait())
        while not ending.done():
            peak = max(peak, _peak_mb(process.pid))
            await asyncio.wait({ending}, timeout=0.01)
    assert ending.result() == 0
    return time.perf_counter() - began, peak


def _peak_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def _memory(peak: float) -> Figure:
    return Figure("peak memory of the command", peak, "MB", f"< {TARGET_MB:g}", peak < TARGET_MB)


async def _look_ups(owner: asyncpg.Connection, rucs: list[str]) -> list[Figure]:
    at_server = statistics.median([await _at_server(owner, ruc) for ruc in rucs])
    whole = [await _ms(lambda ruc=ruc: look_up(ruc)) for ruc in rucs]
    nothing = [await _ms(_nothing) for _ in rucs]
    return [
        Figure(
            "look-up at the server, planned and run, median", at_server, "ms", f"< {TARGET_MS:g}", at_server < TARGET_MS
        ),
        Figure("look-up from the application, median", statistics.median(whole), "ms"),
        Figure("SELECT 1 from the application, median", statistics.median(nothing), "ms"),
    ]


async def _nothing() -> None:
    await get_connections().get("default").execute_query_dict("SELECT 1")


async def _at_server(owner: asyncpg.Connection, ruc: str) -> float:
    statement = f"EXPLAIN (ANALYZE, FORMAT JSON) {LOOK_UP.replace('$1', repr(ruc))}"
    (said,) = json.loads(str(await owner.fetchval(statement)))
    return said["Planning Time"] + said["Execution Time"]


async def _ms(ask: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await ask()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    command_line = parser(__doc__ or "")
    command_line.add_argument("--rows", type=int, default=200_000, help="taxpayers; SUNAT publishes about 15,000,000")
    command_line.add_argument("--repeats", type=int, default=3, help="how often each way loads; the best counts")
    command_line.add_argument("--times", type=int, default=500, help="look-ups")
    command_line.add_argument("--seed", type=int, default=1)
    run(command_line.parse_args(), measure)
