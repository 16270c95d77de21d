"""How much load servers of the same page bear: rounds of wrk in turn, and what each request costs the processors."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SCRIPT = Path(__file__).with_name("graphql.lua")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Target:
    """A server with what it is asked, and its process; of its children is told by that."""

    name: str
    url: str
    pid: int
    body: bytes


@dataclass(frozen=True)
class Sample:
    """What one round of one target came to; times in ms, CPU in ms for each request."""

    rps: float
    p50: float
    p99: float
    cpu: float
    postgres_cpu: float


@dataclass
class Measured:
    """All rounds of a target."""

    name: str
    samples: list[Sample] = field(default_factory=list[Sample])

    def median(self, of: Callable[[Sample], float]) -> float:
        """Return the median of the rounds."""
        return statistics.median(map(of, self.samples))

    def ratio(self, of: Callable[[Sample], float], other: Measured) -> float:
        """Return the median of how many times *other*'s it was in the same round."""
        pairs = zip(self.samples, other.samples, strict=True)
        return statistics.median(of(mine) / of(theirs) for mine, theirs in pairs)


class LoadGenerator:
    """wrk, with the tokens of those who ask; files are put in *folder*."""

    def __init__(self, folder: Path, tokens: Sequence[str], *, postgres: int) -> None:
        self._folder = folder
        self._tokens = folder / "tokens"
        self._tokens.write_text("\n".join(tokens) + "\n")
        self._postgres = postgres
        self._round = 0

    async def measure(
        self, targets: Sequence[Target], *, connections: int, seconds: int, rounds: int
    ) -> dict[str, Measured]:
        """Let all targets take their turn in each of the rounds, after one that does not count."""
        measured = {target.name: Measured(target.name) for target in targets}
        for target in targets:
            await self._sample(target, connections, max(1, seconds // 2))
        for _ in range(rounds):
            for target in targets:
                measured[target.name].samples.append(await self._sample(target, connections, seconds))
        return measured

    async def _sample(self, target: Target, connections: int, seconds: int) -> Sample:
        body = self._folder / "body"
        body.write_bytes(target.body)
        before, postgres_before = cpu_seconds(target.pid), cpu_seconds(self._postgres)
        said = await self._wrk(target.url, str(body), connections, seconds)
        spent, postgres = cpu_seconds(target.pid) - before, cpu_seconds(self._postgres) - postgres_before
        if said["errors"]:
            raise SystemExit(f"{target.name}: {said['errors']:g} of {said['requests']:g} requests failed.")
        served = max(1, said["requests"])
        return Sample(
            rps=said["requests"] / said["microseconds"] * 1e6,
            p50=said["p50"] / 1e3,
            p99=said["p99"] / 1e3,
            cpu=spent * 1e3 / served,
            postgres_cpu=postgres * 1e3 / served,
        )

    async def _wrk(self, url: str, body: str, connections: int, seconds: int) -> dict[str, float]:
        self._round += 1
        program = shutil.which("wrk")
        if program is None:
            raise SystemExit("wrk is not on this machine; Debian's package has that name.")
        options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(SCRIPT)]
        words = [program, *options, url, "--", str(self._tokens), body, str(self._round)]
        process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
        output, _ = await process.communicate()
        if process.returncode:
            raise SystemExit(f"wrk ended with {process.returncode}: {output.decode()}")
        said: dict[str, float] = json.loads(output.decode().splitlines()[-1])
        return said


def cpu_seconds(pid: int) -> float:
    """Return how long a process and its children ran so far, those that have ended too (proc(5), `stat`)."""
    parents, spent = dict[int, int](), dict[int, int]()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            values = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        each = int(path.parent.name)
        parents[each], spent[each] = int(values[1]), sum(map(int, values[11:15]))
    return sum(ticks for each, ticks in spent.items() if _is_of(each, pid, parents)) / TICKS


def _is_of(each: int, pid: int, parents: dict[int, int]) -> bool:
    while each not in (pid, 0):
        each = parents.get(each, 0)
    return each == pid
