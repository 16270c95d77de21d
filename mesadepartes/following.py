"""A reader of the feed, as any program could be: each change once, across lost connections and restarts."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import websockets
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from rules.operations import BudgetExhausted, OperationTimedOut, TooManyOperations

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

CHANGES = """
subscription Watch($after: Cursor, $fromStart: Boolean!, $filter: StatusChangesFilter) {
    statusChanges(after: $after, fromStart: $fromStart, filter: $filter) {
        cursor
        change {
            sequence at act fromStatus toStatus statusLabel actorRole number
            tramite { channel documentKind sentAt filedOn office { code name } }
        }
    }
}
"""

NOT_GOOD = frozenset({"SERVICE_TOKEN_NOT_GOOD", "NOT_SIGNED_IN", "SESSION_ENDED"})
OUTAGES = frozenset({"INTERNAL_ERROR", "BUSY", BudgetExhausted.code, TooManyOperations.code, OperationTimedOut.code})
"""Codes of errors that pass by themselves."""

WHO_ARE_YOU = frozenset({4401, 4403})
OUR_FAULT = frozenset({4004, 4400, 4406, 4409})
"""Codes with which a socket is closed for what we are or sent, so that coming again would end alike."""

PASSING = frozenset({408, 425, 429})
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
LARGEST_MESSAGE = 1 << 20
ANSWER_SECONDS = 15.0
DISCREET = logging.getLogger("mesadepartes.following.frames")
DISCREET.setLevel(logging.INFO)
"""Where the library logs: at its lowest level it would note what it sends, the token too."""

SOONEST_SECONDS, LATEST_SECONDS = 0.5, 30.0


class Refused(Exception):
    """The counter says no, and would say so again."""


class TokenNotGood(Refused):
    """The token is none, is revoked, or has expired."""


class Lost(Exception):
    """The connection was lost, or the counter is away: trying again is right."""


class Memory(Protocol):
    """Where the last cursor is kept."""

    def recall(self) -> str | None:
        """Return the last cursor; None if there was none."""
        ...

    def remember(self, cursor: str) -> None:
        """Keep a cursor in the place of the last one, or fail and leave that as it was."""
        ...


@dataclass(frozen=True)
class Wish:
    """Which counter is followed, with which token, which changes are wanted, and from where if none was had before."""

    url: str
    token: str
    filter: dict[str, str]
    is_from_start: bool = False
    is_once: bool = False


def socket_url(url: str) -> str:
    """
    Return where a counter's sockets are, from its address.

    Raises:
        ValueError: it is no address of a counter, or the token would cross a network in clear.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("The address must be the counter's, such as https://mesadepartes.example.pe")
    if parts.scheme == "http" and parts.hostname not in LOCAL:
        raise ValueError("The token would cross the network in clear: the address must begin with https://")
    return f"{parts.scheme.replace('http', 'ws')}://{parts.netloc}{parts.path.rstrip('/').removesuffix('/graphql')}/graphql"


async def follow(
    wish: Wish, memory: Memory, write: Callable[[dict[str, Any]], None], say: Callable[[str], None]
) -> None:
    """
    Write each change, then remember its cursor; without end, or with `is_once` until all of now are written.

    A lost connection is made again after a while, longer each time, that has chance in it: so that not everybody comes
    at once when the counter is back.

    Raises:
        Refused: trying again would end alike.
        Lost: with `is_once`, the counter is away.
    """
    wait = SOONEST_SECONDS
    while True:
        reader = _Reader(wish, memory, write)
        try:
            return await reader.read()
        except Lost as lost:
            if wish.is_once and wait >= LATEST_SECONDS:
                raise
            wait = SOONEST_SECONDS if reader.has_heard else wait
            pause = random.uniform(wait / 2, wait)  # noqa: S311 - only so that not all come at once
            say(f"{lost} Trying again in {pause:.1f} s.")
            await asyncio.sleep(pause)
            wait = min(wait * 2, LATEST_SECONDS)


