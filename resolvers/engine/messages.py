"""The messages of graphql-transport-ws (https://github.com/graphql/graphql-over-http, PROTOCOL.md of graphql-ws)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import orjson

from resolvers.engine.requests import Refused, asked_in
from resolvers.engine.strict_json import BadJson, read_object

if TYPE_CHECKING:
    from resolvers.engine.execution import Asked

PROTOCOL = "graphql-transport-ws"
MESSAGE_BYTES = 64 * 1024
ID_LENGTH = 128
ACKNOWLEDGED = '{"type":"connection_ack"}'
PONG = '{"type":"pong"}'
TOO_SLOW = "Too slow: connect again, and go on from the last cursor"


class Close(IntEnum):
    """Why a socket is closed: codes of the protocol, and two of RFC 6455 and its registry."""

    TOO_BIG = 1009
    TRY_AGAIN_LATER = 1013
    INVALID_MESSAGE = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    NO_SUCH_PROTOCOL = 4406
    INIT_TIMEOUT = 4408
    ID_IN_USE = 4409
    TOO_MANY = 4429


class Ending(Exception):
    """The socket must be closed."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


@dataclass(frozen=True, slots=True)
class Init:
    """`connection_init`."""

    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subscribe:
    """`subscribe`."""

    id: str
    asked: Asked


@dataclass(frozen=True, slots=True)
class Complete:
    """`complete`."""

    id: str


@dataclass(frozen=True, slots=True)
class Ping:
    """`ping`."""


@dataclass(frozen=True, slots=True)
class Pong:
    """`pong`."""


Message = Init | Subscribe | Complete | Ping | Pong


def read_message(event: dict[str, Any]) -> Message:
    """
    Return the message in what an ASGI server received.

    Raises:
        Ending: it is none, or too big.
    """
    text = event.get("text")
    if text is None:
        raise Ending(Close.INVALID_MESSAGE, "Messages must be text")
    if len(text) > MESSAGE_BYTES or len(text.encode("utf-8", "surrogatepass")) > MESSAGE_BYTES:
        raise Ending(Close.TOO_BIG, "Message too big")
    try:
        found = _parse(read_object(text))
    except BadJson:
        found = None
    if found is None:
        raise Ending(Close.INVALID_MESSAGE, "Invalid message")
    return found


def _parse(message: dict[str, Any]) -> Message | None:
    match message:
        case {"type": "subscribe", "id": str(id_), "payload": dict(payload)} if 0 < len(id_) <= ID_LENGTH:
            asked = _asked(payload)  # pyright: ignore[reportUnknownArgumentType]
            return Subscribe(id_, asked) if asked else None
        case {"type": "complete", "id": str(id_)}:
            return Complete(id_)
        case {"type": "connection_init" | "ping" | "pong" as kind}:
            payload = message.get("payload")
            if not isinstance(payload, dict | None):
                return None
            return Init(payload or {}) if kind == "connection_init" else Ping() if kind == "ping" else Pong()
        case _:
            return None


def _asked(payload: dict[str, Any]) -> Asked | None:
    try:
        return asked_in(payload)
    except Refused:
        return None


NEXT = b'{"type":"next","payload":'


def next_end(id_: str) -> bytes:
    """Return the end of a `next` message, which begins with NEXT and its payload: only this differs from one to one."""
    return b',"id":%b}' % orjson.dumps(id_)


def error_message(id_: str, errors: list[dict[str, Any]]) -> str:
    """Return an `error` message: the last of its operation."""
    return orjson.dumps({"id": id_, "type": "error", "payload": errors}).decode()


def refusal_message(id_: str, answer: bytes) -> str:
    """Return an `error` message with the errors of an answer that has nothing else."""
    return error_message(id_, orjson.loads(answer)["errors"])


def complete_message(id_: str) -> str:
    """Return a `complete` message."""
    return f'{{"id":{_quoted(id_)},"type":"complete"}}'


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()
