"""The benchmark of those who follow: its clients understand what the API says, and tell what they were not told."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING, Any

from benchmarks import subscriptions
from benchmarks.subscriptions_load import ORDERS, Client, Crowd, connect
from benchmarks.subscriptions_trouble import LARGE
from rules.access import Role
from tests.api import PATIENCE, make_feed, served
from tests.following import write_changes

if TYPE_CHECKING:
    from tests.counter import Counter
    from tests.servers.postgres import Database

EVENTS = 5


async def test_what_comes_is_counted_and_who_was_cut_off_goes_on(counter: Counter, database: Database) -> None:
    tramite = await counter.file(await counter.register())
    async with served(counter, make_feed(database)) as api, asyncio.timeout(PATIENCE * 2):
        token = str((await api.signed_in(counter, role=Role.SUPERVISOR)).token)
        port, crowd = api.http.base_url.port or 0, Crowd(LARGE)
        clients = [Client(crowd, port, token) for _ in range(3)]
        await connect(clients, port, narrow=clients[0])
        assert clients[0].transport.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) < 20_000

        await write_changes(database.web_url, [tramite], count=EVENTS, seed=1)
        assert (await told(crowd, clients, EVENTS * 3))["deliveries"] == EVENTS * 3
        clients[1].transport.abort()
        await write_changes(database.web_url, [tramite], count=EVENTS, seed=2)
        await told(crowd, clients, EVENTS * 2)
        await ORDERS["again"](crowd, clients, {"port": port})
        await told(crowd, clients, EVENTS)

    seen = (await ORDERS["seen"](crowd, clients, {}))["seen"]
    assert seen[0] == seen[1] == seen[2] == sorted(set(seen[0]))
    assert len(seen[0]) == EVENTS * 2
    assert crowd.closed >= 1


async def told(crowd: Crowd, clients: list[Client], deliveries: int) -> dict[str, Any]:
    return await ORDERS["wait"](crowd, clients, {"deliveries": deliveries, "until": time.perf_counter() + PATIENCE})


def test_it_says_what_it_can_be_told() -> None:
    arguments = subscriptions.command_line().parse_args(["--json", "--scale", "0.01", "--parts", "rate", "killed"])
    assert (arguments.json, arguments.parts) == (True, ["rate", "killed"])
