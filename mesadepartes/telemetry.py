"""What the parts say of themselves: log lines on standard error, one per event."""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_CHATTY = (
    "uvicorn",
    "aiosmtpd",
    "mail.log",
    "aioimaplib",
    "asyncio",
    "pymap",
    "tortoise",
    "websockets",
    "fontTools",
    "httpx",
)


_REPEATING = ("asyncpg", "pyhanko", "pyhanko_certvalidator")
"""Libraries that tell of each try to reach a database, or of each stranger, with a stack trace; we tell it once."""

_QUOTING = frozenset({"asyncpg", "tortoise", "aiosmtplib", "aioimaplib"})


class LineFormatter(logging.Formatter):
    """Time in UTC, level, part, sentence, then what the caller added as key=value."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self._part = part

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a stack trace follows on lines of its own."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        line = f"{at} {record.levelname} {self._part}: {_one_line(record.getMessage())}{_added(record)}"
        if record.exc_info and record.exc_info[1]:
            line += "\n" + "".join(_trace(record.exc_info[1])).rstrip("\n")
        return line


def _trace(error: BaseException) -> Iterator[str]:
    """Yield where an exception and its causes arose."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _trace(earlier)
        yield "then\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}{_words(error)}\n"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _trace(each)


def _words(error: BaseException) -> str:
    """Return what an exception says; nothing if it may quote a row, an address or a mail, as those of these do."""
    return "" if type(error).__module__.partition(".")[0] in _QUOTING else f": {_one_line(str(error))}"


def _added(record: logging.LogRecord) -> str:
    added = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    return "".join(f" {name}={_one_line(str(value))}" for name, value in sorted(added.items()))


def _one_line(text: str) -> str:
    """Return *text* such that nobody can forge a second line or move the cursor of who reads it."""
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)


def log_to_stderr(part: str, level: str) -> None:
    """Send all logging of this process to standard error, in lines that name *part*."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(part))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _REPEATING:
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.captureWarnings(capture=True)
