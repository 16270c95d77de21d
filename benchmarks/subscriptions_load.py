"""Many who follow, in a process of their own: raw WebSockets that note when each event came, and what it was."""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import re
import socket
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import uvloop

AT_ONCE = 50
OPERATIONS = 10
NARROW_BYTES = 4_096
"""What the system of a client holds for it that takes nothing."""
GOODBYE_SECONDS = 30.0
CURSOR = re.compile(rb'"cursor":"([^"]+)"')
SEQUENCE = re.compile(rb'"sequence":"([0-9]+)"')
MASK = b"\1\2\3\4"


def frame(text: str) -> bytes:
    """Return a masked text frame (RFC 6455, 5.2)."""
    body = text.encode()
    length = bytes([0x80 | len(body)]) if len(body) < 126 else bytes([0x80 | 126]) + len(body).to_bytes(2, "big")
    return b"\x81" + length + MASK + bytes(byte ^ MASK[place & 3] for place, byte in enumerate(body))


@dataclass
class Crowd:
    """All who follow, and what they were shown."""

    document: str
    is_floor: bool = False
    fill: int = 1
    closed: int = 0
    came: Counter[bytes] = field(default_factory=Counter[bytes])
    last_at: dict[bytes, float] = field(default_factory=dict[bytes, float])

    def note(self, sequence: bytes) -> None:
        """Note that one of them was shown an event."""
        self.came[sequence] += 1
        self.last_at[sequence] = time.perf_counter()


class Client(asyncio.Protocol):
    """One of them, that goes on from its last cursor where it is cut off."""

    __slots__ = (
        "_buffer",
        "_crowd",
        "_port",
        "_stage",
        "_token",
        "cursor",
        "is_gone",
        "is_ready",
        "is_stalled",
        "seen",
        "told",
        "transport",
    )

    def __init__(self, crowd: Crowd, port: int, token: str) -> None:
        self._crowd, self._port, self._token = crowd, port, token
        self.cursor: str | None = None
        self.seen: list[int] = []
        self.is_gone = False
        """Whether it was cut off."""
        self.is_stalled = False
        self.is_ready = False
        """Whether it was shown all that there was."""
        self._stage = 0
        self._buffer = b""

    def connection_made(self, transport: Any) -> None:
        """Ask for a socket."""
        self.transport = transport
        self._stage, self._buffer = 0, b""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /graphql HTTP/1.1",
            f"Host: 127.0.0.1:{self._port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: graphql-transport-ws",
        ]
        transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        """Take frames; only what is in them is looked at."""
        if self._stage == 0:
            data = self._introduce(data)
        self._buffer += data
        while (message := self._next_message()) is not None:
            self._take(message)

    def _introduce(self, data: bytes) -> bytes:
        assert b" 101 " in data[:20], data[:200]
        self._stage = 1
        payload = {"authorization": f"Bearer {self._token}"}
        self.transport.write(frame(json.dumps({"type": "connection_init", "payload": payload})))
        return data.partition(b"\r\n\r\n")[2]

    def _subscribe(self) -> None:
        self._stage = 2
        payload = {"query": self._crowd.document, "variables": {"after": self.cursor}}
        for _ in range(OPERATIONS if self.is_stalled else 1):
            self.transport.write(frame(json.dumps({"type": "subscribe", "id": str(uuid4()), "payload": payload})))
        if self.is_stalled:
            self.transport.pause_reading()
        if self._crowd.is_floor:
            self.is_ready = True

    def _next_message(self) -> bytes | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        start, length = 2, buffer[1]
        if length == 126:
            start, length = 4, int.from_bytes(buffer[2:4], "big")
        elif length == 127:
            start, length = 10, int.from_bytes(buffer[2:10], "big")
        if len(buffer) < start + length:
            return None
        kind = buffer[0] & 0x0F
        self._buffer = buffer[start + length :]
        if kind == 9:
            self.transport.write(b"\x8a\x80" + MASK if not length else _pong(buffer[start : start + length]))
        return buffer[start : start + length] if kind == 1 else b""

    def _take(self, message: bytes) -> None:
        if not message:
            return
        assert b'"type":"error"' not in message, message
        if self._stage == 1 and b"connection_ack" in message:
            self._subscribe()
        elif (found := SEQUENCE.search(message)) is not None:
            self.seen.append(int(found[1]))
            self._crowd.note(found[1])
        elif b'"change":null' in message:
            self.is_ready = True
        if (cursor := CURSOR.search(message)) is not None:
            self.cursor = cursor[1].decode()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note it."""
        self._crowd.closed += 1
        self.is_gone = True


def _pong(payload: bytes) -> bytes:
    masked = bytes(byte ^ MASK[place & 3] for place, byte in enumerate(payload))
    return bytes([0x8A, 0x80 | len(payload)]) + MASK + masked


async def connect(clients: list[Client], port: int, *, narrow: Client | None = None) -> None:
    """Connect all, some at a time, each until it was shown all that there was; one through a *narrow* socket."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(client: Client) -> None:
        async with places:
            client.is_ready = False
            while not await _is_connected(client, port, is_narrow=client is narrow):
                await asyncio.sleep(0.05)
            while not client.is_ready:
                assert not client.is_gone
                await asyncio.sleep(0.005)

    await asyncio.gather(*map(one, clients))


