"""The inside of the jail: started by `files.jail` as a program of its own, answers one request after the other."""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import resource
import signal
import socket
import struct
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from files import landlock, syscalls

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REQUEST = struct.Struct("!III")  # bytes of the function's name, CPU seconds, bytes of the argument
ANSWER = struct.Struct("!BI")  # outcome, bytes of the result or of the name of what went wrong
RETURNED, RAISED = 0, 1

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38


@dataclass(frozen=True)
class Bounds:
    """How much memory there is, what may be read, and whether anybody may be reached."""

    memory_bytes: int
    reads: Sequence[str] = ()
    may_connect: bool = False


def main(descriptor: str, parent: str, bounds: str, *names: str) -> None:
    """Load the named functions, which are trusted, then give up what they do not need, then serve."""
    die_with(int(parent))
    given = Bounds(**json.loads(bounds))
    with socket.socket(fileno=int(descriptor)) as connection, connection.makefile("rb") as requests:
        try:
            functions = {name: load(name) for name in names}
        except (ImportError, AttributeError) as error:
            answer(connection, RAISED, f"{type(error).__name__}: {error}".encode())
            return
        limit(given.memory_bytes)
        answer(connection, RETURNED, ",".join(confine(given)).encode())
        serve(connection, requests, functions)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when *parent* ends, however it ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((PR_SET_PDEATHSIG, signal.SIGKILL), (PR_SET_NO_NEW_PRIVS, 1)):
        if libc.prctl(option, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        sys.exit("the parent is gone")


def load(name: str) -> Callable[[bytes], bytes]:
    """Return the function called `package.module:name`."""
    module, _, attribute = name.partition(":")
    return cast("Callable[[bytes], bytes]", getattr(importlib.import_module(module), attribute))


def confine(bounds: Bounds) -> list[str]:
    """Have the kernel refuse files, the network and other processes; return the names of what it lacks for that."""
    has_landlock = landlock.refuse_files(bounds.reads, may_connect=bounds.may_connect)
    has_seccomp = syscalls.refuse_calls(may_connect=bounds.may_connect)
    return [name for name, is_held in (("landlock", has_landlock), ("seccomp", has_seccomp)) if not is_held]


def limit(memory_bytes: int) -> None:
    """Limit address space, open files and, to nothing, what may be written to disk."""
    sys.dont_write_bytecode = True
    os.nice(5)
    # Being woken by a request, it must not push aside who asked: that is the loop which everybody else waits for.
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    for kind, limit in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def serve(connection: socket.socket, requests: BinaryIO, functions: dict[str, Callable[[bytes], bytes]]) -> None:
    """Answer requests until the other end closes."""
    while header := requests.read(REQUEST.size):
        name_size, cpu_seconds, argument_size = REQUEST.unpack(header)
        function = functions[requests.read(name_size).decode()]
        argument = requests.read(argument_size)
        renew_cpu(cpu_seconds)
        answer(connection, *call(function, argument))


def call(function: Callable[[bytes], bytes], argument: bytes) -> tuple[int, bytes]:
    """Return the outcome of the call; of an exception only the name, for its text may quote what was handed in."""
    try:
        return RETURNED, bytes(memoryview(function(argument)))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this call's and must not end the others
        return RAISED, type(error).__name__.encode()


def renew_cpu(seconds: int) -> None:
    """Allow that many more seconds of CPU; the kernel ends the process after them."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + 1 + seconds, hard))


def answer(connection: socket.socket, outcome: int, body: bytes) -> None:
    """Send one answer."""
    connection.sendall(ANSWER.pack(outcome, len(body)))
    connection.sendall(body)


if __name__ == "__main__":
    main(*sys.argv[1:])
