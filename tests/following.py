"""Programs that follow the feed and keep their cursor, and others that write to the register as fast as they can."""

from __future__ import annotations

import asyncio
import json
import random
from itertools import cycle
from typing import TYPE_CHECKING, Any

import asyncpg
import websockets

from actions.register import ENTRIES, Record
from mesadepartes.clock import now
from rules.access import Role
from rules.lifecycle import TramiteStatus
from rules.register import Act

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from models.tramites import Tramite

FOLLOW = """subscription($after: Cursor, $fromStart: Boolean!, $filter: StatusChangesFilter) {
    statusChanges(after: $after, fromStart: $fromStart, filter: $filter) { cursor change { sequence number } } }"""
PROTOCOL = websockets.Subprotocol("graphql-transport-ws")
CUT = (OSError, websockets.WebSocketException, EOFError)


class Program:
    """Follows the feed from its start; when its server is gone, it goes on from its last cursor at the next."""

    def __init__(self, ports: Sequence[int], token: str, *, filter_by: dict[str, Any] | None = None) -> None:
        self._ports, self._token, self._filter = cycle(ports), token, filter_by
        self.cursor: str | None = None
        self.seen: list[tuple[int, str]] = []
        self.connections = 0

    async def run(self) -> None:
        """Follow until cancelled."""
        for port in self._ports:
            try:
                await self._follow(port)
            except CUT:
                await asyncio.sleep(0.05)  # the server's absence is what is waited for

    async def _follow(self, port: int) -> None:
        url = f"ws://127.0.0.1:{port}/graphql"
        async with websockets.connect(url, subprotocols=[PROTOCOL], open_timeout=5, ping_interval=None) as socket:
            credentials = {"authorization": f"Bearer {self._token}"}
            await socket.send(json.dumps({"type": "connection_init", "payload": credentials}))
            await socket.recv()
            variables = {"after": self.cursor, "fromStart": True, "filter": self._filter}
            asked = {"query": FOLLOW, "variables": variables}
            await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": asked}))
            self.connections += 1
            async for message in socket:
                self._take(json.loads(message))

    def _take(self, message: dict[str, Any]) -> None:
        event = message["payload"]["data"]["statusChanges"]
        if event["change"] is not None:
            self.seen.append((int(event["change"]["sequence"]), event["change"]["number"]))
        self.cursor = event["cursor"]


async def write_changes(url: str, tramites: Sequence[Tramite], *, count: int, seed: int, pause: float = 0.0) -> None:
    """Record changes of status as somebody does who has a connection of their own; now and then one is taken back."""
    chance, connection = random.Random(seed), await asyncpg.connect(url)
    try:
        for _ in range(count):
            async with connection.transaction() as _:
                await append(connection, chance.choice(tramites).id)
            if chance.random() < 0.1:
                await _take_back(connection, chance.choice(tramites).id)
            await connection.execute("SELECT pg_notify($1, '')", ENTRIES)
            if pause:
                await asyncio.sleep(chance.random() * pause)  # as writers come in, not to wait for anything
    finally:
        await connection.close()


async def append(connection: asyncpg.Connection, tramite_id: UUID) -> None:
    """Record one change of status."""
    record = Record(
        Act.RECEIVED,
        now(),
        Role.CLERK,
        tramite_id=tramite_id,
        from_status=TramiteStatus.PENDING,
        to_status=TramiteStatus.PENDING,
    )
    await connection.execute("SELECT register_append($1, $2, $3)", record.canonical(), None, None)


async def _take_back(connection: asyncpg.Connection, tramite_id: UUID) -> None:
    transaction = connection.transaction()
    await transaction.start()
    await append(connection, tramite_id)
    await transaction.rollback()
