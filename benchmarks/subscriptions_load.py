"""Many who follow, in a process of their own: raw WebSockets that note when each event came, and what it was."""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import uvloop

AT_ONCE = 50
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
    ready: int = 0
    closed: int = 0
    came: Counter[bytes] = field(default_factory=Counter[bytes])
    last_at: dict[bytes, float] = field(default_factory=dict[bytes, float])

    def note(self, sequence: bytes) -> None:
        """Note that one of them was shown an event."""
        self.came[sequence] += 1
        self.last_at[sequence] = time.perf_counter()


class Client(asyncio.Protocol):
    """One of them, that goes on from its last cursor where it is cut off."""

    __slots__ = ("_buffer", "_crowd", "_port", "_stage", "_token", "cursor", "is_stalled", "seen", "transport")

    def __init__(self, crowd: Crowd, port: int, token: str) -> None:
        self._crowd, self._port, self._token = crowd, port, token
        self.cursor: str | None = None
        self.seen: list[int] = []
        self.is_stalled = False
        self._stage = 0
        self._buffer = b""

    @property
    def is_gone(self) -> bool:
        """Whether it was cut off."""
        return self._stage == 0

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
        if self._stage < 2:
            self._greet(data)
            return
        self._buffer += data
        while (message := self._next_message()) is not None:
            self._take(message)

    def _greet(self, data: bytes) -> None:
        if self._stage == 0:
            assert b" 101 " in data[:20], data[:200]
            self._stage = 1
            payload = {"authorization": f"Bearer {self._token}"}
            self.transport.write(frame(json.dumps({"type": "connection_init", "payload": payload})))
            data = data.partition(b"\r\n\r\n")[2]
        if b"connection_ack" in data:
            self._stage = 2
            payload = {"query": self._crowd.document, "variables": {"after": self.cursor}}
            self.transport.write(frame(json.dumps({"type": "subscribe", "id": "1", "payload": payload})))
            if self._crowd.is_floor:
                self._crowd.ready += 1

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
        if (found := SEQUENCE.search(message)) is not None:
            self.seen.append(int(found[1]))
            self._crowd.note(found[1])
        elif b'"change":null' in message and self.cursor is None:
            self._crowd.ready += 1
        if (cursor := CURSOR.search(message)) is not None:
            self.cursor = cursor[1].decode()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note it."""
        self._crowd.closed += 1
        self._stage = 0


def _pong(payload: bytes) -> bytes:
    masked = bytes(byte ^ MASK[place & 3] for place, byte in enumerate(payload))
    return bytes([0x8A, 0x80 | len(payload)]) + MASK + masked


async def connect(clients: list[Client], port: int) -> None:
    """Connect all, some at a time, each until it succeeds."""
    loop, places = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)

    async def one(client: Client) -> None:
        async with places:
            for _ in range(200):
                try:
                    await loop.create_connection(lambda: client, "127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    return

    await asyncio.gather(*map(one, clients))


async def serve(arguments: argparse.Namespace) -> None:
    """Do what is said line by line on standard input, and answer each with a line of JSON."""
    told: dict[str, Any] = json.loads(await _line())
    crowd = Crowd(told["document"], is_floor=told.get("is_floor", False))
    port, tokens = told["port"], told["tokens"]
    clients = [Client(crowd, port, tokens[place % len(tokens)]) for place in range(told["count"])]
    await connect(clients, port)
    while crowd.ready < len(clients):
        await asyncio.sleep(0.02)
    _say(ready=crowd.ready)
    while line := await _line():
        order = json.loads(line)
        match order["do"]:
            case "wait":  # until so many were shown each of so many events
                while sum(crowd.came.values()) < order["deliveries"] and time.perf_counter() < order["until"]:
                    await asyncio.sleep(0.005)
                _say(deliveries=sum(crowd.came.values()), last_at={k.decode(): v for k, v in crowd.last_at.items()})
                crowd.came.clear()
                crowd.last_at.clear()
            case "stall":
                clients[0].transport.pause_reading()
                _say()
            case "again":  # at a server that came back
                await connect([client for client in clients if client.is_gone], order.get("port", port))
                _say(closed=crowd.closed)
            case "seen":
                _say(seen=[client.seen for client in clients])
            case _:
                return


async def _line() -> str:
    return await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


def _say(**values: Any) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(argparse.Namespace()))
