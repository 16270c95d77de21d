"""A parser that one mail takes down, whenever it is read: what a poisoned mail does, put into the jail."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from intake.parsing import parse_json

POISON = "veneno@example.pe"
"""Who sends what takes the parser down."""

PARSE = "benchmarks.intake_poison:parse"


def parse(argument: bytes) -> bytes:
    """Parse as ever; die of a mail that was poisoned."""
    if any(POISON.encode() in _head(path) for path in _paths(argument)):
        os.kill(os.getpid(), signal.SIGKILL)
    return parse_json(argument)


def _paths(argument: bytes) -> list[str]:
    import json

    told: dict[str, Any] = json.loads(argument)
    return told["paths"]


def _head(path: str) -> bytes:
    with Path(path).open("rb") as file:
        return file.read(4096)
