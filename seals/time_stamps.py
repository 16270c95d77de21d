"""Asks a time stamping authority (RFC 3161) over HTTP, and believes no answer that is not one to what was asked."""

from __future__ import annotations

import asyncio
import base64
import http.client
import logging
import os
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from seals.time_stamp_checks import WrongToken, check_time_stamp

logger = logging.getLogger(__name__)

ANSWER_SECONDS: Final = 10.0
PATIENCE_SECONDS: Final = 30.0
"""For an answer as a whole, however slowly it trickles."""

LONGEST_ANSWER: Final = 128 * 1024
GRANTED: Final = ("granted", "granted_with_mods")
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"


class NotStamped(Exception):
    """There is no time stamp for now, and why."""


@dataclass(frozen=True)
class Authority:
    """A time stamping authority, as `actions.tools.TimeStamps`."""

    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    patience_seconds: float = PATIENCE_SECONDS

    async def stamp(self, digest: bytes) -> bytes | None:
        """Return the token over this SHA-256, checked; None, which is logged, when there is none for now."""
        try:
            async with asyncio.timeout(self.patience_seconds):
                return await asyncio.to_thread(self._stamp, digest)
        except (NotStamped, TimeoutError) as reason:
            told = str(reason) or "it is too slow"
            logger.warning("No time stamp for now: %s", told, extra={"action": "not_stamped"})
            return None

    def _stamp(self, digest: bytes) -> bytes:
        nonce = int.from_bytes(b"\x01" + os.urandom(8))
        token = _token_of(self._post(_query(digest, nonce)))
        try:
            stamp = check_time_stamp(token, digest)
        except WrongToken as wrong:
            raise NotStamped(f"the answer is not right: {wrong}") from None
        if stamp.nonce != nonce:
            raise NotStamped("the answer is one to another question: its nonce is not ours")
        return token

    def _post(self, query: bytes) -> bytes:
        """Send a query and return the answer. No redirection is followed."""
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=ANSWER_SECONDS)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", target, query, self._headers())
            response = connection.getresponse()
            body = response.read(LONGEST_ANSWER)
        except (OSError, http.client.HTTPException) as error:
            raise NotStamped(f"it cannot be reached: {type(error).__name__}") from None
        finally:
            connection.close()
        if response.status != http.client.OK or response.headers.get_content_type() != REPLY:
            raise NotStamped(f"status {response.status}, {response.headers.get_content_type()}")
        return body

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": QUERY, "Accept": REPLY}
        if self.user is not None:
            shown = base64.b64encode(f"{self.user}:{self.password}".encode()).decode("ascii")
            headers["Authorization"] = f"Basic {shown}"
        return headers


def _query(digest: bytes, nonce: int) -> bytes:
    from asn1crypto import tsp

    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest}
    asked = {"version": "v1", "message_imprint": imprint, "nonce": nonce, "cert_req": True}
    return tsp.TimeStampReq(asked).dump()


def _token_of(answer: bytes) -> bytes:
    from asn1crypto import parser, tsp

    try:
        parsed: tuple[Any, ...] = parser.parse(answer, strict=True)  # pyright: ignore[reportAssignmentType] - it lies
        content: bytes = parsed[4]
        told = tsp.PKIStatusInfo.load(content)
        status, token = str(told["status"].native), content[len(told.dump()) :]
    except (ValueError, TypeError, KeyError) as error:
        raise NotStamped(f"the answer cannot be read: {type(error).__name__}") from None
    if status not in GRANTED:
        raise NotStamped(f"it refuses: {status}")
    return token
