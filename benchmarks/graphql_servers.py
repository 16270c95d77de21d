"""The servers that show the same page, each started as its documentation says, on the same database."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import orjson

from benchmarks.graphql_load import Target
from benchmarks.graphql_page import DOCUMENT, VARIABLES, normalised
from tests.journeys.parts import ROOT
from tests.journeys.stack import free_ports

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Mapping

START_SECONDS = 60.0
END_SECONDS = 10.0
GLANCE_SECONDS = 0.1
AD_HOC = orjson.dumps({"query": DOCUMENT, "variables": VARIABLES, "operationName": "MyTramites"})


@dataclass(frozen=True)
class Different(Exception):
    """A server shows something else than the others: then it is not compared."""

    name: str
    shown: Any
    expected: Any


@asynccontextmanager
async def program(*words: str, environ: Mapping[str, str]) -> AsyncGenerator[Target]:
    """Run a program that serves at the port that is put in the place of `{port}`, for as long as the block lasts."""
    (port,) = free_ports(1)
    command = [word.format(port=port) for word in words]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env={**os.environ, **environ})
    try:
        url = f"http://127.0.0.1:{port}/graphql"
        await _until_served(url)
        yield Target(words[-1], url, process.pid, AD_HOC)
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), END_SECONDS)


def python(module: str, *words: str, environ: Mapping[str, str]) -> Any:
    """Run a module as `program`."""
    return program(sys.executable, "-m", module, "{port}", *words, environ=environ)


async def _until_served(url: str) -> None:
    async with httpx.AsyncClient() as http, asyncio.timeout(START_SECONDS):
        while True:
            try:
                await http.get(url)
            except httpx.TransportError:
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
                if (shown := await _shown(http, target, token)) != expected:
                    raise Different(target.name, shown, expected)


async def _shown(http: httpx.AsyncClient, target: Target, token: str) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    answer = await http.post(target.url, content=target.body, headers=headers)
    answer.raise_for_status()
    if "errors" in answer.json():
        raise Different(target.name, answer.json(), "no errors")
    return normalised(answer.json())
