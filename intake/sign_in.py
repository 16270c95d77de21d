"""Signing in to a mail server: LOGIN, and SASL's PLAIN and XOAUTH2 with or without an initial response (RFC 4959)."""

from __future__ import annotations

import base64
import re
from enum import StrEnum
from typing import TYPE_CHECKING

from aioimaplib.aioimaplib import Command, quoted

if TYPE_CHECKING:
    from collections.abc import Collection

    from aioimaplib.aioimaplib import Response

    from intake.imap import Account
    from intake.protocol import StreamingProtocol
    from intake.tokens import Token

_PASSING = re.compile(rb"\[(?:UNAVAILABLE|INUSE|LIMIT|THROTTLED)\]", re.IGNORECASE)
_ADVICE = re.compile(rb"too many|temporar|try again|throttl", re.IGNORECASE)


class Mechanism(StrEnum):
    """How a password is shown. `AUTO` takes PLAIN where the server offers it, and LOGIN elsewhere."""

    AUTO = "auto"
    LOGIN = "login"
    PLAIN = "plain"


class SignInRefused(Exception):
    """The server does not take the user or the password."""


class TokenRefused(SignInRefused):
    """The server does not take the access token."""


class ServerBusy(Exception):
    """The server takes nobody now; user and password may be right (RFC 5530)."""


class Authenticate(Command):
    """
    A command AUTHENTICATE that answers the server's challenges.

    The first challenge is answered with the credentials unless they were sent along. Another one is the reason of a
    refusal, which is answered by an empty line so that the server says NO; one more is answered by giving up.
    """

    def __init__(self, tag: str, mechanism: str, credentials: bytes, *, sends_along: bool) -> None:
        text = base64.b64encode(credentials).decode("ascii")
        super().__init__("AUTHENTICATE", tag, *((mechanism, text) if sends_along else (mechanism,)))
        self._replies = ["", "*"] if sends_along else [text, "", "*"]

    def reply(self) -> str | None:
        """Return the line that answers the next challenge; None when there have been too many."""
        return self._replies.pop(0) if self._replies else None


async def sign_in(
    protocol: StreamingProtocol, account: Account, capabilities: Collection[str], *, token: Token | None
) -> None:
    """
    Sign in by what the server offers (*capabilities*), with *token* if the account has tokens.

    Raises:
        SignInRefused, TokenRefused: the server does not take us.
        ServerBusy: it takes nobody now.
    """
    if account.tokens is not None and token is not None:
        response = await _authenticate(protocol, "XOAUTH2", xoauth2(account.user, token.text), capabilities)
        if response.result != "OK":
            account.tokens.forget()
    elif _uses_plain(account, capabilities):
        secret = f"\0{account.user}\0{account.password}".encode()
        response = await _authenticate(protocol, "PLAIN", secret, capabilities)
    elif "LOGINDISABLED" in capabilities:
        raise SignInRefused
    else:
        response = await protocol.login(quoted(account.user), account.password)
    _judge(response, refused=SignInRefused if account.tokens is None else TokenRefused)


def xoauth2(user: str, token: str) -> bytes:
    """Return what XOAUTH2 shows."""
    return f"user={user}\1auth=Bearer {token}\1\1".encode()


def _uses_plain(account: Account, capabilities: Collection[str]) -> bool:
    match account.mechanism:
        case Mechanism.PLAIN:
            return True
        case Mechanism.LOGIN:
            return False
        case Mechanism.AUTO:
            return "AUTH=PLAIN" in capabilities


async def _authenticate(
    protocol: StreamingProtocol, mechanism: str, credentials: bytes, capabilities: Collection[str]
) -> Response:
    sends_along = "SASL-IR" in capabilities
    command = Authenticate(protocol.new_tag(), mechanism, credentials, sends_along=sends_along)
    response = await protocol.execute(command)
    if response.result == "OK":
        protocol.is_signed_in()
    return response


def _judge(response: Response | None, *, refused: type[SignInRefused]) -> None:
    if response is not None and response.result == "OK":
        return
    words = response.lines[-1] if response is not None and response.lines else b""
    if _PASSING.search(words) or _ADVICE.search(words):
        raise ServerBusy
    raise refused
