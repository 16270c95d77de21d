"""Inside the jail: a file, and what is taken out of it, go straight to clamd, past the process that asked."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

from files.antivirus import CLEAN, Address, Answer, Clamd, Patience, worse
from files.extracts.room import Room
from files.extracts.walk import extracts_of
from rules.verdicts import Scan

LARGEST_FILE = 256 << 20
"""Larger ones, which only administrators could let in, are not looked into."""


def scan_file(request: bytes) -> bytes:
    """Return as JSON what clamd says of a file; *request* says where it is, how long to wait for it, and the file."""
    clamd, path = _understood(request)
    with path.open("rb") as file:
        return _told(clamd.scan(file))


def scan_inside(request: bytes) -> bytes:
    """Return as JSON what clamd says of all that is inside a file, likewise."""
    clamd, path = _understood(request)
    return _told(ask_inside(clamd, path, Room()))


def ask_inside(clamd: Clamd, path: Path, room: Room) -> Answer:
    """
    Return the gravest that clamd says of what it would not see by itself; PARTLY if not all could be taken out.

    Raises:
        OSError: the file is not there.
        MemoryError: what is inside takes too much.
    """
    if path.stat().st_size > LARGEST_FILE:
        return Answer(Scan.PARTLY)
    said = CLEAN
    for extract in extracts_of(path.read_bytes(), room):
        said = worse(said, clamd.scan(BytesIO(extract)))
        if said.scan in (Scan.INFECTED, Scan.PENDING):
            return said
    return said if room.is_all_seen else worse(said, Answer(Scan.PARTLY))


def _understood(request: bytes) -> tuple[Clamd, Path]:
    address, patience, path = json.loads(request)
    return Clamd(Address.parse(address), Patience(**patience)), Path(path)


def _told(answer: Answer) -> bytes:
    return json.dumps([answer.scan, answer.signature, answer.trouble]).encode()
