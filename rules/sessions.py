"""Sessions: what a request shows of one, and what is kept of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from rules.access import Role

COOKIE: Final = "__Host-mesa"
DEVICE_COOKIE: Final = "__Host-mesa-device"
DEVICE_COOKIE_LIFE: Final = timedelta(days=365)


class SessionKind(StrEnum):
    """Who holds the token: a program, which sends it itself, or a browser, in a cookie that no script can read."""

    BEARER = "BEARER"
    COOKIE = "COOKIE"


@dataclass(frozen=True, slots=True)
class SessionLife:
    """How long a session lasts at most, and without a request."""

    longest: timedelta
    idle: timedelta


_PROGRAM = SessionLife(timedelta(hours=12), timedelta(hours=12))
_CITIZEN = SessionLife(timedelta(hours=12), timedelta(minutes=30))
_STAFF = SessionLife(timedelta(hours=8), timedelta(minutes=15))


def life_of(kind: SessionKind, role: Role) -> SessionLife:
    """Return how long a session lasts: a browser's ends by itself when nobody uses it, staff's sooner."""
    if kind is SessionKind.BEARER:
        return _PROGRAM
    return _CITIZEN if role is Role.APPLICANT else _STAFF


NOTED_EVERY: Final = timedelta(minutes=1)
"""That a session is in use is written down at most so often."""

_DEVICES: Mapping[str, str] = {
    "Edg/": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS: Mapping[str, str] = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}
_PROGRAM_NAME = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,30}", re.ASCII)


def device_name(user_agent: str | None) -> str:
    """Return a coarse name of a device, for its owner to recognise, such as «Firefox en Windows»; no more is kept."""
    agent = (user_agent or "")[:400]
    browser = next((name for mark, name in _DEVICES.items() if mark in agent), None)
    system = next((name for mark, name in _SYSTEMS.items() if mark in agent), None)
    if browser:
        return f"{browser} en {system}" if system else browser
    program = _PROGRAM_NAME.match(agent)
    return program[0] if program else "desconocido"


def bearer_token(authorization: str | None) -> str | None:
    """Return the token of an `Authorization` header (RFC 6750, 2.1), None if it is none of the kind `Bearer`."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def token_hash(token: str) -> bytes:
    """Return what is kept of a token: its SHA-256. A token has full entropy, so a fast hash is right."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def cookie_of(
    headers: Mapping[str, str], cookies: Mapping[str, str], *, public_url: str, is_socket: bool = False
) -> str | None:
    """
    Return the token in the session's cookie, if the request shows that a page of ours sent it; else None.

    A browser adds cookies to whatever any page sends, so the cookie alone proves nothing (CSRF). A request must have
    the header `X-Mesa-Client`, which no other page can add without being asked first, and neither say that it comes
    from elsewhere (`Sec-Fetch-Site`, also from another port of the same host) nor have another origin. A socket's
    handshake has no such header: it must have our origin.
    """
    token = cookies.get(COOKIE)
    if not token:
        return None
    ours, origin = origin_of(public_url), headers.get("origin")
    if is_socket:
        return token if origin == ours else None
    is_from_us = headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none") and origin in (None, ours)
    return token if is_from_us and "x-mesa-client" in headers else None


def origin_of(url: str) -> str:
    """Return the origin of a URL (RFC 6454): its scheme, host and port."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"
