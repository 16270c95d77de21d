"""Hands one mail to the outgoing server, and says what came of it in three words."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import aiosmtplib
from aiosmtplib import errors

from rules.bounces import leading_status

if TYPE_CHECKING:
    from delivery.messages import Mail

CONNECT_SECONDS = 10.0
TOTAL_SECONDS = 55.0
OUR_OWN_FAULTS = frozenset({530, 534, 535, 538})
"""Replies about our signing in (RFC 4954): somebody must mend the settings, the mail is not at fault."""


class Protection(StrEnum):
    """How the connection is protected."""

    OFF = "off"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True)
class Relay:
    """The outgoing server. `hello` is how we name ourselves to it."""

    host: str
    port: int
    hello: str
    protection: Protection = Protection.STARTTLS
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    command_seconds: float = 30.0


class Verdict(StrEnum):
    """What came of handing a mail over."""

    ACCEPTED = "ACCEPTED"
    TEMPORARY = "TEMPORARY"
    PERMANENT = "PERMANENT"


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    A verdict and its reason: step, reply code and enhanced code, or the kind of failure; never the server's own words.

    `status` is the enhanced code (RFC 3463) alone, if the server gave one.
    """

    verdict: Verdict
    reason: str
    status: str | None = None


async def send(relay: Relay, mail: Mail) -> Outcome:
    """
    Hand *mail* over, in at most 55 seconds.

    A connection that is lost after the data were sent may mean that the server has the mail: that is temporary too,
    and sending again with the same Message-ID is right.
    """
    try:
        async with asyncio.timeout(TOTAL_SECONDS):
            return await _hand_over(relay, mail)
    except errors.SMTPRecipientsRefused as error:
        return _refused(error.recipients[0], "RCPT")
    except errors.SMTPConnectResponseError as error:
        return Outcome(Verdict.TEMPORARY, f"CONNECT {error.code}")
    except errors.SMTPResponseException as error:
        return _refused(error, _STEPS.get(type(error), ""))
    except (errors.SMTPException, OSError, ssl.SSLError) as error:
        return Outcome(Verdict.TEMPORARY, type(error).__name__)


_STEPS: dict[type[errors.SMTPResponseException], str] = {
    errors.SMTPSenderRefused: "MAIL",
    errors.SMTPDataError: "DATA",
}


def _refused(error: errors.SMTPResponseException, step: str) -> Outcome:
    """A server that refuses to talk to us at all does not refuse the mail."""
    code, status = error.code, leading_status(error.message)
    is_permanent = 500 <= code < 600 and step != "" and code not in OUR_OWN_FAULTS
    reason = " ".join(filter(None, (step or "SESSION", str(code), status)))
    return Outcome(Verdict.PERMANENT if is_permanent else Verdict.TEMPORARY, reason, status)


async def _hand_over(relay: Relay, mail: Mail) -> Outcome:
    client = aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        username=relay.user,
        password=relay.password,
        local_hostname=relay.hello,
        use_tls=relay.protection is Protection.IMPLICIT,
        start_tls=relay.protection is Protection.STARTTLS,
        timeout=relay.command_seconds,
    )
    try:
        await client.connect(timeout=CONNECT_SECONDS)
        await client.sendmail(mail.sender, [mail.recipient], mail.content)
    finally:
        # No QUIT: the answer to the data is what counts, and a server that stalls now must not undo it.
        client.close()
    return Outcome(Verdict.ACCEPTED, "")
