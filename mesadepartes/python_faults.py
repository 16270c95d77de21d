"""Faults of the Python that runs us that matter to mail, found by trying: distributors mend any version."""

from __future__ import annotations

import logging
from email.errors import HeaderParseError
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

logger = logging.getLogger(__name__)

INJECTION: Final = "CVE-2024-6923"
PROBE: Final = "=?utf-8?q?x=0D=0AX-Probe:_yes?="
"""A header value whose words hold a line end: written again by a faulty Python, it becomes two headers."""


def injects_headers() -> bool:
    """
    Say whether this Python's email package writes the line ends that come out of encoded words (CVE-2024-6923).

    Mended in 3.11.10, 3.12.5 and 3.13. Our own mails are written by other means, and are safe with either.
    """
    mail = EmailMessage(policy=SMTP.clone(max_line_length=20))
    mail["Subject"] = PROBE
    try:
        written = mail.as_bytes()
    except HeaderParseError:
        return False
    return any(line.startswith(b"X-Probe") for line in written.splitlines())


def find_faults(*, is_injecting: bool | None = None) -> tuple[str, ...]:
    """Return a sentence for each fault, for those who run the counter; tried, unless it is told *is_injecting*."""
    if not (injects_headers() if is_injecting is None else is_injecting):
        return ()
    return (
        f"This Python has {INJECTION}: its email package lets header lines be smuggled in. Our mails are written by "
        "other means and are safe; mend it all the same, by 3.11.10, 3.12.5 or a later version.",
    )


def warn_of_faults() -> None:
    """Log each fault, when a part starts."""
    for fault in find_faults():
        logger.warning(fault, extra={"action": "python_faulty"})
