"""The floor: a WebSocket server by hand, which knows one message, and writes it to everybody when it is notified."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import sys
from typing import Any, ClassVar

import asyncpg
import orjson
import uvloop

CHANNEL = "floor"
AT = "2026-01-01T00:00:00.123456+00:00"
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(body: bytes) -> bytes:
    """Return an unmasked text frame."""
    length = bytes([len(body)]) if len(body) < 126 else bytes([126]) + len(body).to_bytes(2, "big")
    return b"\x81" + length + body


ACKNOWLEDGED = frame(b'{"type":"connection_ack"}')


class Connection(asyncio.Protocol):
    """One socket; what it asks for is not looked at."""

    __slots__ = ("_stage", "_transport")
    everybody: ClassVar[set[Any]] = set()

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        self._transport, self._stage = transport, 0

    def data_received(self, data: bytes) -> None:
        """Go from the handshake to the introduction, and then to the one subscription."""
        if self._stage == 0:
            key = data.split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
            accept = base64.b64encode(hashlib.sha1(key + MAGIC).digest())
            self._transport.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
            )
        elif self._stage == 1:
            self._transport.write(ACKNOWLEDGED)
        elif self._stage == 2:
            self.everybody.add(self._transport)
        self._stage += 1

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self.everybody.discard(self._transport)


def _send(_connection: object, _pid: int, _channel: str, payload: object) -> None:
    change = {"sequence": str(payload), "number": "MPD-2026-000001-M", "toStatus": "PENDING", "at": AT}
    event = {"cursor": "RjEAAAAAAAAAAA", "change": change}
    body = frame(orjson.dumps({"id": "1", "type": "next", "payload": {"data": {"statusChanges": event}}}))
    for transport in Connection.everybody:
        transport.write(body)


async def serve(url: str, port: int) -> None:
    """Serve for ever."""
    listener = await asyncpg.connect(url)
    await listener.add_listener(CHANNEL, _send)
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port, backlog=4096)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(sys.argv[1], int(sys.argv[2])))
