"""Names of folders as IMAP writes them: modified UTF-7 in a quoted string (RFC 3501, 5.1.3 and 9)."""

from __future__ import annotations

import base64
import re

from aioimaplib.aioimaplib import quoted

_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")


def quote_folder(name: str) -> str:
    """Return the argument that names the folder in a command."""
    return quoted(_UNPRINTABLE.sub(_shifted, name.replace("&", "&-")))


def _shifted(run: re.Match[str]) -> str:
    digits = base64.b64encode(run[0].encode("utf-16-be")).decode("ascii")
    return f"&{digits.rstrip('=').replace('/', ',')}-"
