"""What somebody would try who runs their own code in the jail; each tells how far it came."""

from __future__ import annotations

import ctypes
import errno
import importlib
import json
import os
import platform
import resource
import socket
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from files import landlock, syscalls
from files.syscalls import MACHINES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DONE = "done"


def outcomes(argument: bytes) -> bytes:
    """Try everything; return as JSON what came of each: `done`, or the name of the error."""
    told: dict[str, Any] = json.loads(argument)
    return json.dumps({name: _tried(attempt, told) for name, attempt in ATTEMPTS.items()}).encode()


def _tried(attempt: Callable[[Mapping[str, Any]], object], told: Mapping[str, Any]) -> str:
    try:
        attempt(told)
    except OSError as error:
        return errno.errorcode[error.errno] if error.errno else type(error).__name__
    return DONE


def _call(name: str, *arguments: int) -> None:
    _raw(MACHINES[platform.machine()].numbers[name], *arguments)


def _raw(number: int, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, *arguments) == -1:
        raise OSError(ctypes.get_errno(), "")


def _in_folder(told: Mapping[str, Any], name: str) -> Path:
    return Path(told["folder"]) / name


def _fork(_told: Mapping[str, Any]) -> None:
    if not (child := os.fork()):
        os._exit(0)
    os.waitpid(child, 0)


def _reach(told: Mapping[str, Any]) -> None:
    with socket.socket() as to:
        to.connect(("127.0.0.1", told["port"]))


def _bind(_told: Mapping[str, Any]) -> None:
    with socket.socket() as to:
        to.bind(("127.0.0.1", 0))


def _talk(_told: Mapping[str, Any]) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as to:
        to.sendto(b"DNI 12345678", ("127.0.0.1", 9))


def _pair(kind: socket.SocketKind) -> None:
    for one in socket.socketpair(type=kind):
        one.close()


def _start_thread(_told: Mapping[str, Any]) -> None:
    thread = Thread(target=int)
    thread.start()
    thread.join()


def _spawn(_told: Mapping[str, Any]) -> None:
    subprocess.run(["/bin/true"], check=True)


def _import_later(_told: Mapping[str, Any]) -> None:
    for name in ("receipts", "wave", "pikepdf", "zoneinfo"):
        importlib.import_module(name)


def _other_convention(_told: Mapping[str, Any]) -> None:
    if platform.machine() != "x86_64":
        raise PermissionError(errno.EPERM, "there is no other")
    _raw(0x40000000 | 39)


ATTEMPTS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "read what is to be read": lambda told: _in_folder(told, "given").read_bytes(),
    "import what was not yet": _import_later,
    "start a thread": _start_thread,
    "slow down itself": lambda _: os.setpriority(os.PRIO_PROCESS, 0, 19),
    "talk to itself": lambda _: _pair(socket.SOCK_STREAM),
    "read secrets": lambda _: Path("/etc/passwd").read_bytes(),
    "list folders": lambda _: list(Path("/").iterdir()),
    "list what is to be read": lambda told: list(Path(told["folder"]).iterdir()),
    "list what lies beside our code": lambda _: list(Path(__file__).parents[3].iterdir()),
    "read memory of the parent": lambda told: Path(f"/proc/{told['parent']}/mem").open("rb").close(),
    "write a new file": lambda told: _in_folder(told, "loot").touch(),
    "write over what is given": lambda told: _in_folder(told, "given").open("r+b").close(),
    "empty what is given": lambda told: os.truncate(_in_folder(told, "given"), 0),
    "rename what is given": lambda told: _in_folder(told, "given").rename(_in_folder(told, "taken")),
    "remove what is given": lambda told: _in_folder(told, "given").unlink(),
    "make a folder": lambda told: _in_folder(told, "folder").mkdir(),
    "open as nobody can look at": lambda _: _call("openat2", 0, 0, 0, 0),
    "reach somebody": _reach,
    "wait for somebody": _bind,
    "send to somebody": _talk,
    "send by a pair of sockets": lambda _: _pair(socket.SOCK_DGRAM),
    "fork": _fork,
    "start a program": _spawn,
    "clone as nobody can look at": lambda _: _call("clone3", 0, 0),
    "kill the parent": lambda told: os.kill(told["parent"], 0),
    "look into the parent": lambda told: _call("ptrace", 16, told["parent"], 0, 0),
    "bound the parent": lambda told: resource.prlimit(told["parent"], resource.RLIMIT_CPU),
    "slow down the parent": lambda told: os.setpriority(
        os.PRIO_PROCESS, told["parent"], os.getpriority(os.PRIO_PROCESS, told["parent"])
    ),
    "move the parent": lambda told: os.sched_setaffinity(told["parent"], os.sched_getaffinity(told["parent"])),
    "remove what others share": lambda _: _call("shmctl", -1, 0, 0),
    "ask by a ring": lambda _: _call("io_uring_setup", 1, 0),
    "ask by another convention": _other_convention,
    "become a program": lambda _: os.execv("/bin/true", ["true"]),
}


def _alone(wall: str, told: str) -> None:
    """Stand behind one of the two walls only."""
    if wall == "landlock":
        assert landlock.refuse_files([json.loads(told)["folder"]], may_connect=False)
    else:
        libc = ctypes.CDLL(None)
        libc.prctl(38, 1, 0, 0, 0)
        assert syscalls.refuse_calls(may_connect=False)
    sys.stdout.buffer.write(outcomes(told.encode()))


if __name__ == "__main__":
    _alone(*sys.argv[1:])
