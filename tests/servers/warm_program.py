"""A process that has the whole program loaded and forks one that runs a command, instead of loading it each time."""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import traceback
from contextlib import suppress

from mesadepartes.cli import COMMANDS, main

LONGEST_REQUEST = 1 << 20


def serve(path: str) -> None:
    """Fork a minder for each that connects, until nobody is left who could."""
    for name in COMMANDS:
        importlib.import_module(f"mesadepartes.commands.{name.replace('-', '_')}")
    importlib.import_module("mesadepartes.wiring")
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(path)
        listener.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            asker, _ = listener.accept()
            with asker:
                if not os.fork():
                    listener.close()
                    mind(asker)


def mind(asker: socket.socket) -> None:
    """Fork who runs the command, and tell how it ended; who asked may go away, and then it is killed."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    told, files, _, _ = socket.recv_fds(asker, LONGEST_REQUEST, 3)
    if not (runner := os.fork()):
        asker.close()
        run(json.loads(told), files)
    ended, _, _ = select.select([os.pidfd_open(runner), asker], [], [])
    if asker in ended:
        os.kill(runner, signal.SIGKILL)
    _, status = os.waitpid(runner, 0)
    with suppress(OSError):
        asker.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def run(told: dict[str, object], files: list[int]) -> None:
    """Be the program that was called with these words, in this environment."""
    code: object = 1
    try:
        for number, file in enumerate(files):
            os.dup2(file, number)
        os.environ.clear()
        os.environ.update(told["environ"])  # pyright: ignore[reportArgumentType, reportCallIssue]
        sys.argv = ["mesadepartes", *told["words"]]  # pyright: ignore[reportGeneralTypeIssues]
        main(prog_name="mesadepartes")
    except SystemExit as end:
        code = end.code or 0
    except BaseException:  # noqa: BLE001 - what nobody catches is printed, as by any program
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    serve(sys.argv[1])
