"""Two hundred filings at once, while the web part is killed three times: none lost, none doubled, no gap."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest

from tests.api import filing
from tests.journeys.stack import APPLICANT, CLERK, FILE, PDF, Desk, Stack, serial_of, stack_in, until

if TYPE_CHECKING:
    from pathlib import Path

CLIENTS_EACH = 100
KILLS = 3
OPEN = """mutation($input: OpenUploadInput!) { openUpload(input: $input) {
    ... on OpenUploadSuccess { upload { id url } } } }"""
pytestmark = pytest.mark.timeout(300)


async def test_two_hundred_at_once_survive_three_kills(tmp_path: Path) -> None:
    """On a counter of its own: nobody may upload so much besides."""
    async with stack_in(tmp_path) as stack:
        await stack.serve()
        async with stack.signed_in(APPLICANT) as rosa, stack.signed_in(CLERK) as julio:
            desks = [rosa, julio]
            forms = [(desk, await _ready_form(desk)) for desk in desks for _ in range(CLIENTS_EACH)]
            answered: dict[str, list[str]] = {}

            serving = asyncio.Event()
            serving.set()
            clients = [asyncio.create_task(_insist(desk, form, answered, serving)) for desk, form in forms]
            for kill in range(1, KILLS + 1):
                await until(lambda kill=kill: len(answered) >= kill * len(forms) // (KILLS + 2))
                await _kill_web(stack, serving)
            await asyncio.gather(*clients)
            again = [await _send(desk, form) for desk, form in forms[::20]]
            recorded = await julio.tramites()
        await stack.stop()

    numbers = {form["clientKey"]: answered[form["subject"]] for _, form in forms}
    assert all(len(set(each)) == 1 for each in numbers.values())
    assert again == [numbers[form["clientKey"]][0] for _, form in forms[::20]]
    assert sorted(each["subject"] for each in recorded) == sorted(form["subject"] for _, form in forms)
    assert sorted(map(serial_of, recorded)) == list(range(1, len(forms) + 1))


async def _ready_form(desk: Desk) -> dict[str, Any]:
    """Return a filing whose one file has arrived."""
    data = PDF + uuid4().bytes
    given = {"clientKey": str(uuid4()), "name": "solicitud.pdf", "sizeBytes": len(data)}
    answer = await desk.http.post("/graphql", json={"query": OPEN, "variables": {"input": given}})
    upload = answer.json()["data"]["openUpload"]["upload"]
    put = await desk.http.put(upload["url"], content=data, headers={"x-mesa-client": "tests"})
    assert put.status_code < 300, put.text
    return filing(upload["id"], subject=f"Solicitud {uuid4()}")


async def _insist(desk: Desk, form: dict[str, Any], answered: dict[str, list[str]], serving: asyncio.Event) -> None:
    """Send the same until it is answered, as a program does that lost the answer."""
    while form["subject"] not in answered:
        try:
            number = await _send(desk, form)
        except (httpx.TransportError, httpx.HTTPStatusError):
            # To knock at a closed door, two hundred of them ten times a second, would take what the start needs.
            await asyncio.sleep(0.1)
            await serving.wait()
        else:
            answered.setdefault(form["subject"], []).append(number)


async def _send(desk: Desk, form: dict[str, Any]) -> str:
    response = await desk.http.post("/graphql", json={"query": FILE, "variables": {"input": form}})
    response.raise_for_status()
    filed = response.json()["data"]["fileTramite"]
    assert filed["__typename"] == "FileTramiteSuccess", filed
    number: str = filed["tramite"]["number"]
    return number


async def _kill_web(stack: Stack, serving: asyncio.Event) -> None:
    """Kill the web part with signal 9 and wait until another one is in its place."""
    killed = stack.pids_of("web")
    assert killed
    serving.clear()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    await until(lambda: bool(set(stack.pids_of("web")) - set(killed)))
    await stack.ready()
    serving.set()
