"""What requests to pages pass first: security headers on the answer, and patience with the body that ends."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from resolvers.engine.patience import BODY_PAUSE_SECONDS, receive_soon

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
SECURITY_HEADERS = {
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=()",
    "content-security-policy": API_POLICY,
    "cache-control": "no-store",
}
ENCODED = tuple((name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items())
FOR_DATA = (
    "strict-transport-security",
    "x-content-type-options",
    "cross-origin-resource-policy",
    "content-security-policy",
    "cache-control",
)
"""What protects an answer that no browser shows as a page; the others say what a page may do."""
API_HEADERS = tuple(header for header in ENCODED if header[0].decode() in FOR_DATA)
FILES = "/w/"
"""Where the pages' scripts, styles and font are, which are no pages."""
OWN_WORDS = frozenset(name for name, _ in ENCODED)


class SecurityHeaders:
    """
    Adds the security headers to every answer that does not set its own.

    What has not changed keeps those that it came with (RFC 9111, 3.2), so they need not come again.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        said = API_HEADERS if scope["path"].startswith(FILES) else ENCODED

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] != HTTPStatus.NOT_MODIFIED:
                message["headers"] = with_security(message.get("headers", ()), said)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def with_security(
    headers: list[tuple[bytes, bytes]], said: tuple[tuple[bytes, bytes], ...] = ENCODED
) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer and those of what is *said* that it lacks."""
    present = OWN_WORDS.intersection([name.lower() for name, _ in headers])
    if not present:
        return [*headers, *said]
    return [*headers, *(header for header in said if header[0] not in present)]


class PatientBody:
    """Treats a client whose body pauses for half a minute as gone."""

    def __init__(self, app: ASGIApp, *, pause_seconds: float = BODY_PAUSE_SECONDS) -> None:
        self._app = app
        self._pause_seconds = pause_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_arriving = scope["type"] == "http"

        async def receive_patiently() -> Message:
            nonlocal is_arriving
            if not is_arriving:
                return await receive()
            message = await receive_soon(receive, self._pause_seconds)
            is_arriving = message.get("more_body", False)
            return message

        await self._app(scope, receive_patiently, send)