class _Reader:
    """One connection, from the last cursor to its loss."""

    def __init__(self, wish: Wish, memory: Memory, write: Callable[[dict[str, Any]], None]) -> None:
        self._wish, self._memory, self._write = wish, memory, write
        self.has_heard = False

    async def read(self) -> None:
        """Read until the connection is lost, or all of now is written and that is enough."""
        async with _connected(self._wish.url) as connection:
            await self._subscribe(connection)
            while True:
                match json.loads(await connection.recv()):
                    case {"type": "next", "payload": {"data": {"statusChanges": event}}}:
                        if self._take(event):
                            return
                    case {"type": "next" | "error", "payload": payload}:
                        raise _refusal(payload)
                    case {"type": "ping"}:
                        await connection.send('{"type":"pong"}')
                    case {"type": "complete"}:
                        raise Lost("The counter ended the subscription.")
                    case _:
                        pass

    async def _subscribe(self, connection: websockets.ClientConnection) -> None:
        greeting = {"type": "connection_init", "payload": {"authorization": f"Bearer {self._wish.token}"}}
        await connection.send(json.dumps(greeting))
        async with asyncio.timeout(ANSWER_SECONDS):
            while json.loads(await connection.recv()).get("type") != "connection_ack":
                pass
        variables = {"after": self._memory.recall(), "fromStart": self._wish.is_from_start, "filter": self._wish.filter}
        payload = {"query": CHANGES, "variables": variables}
        await connection.send(json.dumps({"type": "subscribe", "id": "1", "payload": payload}))

    def _take(self, event: dict[str, Any]) -> bool:
        """Write a change, if it is one, and then remember where it is; say whether it is time to end."""
        self.has_heard = True
        change = event["change"]
        if change is not None:
            self._write({"cursor": event["cursor"], **change})
        self._memory.remember(event["cursor"])
        return self._wish.is_once and change is None


class _Connect(websockets.connect):
    """Connects to the address that was given and no other: the token is for nobody whom an answer may name."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Follow nowhere."""
        return exc


@asynccontextmanager
async def _connected(url: str) -> AsyncGenerator[websockets.ClientConnection]:
    try:
        async with _Connect(
            url,
            subprotocols=[websockets.Subprotocol("graphql-transport-ws")],
            max_size=LARGEST_MESSAGE,
            open_timeout=ANSWER_SECONDS,
            logger=DISCREET,
        ) as connection:
            yield connection
    except InvalidStatus as error:
        status = error.response.status_code
        if 300 <= status < 500 and status not in PASSING:
            raise Refused(f"There is no counter at this address: it answers {status}.") from None
        raise Lost(f"The counter answers {status}.") from None
    except ConnectionClosed as error:
        raise _closed(error) from None
    except ValueError:
        raise Lost("What answers is no counter, or something in between.") from None
    except (OSError, TimeoutError, InvalidHandshake) as error:
        raise Lost(f"The counter is not reached ({type(error).__name__}).") from None


def _closed(error: ConnectionClosed) -> Exception:
    code, reason = (error.rcvd.code, error.rcvd.reason) if error.rcvd else (1006, "")
    if code in WHO_ARE_YOU:
        return TokenNotGood("The token is not good: unknown, revoked or expired.")
    if code in OUR_FAULT:
        return Refused(f"The counter closed the connection: {code} {reason}".rstrip())
    return Lost(f"The connection was lost ({code} {reason}".rstrip() + ").")


def _refusal(payload: Any) -> Exception:
    """Return what errors of the subscription mean, in the words of the counter."""
    errors = payload if isinstance(payload, list) else payload.get("errors") or [{}]
    code, message = errors[0].get("extensions", {}).get("code", ""), errors[0].get("message", "")
    if code in NOT_GOOD:
        return TokenNotGood(message)
    return Lost(f"The counter is in trouble ({code}).") if code in OUTAGES else Refused(f"{message} ({code})")
