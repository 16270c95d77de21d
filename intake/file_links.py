"""Links to places where people leave files instead of attaching them: known by the names of the hosts; pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

HOSTS: Final = (
    "1drv.ms",
    "app.box.com",
    "db.tt",
    "docs.google.com",
    "drive.google.com",
    "drive.usercontent.google.com",
    "dropbox.com",
    "fromsmash.com",
    "icloud.com",
    "mediafire.com",
    "mega.nz",
    "onedrive.live.com",
    "photos.app.goo.gl",
    "sendgb.com",
    "sharepoint.com",
    "terabox.com",
    "transfernow.net",
    "we.tl",
    "wetransfer.com",
)
"""Hosts that give out files; those below them do, too."""

_LINK = re.compile(rf"(?<![a-z0-9\-])(?:{'|'.join(map(re.escape, HOSTS))})[/?]", re.IGNORECASE)


def has_file_link(text: str) -> bool:
    """Say whether *text* links to files elsewhere, directly or through a program that rewrites links."""
    return _LINK.search(unquote(text) if "%" in text else text) is not None
