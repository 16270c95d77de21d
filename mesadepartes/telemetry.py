"""What the parts say of themselves: log lines on standard error, one per event."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

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


class LineFormatter(logging.Formatter):
    """Time in UTC, level, part, sentence, then what the caller added as key=value."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self._part = part

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; a stack trace follows on lines of its own."""
        at = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        line = f"{at} {record.levelname} {self._part}: {_one_line(record.getMessage())}{_added(record)}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line


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
    logging.captureWarnings(capture=True)
