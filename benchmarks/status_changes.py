"""How soon a clerk's step in one web process reaches a subscriber of another, beside a bare LISTEN of the same run."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from typing import TYPE_CHECKING

import httpx
import websockets

from benchmarks.figures import Figure, parser, run
from benchmarks.ground import prepared
from benchmarks.subscriptions_ground import bare_listen
from models.people import User
from rules.access import Role

if TYPE_CHECKING:
    import argparse

    from benchmarks.ground import Ground

TARGET_MS = 100.0
WAIT_SECONDS = 30.0
OBSERVE = """mutation($input: ObserveTramiteInput!) { observeTramite(input: $input) {
    __typename ... on Refusal { code message } } }"""


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Observe as many trámites as asked for, one after the other."""
    async with prepared() as ground:
        since_sent, since_answered = await _through_the_counter(ground, arguments.times)
        bare = await bare_listen(ground, arguments.times)
    worst = max(since_sent)
    return [
        Figure("status change, sent to seen, median", statistics.median(since_sent), "ms"),
        Figure("status change, sent to seen, worst", worst, "ms", f"< {TARGET_MS:g}", worst < TARGET_MS),
        Figure("status change, answered to seen, median", statistics.median(since_answered), "ms"),
        Figure("status change, answered to seen, worst", max(since_answered), "ms"),
        Figure("bare LISTEN, median", statistics.median(bare), "ms"),
        Figure("bare LISTEN, worst", max(bare), "ms"),
    ]


async def _through_the_counter(ground: Ground, times: int) -> tuple[list[float], list[float]]:
    counter = ground.counter
    maria = await counter.register()
    clerk = await counter.register(role=Role.CLERK, office="SEDE-CENTRAL")
    tramites = [await counter.file(maria) for _ in range(times + 1)]
    here, there = await ground.start_web(), await ground.start_web()
    number = (await User.get(id=clerk.user_id)).identity_number
    since_sent, since_answered = list[float](), list[float]()
    token = await ground.token(here, number)
    async with (
        httpx.AsyncClient(timeout=WAIT_SECONDS, headers={"authorization": f"Bearer {token}"}) as http,
        websockets.connect(f"ws://127.0.0.1:{there.port}/graphql", subprotocols=[_PROTOCOL]) as socket,
    ):
        await _subscribe(socket, await ground.token(there, number))
        for tramite in tramites:
            seen = asyncio.create_task(_seen(socket))
            sent = time.perf_counter()
            given = {"id": str(tramite.id), "text": "Falta la firma."}
            answer = await http.post(f"{here.url}/graphql", json={"query": OBSERVE, "variables": {"input": given}})
            answered = time.perf_counter()
            assert answer.json()["data"]["observeTramite"]["__typename"] == "ObserveTramiteSuccess", answer.text
            at = await seen
            since_sent.append((at - sent) * 1000)
            since_answered.append(max(0.0, at - answered) * 1000)
    return since_sent[1:], since_answered[1:]  # the first warms up


_PROTOCOL = websockets.Subprotocol("graphql-transport-ws")


async def _subscribe(socket: websockets.ClientConnection, token: str) -> None:
    await socket.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}))
    assert json.loads(await socket.recv())["type"] == "connection_ack"
    query = "subscription { statusChanges { cursor change { number toStatus } } }"
    await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": query}}))
    assert json.loads(await socket.recv())["payload"]["data"]["statusChanges"]["change"] is None, "all that was is told"


async def _seen(socket: websockets.ClientConnection) -> float:
    async with asyncio.timeout(WAIT_SECONDS):
        message = json.loads(await socket.recv())
    at = time.perf_counter()
    assert message["payload"]["data"]["statusChanges"]["change"] is not None, message
    return at


if __name__ == "__main__":
    command_line = parser(__doc__ or "")
    command_line.add_argument("--times", type=int, default=40, help="status changes to measure")
    run(command_line.parse_args(), measure)
