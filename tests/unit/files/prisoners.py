"""Functions that the tests of the jail run inside it."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path


def echo(argument: bytes) -> bytes:
    return argument


def enlarge(argument: bytes) -> bytes:
    return bytes(int(argument))


def eat_memory(argument: bytes) -> bytes:
    return bytes(len(bytearray(int(argument))))


def spin(_: bytes) -> bytes:
    while True:
        pass


def sleep(argument: bytes) -> bytes:
    time.sleep(float(argument))
    return b"slept"


def leave(_: bytes) -> bytes:
    os._exit(3)


def fail(_: bytes) -> bytes:
    raise LookupError("DNI 12345678")


def answer_nonsense(_: bytes) -> bytes:
    return 7  # pyright: ignore[reportReturnType]


def write_file(argument: bytes) -> bytes:
    return str(Path(argument.decode()).write_bytes(b"x")).encode()


def print_much(argument: bytes) -> bytes:
    sys.stdout.write("noise" * 10_000)
    os.write(1, b"more noise" * 1000)
    return argument


def report(_: bytes) -> bytes:
    limits = {
        name: resource.getrlimit(getattr(resource, name))[0]
        for name in ("RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE", "RLIMIT_CPU")
    }
    return json.dumps({"pid": os.getpid(), "session": os.getsid(0), "env": dict(os.environ), **limits}).encode()