async def _is_connected(client: Client, port: int, *, is_narrow: bool) -> bool:
    loop, taken = asyncio.get_running_loop(), socket.socket()
    taken.setblocking(False)
    if is_narrow:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW_BYTES)
    try:
        await loop.sock_connect(taken, ("127.0.0.1", port))
    except OSError:
        taken.close()
        return False
    client.is_gone = False
    await loop.create_connection(lambda: client, sock=taken)
    return True


async def serve(arguments: argparse.Namespace) -> None:
    """Do what is said line by line on standard input, and answer each with a line of JSON."""
    told: dict[str, Any] = json.loads(await _line())
    crowd = Crowd(told["document"], is_floor=told.get("is_floor", False))
    port, tokens = told["port"], told["tokens"]
    clients = [Client(crowd, port, tokens[place % len(tokens)]) for place in range(told["count"])]
    await connect(clients, port, narrow=clients[0] if told.get("has_narrow") else None)
    _say()
    while line := await _line():
        order = json.loads(line)
        _say(**await ORDERS[order["do"]](crowd, clients, order))


async def _wait(crowd: Crowd, clients: list[Client], order: dict[str, Any]) -> dict[str, Any]:
    """Wait until there were so many deliveries; say when the last of each event was."""
    while sum(crowd.came.values()) < order["deliveries"] and time.perf_counter() < order["until"]:
        await asyncio.sleep(0.005)
    last_at = {sequence.decode(): at for sequence, at in crowd.last_at.items()}
    said = {"deliveries": sum(crowd.came.values()), "last_at": last_at, "closed": crowd.closed}
    crowd.came.clear()
    crowd.last_at.clear()
    return said


async def _hang(crowd: Crowd, clients: list[Client], order: dict[str, Any]) -> dict[str, Any]:
    """Let the first come back, ask for all from a cursor on by as many operations as may be, and take none of it."""
    clients[0].cursor, clients[0].is_stalled = order["after"], True
    await _is_connected(clients[0], order["port"], is_narrow=True)
    while clients[0].transport.is_reading():
        await asyncio.sleep(0.005)
    return {}


async def _go_on(crowd: Crowd, clients: list[Client], order: dict[str, Any]) -> dict[str, Any]:
    """Let the one that took nothing read what is left, up to the goodbye."""
    clients[0].transport.resume_reading()
    until = time.perf_counter() + GOODBYE_SECONDS
    while not clients[0].is_gone and time.perf_counter() < until:
        await asyncio.sleep(0.05)
    return {"is_gone": clients[0].is_gone}


async def _leave(crowd: Crowd, clients: list[Client], order: dict[str, Any]) -> dict[str, Any]:
    """Let all leave; each knows where it left off."""
    for client in clients:
        client.transport.abort()
        client.is_stalled = False
    while not all(client.is_gone for client in clients):
        await asyncio.sleep(0.005)
    return {}


async def _again(crowd: Crowd, clients: list[Client], order: dict[str, Any]) -> dict[str, Any]:
    """Connect those that were cut off at a server that is there; say how long it took until all were shown all."""
    start = time.perf_counter()
    narrow = clients[0] if order.get("has_narrow") else None
    await connect([client for client in clients if client.is_gone], order["port"], narrow=narrow)
    return {"closed": crowd.closed, "seconds": time.perf_counter() - start}


async def _seen(crowd: Crowd, clients: list[Client], order: dict[str, Any]) -> dict[str, Any]:
    return {"seen": [client.seen for client in clients]}


ORDERS = {"wait": _wait, "hang": _hang, "go on": _go_on, "leave": _leave, "again": _again, "seen": _seen}


async def _line() -> str:
    return await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


def _say(**values: Any) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(argparse.Namespace()))
