"""What every request passes first: security headers on its answer, and patience with its body that ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_PAUSE_SECONDS = 30.0

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


class SecurityHeaders:
    """Adds the security headers to every answer that does not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class PatientBody:
    """Treats a client whose body pauses for half a minute as gone."""

    def __init__(self, app: ASGIApp, *, pause_seconds: float = BODY_PAUSE_SECONDS) -> None:
        self._app = app
        self._pause_seconds = pause_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_arriving = scope["type"] == "http"

        async def receive_soon() -> Message:
            nonlocal is_arriving
            if not is_arriving:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), self._pause_seconds)
            except TimeoutError:
                return {"type": "http.disconnect"}
            is_arriving = message.get("more_body", False)
            return message

        await self._app(scope, receive_soon, send)
