"""Access tokens of mail servers that take no passwords (OAuth 2.0, RFC 6749): asked for, kept, renewed in time."""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

EARLY_SECONDS: Final = 300.0
"""So long before it expires a token is renewed, and a connection that was opened with it is opened anew."""

ANSWER_SECONDS: Final = 10.0
PATIENCE_SECONDS: Final = 30.0
"""For an answer as a whole, however slowly it trickles."""

LONGEST_ANSWER: Final = 64 * 1024
USUAL_SECONDS: Final = 3600.0
SHORTEST_SECONDS: Final = 1.0
LONGEST_SECONDS: Final = 24 * USUAL_SECONDS


class Grant(StrEnum):
    """What is shown to the token endpoint: the application alone (Microsoft 365), or a person's consent (Google)."""

    CLIENT_CREDENTIALS = "client_credentials"
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a grant (RFC 6749, 6)


class TokensUnavailable(Exception):
    """The token endpoint cannot be reached, or says nothing that helps; trying again later is right."""


class GrantRefused(Exception):
    """The token endpoint does not take the client or its grant: somebody must renew the secret or the consent."""


@dataclass(frozen=True)
class Client:
    """An application at a token endpoint."""

    url: str
    grant: Grant
    client_id: str
    client_secret: str | None = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    scope: str | None = None


@dataclass(frozen=True)
class Token:
    """An access token, and until when it is good, by the monotonic clock in seconds."""

    text: str = field(repr=False)
    good_until: float

    def is_good_at(self, instant: float) -> bool:
        """Say whether it will last for a while yet."""
        return instant < self.good_until


class Tokens:
    """The tokens of one client; one is asked for at a time."""

    def __init__(
        self, client: Client, *, tls: ssl.SSLContext | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._tls = tls
        self._clock = clock
        self._token: Token | None = None
        self._refresh_token = client.refresh_token
        self._asking = asyncio.Lock()

    async def token(self) -> Token:
        """
        Return a token that is good for some minutes.

        Raises:
            TokensUnavailable, GrantRefused: what they say.
        """
        async with self._asking:
            if self._token is None or not self._token.is_good_at(self._clock()):
                self._token = self._read(await self._ask())
            return self._token

    def forget(self) -> None:
        """Ask for another token the next time: the mail server did not take this one."""
        self._token = None

    def is_good(self, token: Token) -> bool:
        """Say whether a connection that was opened with *token* may go on."""
        return token.is_good_at(self._clock())

    async def _ask(self) -> dict[str, Any]:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await asyncio.to_thread(_post, self._client.url, self._form(), self._tls)
        except TimeoutError as error:
            raise TokensUnavailable("too slow") from error

    def _form(self) -> dict[str, str]:
        form = {
            "grant_type": self._client.grant.value,
            "client_id": self._client.client_id,
            "client_secret": self._client.client_secret,
            "refresh_token": self._refresh_token if self._client.grant is Grant.REFRESH_TOKEN else None,
            "scope": self._client.scope,
        }
        return {name: value for name, value in form.items() if value is not None}

    def _read(self, answer: dict[str, Any]) -> Token:
        text, lasts = answer.get("access_token"), _seconds(answer.get("expires_in"))
        if not isinstance(text, str) or not text.isascii() or not text.isprintable():
            raise TokensUnavailable("no token in the answer")
        if isinstance(answer.get("refresh_token"), str) and self._client.grant is Grant.REFRESH_TOKEN:
            self._refresh_token = answer["refresh_token"]
        return Token(text, self._clock() + max(lasts - EARLY_SECONDS, lasts / 2, SHORTEST_SECONDS))


def _seconds(value: object) -> float:
    """Return the life of a token; some servers write the number as a string."""
    try:
        seconds = float(str(value))
    except ValueError:
        return USUAL_SECONDS
    return min(max(seconds, 0.0), LONGEST_SECONDS) if isfinite(seconds) else USUAL_SECONDS


def _post(url: str, form: dict[str, str], tls: ssl.SSLContext | None) -> dict[str, Any]:
    """Send a form and return the answer's fields. No redirection is followed: it would take the secret elsewhere."""
    parts = urlsplit(url)
    assert parts.scheme == "https", "secrets are shown over TLS only"
    context = tls or ssl.create_default_context()
    connection = http.client.HTTPSConnection(
        parts.hostname or "", parts.port or 443, timeout=ANSWER_SECONDS, context=context
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target or "/", urlencode(form), headers)
        response = connection.getresponse()
        return _judged(response.status, response.read(LONGEST_ANSWER))
    except (OSError, http.client.HTTPException) as error:
        raise TokensUnavailable(type(error).__name__) from error
    finally:
        connection.close()


def _judged(status: int, body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise TokensUnavailable(f"status {status}")
    if status == http.client.OK:
        return answer
    if status in (400, 401, 403) and answer.get("error") in _REFUSALS:
        raise GrantRefused(str(answer["error"]))
    raise TokensUnavailable(f"status {status}")


_REFUSALS: Final = frozenset(
    {"invalid_client", "invalid_grant", "unauthorized_client", "invalid_scope", "invalid_request", "access_denied"}
)
"""RFC 6749, 5.2: errors that do not pass by themselves."""
