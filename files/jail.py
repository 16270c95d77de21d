"""
The jail: runs a named function on untrusted bytes in a child process with little memory and time.

It reads what its jail names, Python's own files, and writes nothing; where the kernel can see to it, it reaches nobody.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import os
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from files import memory
from files.jail_child import ANSWER, RAISED, REQUEST, Bounds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import timedelta

logger = logging.getLogger(__name__)

GIBIBYTE = 1 << 30
LONGEST_ANSWER = 64 << 20
START_SECONDS = 60
CALLS_PER_CHILD = 500


class JailFailed(Exception):
    """The function did not return: it raised, used too much memory or took its process down. `kind` says which."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class JailTimeout(JailFailed):
    """The function did not return in its time; its process was killed."""

    def __init__(self) -> None:
        super().__init__("timeout")


class JailFull(Exception):
    """Too many calls are waiting already; this one was not tried. Trying later is right."""


class JailBroken(Exception):
    """The child process does not start: an installation without one of the functions, or a machine without room."""


class Jail:
    """
    Children that run functions of an allow-list (`package.module:name`, each bytes to bytes), one call at a time each.

    A child starts at the first call and is kept. Whatever a call does to it fails that call only; with a spare, the
    next call is answered by one that has started already.
    """

    def __init__(
        self,
        functions: Collection[str],
        *,
        size: int = 1,
        reads: Collection[Path] = (),
        may_connect: bool = False,
        memory_bytes: int = GIBIBYTE,
        waiting: int = 64,
        has_spare: bool = False,
    ) -> None:
        """*reads* are the folders whose files they may open, which are made if need be."""
        self._functions = tuple(functions)
        bounds = Bounds(memory_bytes, [str(folder.absolute()) for folder in reads], may_connect)
        self._nursery = _Nursery(self._functions, bounds, has_spare=has_spare)
        self._cells = [_Cell(self._nursery) for _ in range(size)]
        self._idle: asyncio.Queue[_Cell] = asyncio.Queue()
        for cell in self._cells:
            self._idle.put_nowait(cell)
        self._waiting = 0
        self._most_waiting = waiting
        self._exchanges: set[asyncio.Task[bytes]] = set()

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        """
        Return `function(argument)`, computed in a child. The time counts from when it begins, not while waiting.

        Raises:
            JailFailed: it raised or crashed.
            JailTimeout: it took longer than *timeout* (a JailFailed too).
            JailFull: too many calls are waiting.
            JailBroken: no child can be started.
        """
        if function not in self._functions:
            raise ValueError(f"{function} is not on the allow-list of this jail")
        cell = await self._take()
        # A task of its own: a caller that is cancelled leaves, the exchange is still brought to its end.
        exchange = asyncio.create_task(self._exchange(cell, function, argument, timeout))
        self._exchanges.add(exchange)
        exchange.add_done_callback(self._end)
        return await asyncio.shield(exchange)

    def _end(self, exchange: asyncio.Task[bytes]) -> None:
        """Forget an exchange; how it ended is of interest to its caller alone, who may have left."""
        self._exchanges.discard(exchange)
        if not exchange.cancelled():
            exchange.exception()

    async def close(self) -> None:
        """Kill the children and wait for their end. Calls that are running or waiting fail."""
        for cell in self._cells:
            await cell.close()
        await self._nursery.close()
        if self._exchanges:
            await asyncio.wait(self._exchanges)

    async def _take(self) -> _Cell:
        if self._waiting >= self._most_waiting:
            raise JailFull
        self._waiting += 1
        try:
            return await self._idle.get()
        finally:
            self._waiting -= 1

    async def _exchange(self, cell: _Cell, function: str, argument: bytes, timeout: timedelta) -> bytes:
        try:
            return await cell.call(function, argument, timeout.total_seconds())
        finally:
            self._idle.put_nowait(cell)
            self._nursery.prepare()


class _Nursery:
    """Where children start. The spare one begins to when a call has ended: never while somebody waits for a child."""

    def __init__(self, functions: tuple[str, ...], bounds: Bounds, *, has_spare: bool) -> None:
        self._functions = functions
        self._bounds = bounds
        self._has_spare = has_spare
        self._spare: asyncio.Task[_Child] | None = None

    def prepare(self) -> None:
        """Begin to start the spare, if there is to be one and is none."""
        if self._has_spare and self._spare is None:
            self._spare = asyncio.create_task(self._start())

    async def child(self) -> _Child:
        """Return a child that has started: the spare, if it lives."""
        spare, self._spare = self._spare, None
        if spare is not None:
            with suppress(JailBroken):
                child = await spare
                if child.is_alive:
                    return child
                await child.kill()
        return await self._start()

    async def close(self) -> None:
        """Kill the spare; there is none from now on."""
        self._has_spare = False
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.cancel()
            [child] = await asyncio.gather(spare, return_exceptions=True)
            if isinstance(child, _Child):
                await child.kill()

    async def _start(self) -> _Child:
        return await _start(self._functions, self._bounds)


class _Cell:
    """Holds one child, and replaces it when it has died, was killed or has served long enough."""

    def __init__(self, nursery: _Nursery) -> None:
        self._nursery = nursery
        self._child: _Child | None = None
        self._closed = False

    async def call(self, function: str, argument: bytes, seconds: float) -> bytes:
        child = await self._living_child()
        try:
            async with asyncio.timeout(seconds):
                outcome, body = await child.ask(function, argument, seconds)
        except (EOFError, OSError, TimeoutError, _AnswerTooLong) as error:
            raise await self._failure(child, error) from error
        if outcome == RAISED:
            raise await self._exception(body.decode())
        if child.calls >= CALLS_PER_CHILD:
            await self.kill()
        return body

    async def close(self) -> None:
        self._closed = True
        await self.kill()

    async def kill(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.kill()

    async def _living_child(self) -> _Child:
        if self._child is not None and not self._child.is_alive:
            await self.kill()
        if self._child is None and not self._closed:
            self._child = await self._nursery.child()
        if self._child is None or self._closed:
            await self.kill()
            raise JailFailed("closed")
        return self._child

    async def _failure(self, child: _Child, error: Exception) -> JailFailed:
        await self.kill()
        logger.warning(
            "A call in the jail ended its child", extra={"action": "jail_child_ended", "status": child.status}
        )
        if isinstance(error, TimeoutError) or child.status == -signal.SIGXCPU:
            return JailTimeout()
        return JailFailed("answer too long" if isinstance(error, _AnswerTooLong) else "crash")

    async def _exception(self, kind: str) -> JailFailed:
        if kind == MemoryError.__name__:
            await self.kill()  # what is left of its memory may be in pieces
        return JailFailed(kind)


class _AnswerTooLong(Exception):
    """The child announces more than a function of ours would ever return."""


class _Child:
    """A running child and the socket to it. Only used by one call at a time."""

    def __init__(
        self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self.calls = 0

    @property
    def is_alive(self) -> bool:
        return self._process.returncode is None and not _has_exited(self._process.pid)

    @property
    def status(self) -> int | None:
        return self._process.returncode

    async def ask(self, function: str, argument: bytes, seconds: float) -> tuple[int, bytes]:
        self.calls += 1
        name = function.encode()
        self._writer.write(REQUEST.pack(len(name), math.ceil(seconds), len(argument)) + name)
        self._writer.write(argument)
        await self._writer.drain()
        return await self.read_answer()

    async def read_answer(self) -> tuple[int, bytes]:
        outcome, size = ANSWER.unpack(await self._reader.readexactly(ANSWER.size))
        if size > LONGEST_ANSWER:
            raise _AnswerTooLong
        return outcome, await self._reader.readexactly(size)

    async def kill(self) -> None:
        """Kill the child with all that it has started, and wait for its end."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()
        await self._process.wait()


def _has_exited(pid: int) -> bool:
    """Ask the system, without reaping: the loop may not have been told yet."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


async def _start(functions: tuple[str, ...], bounds: Bounds) -> _Child:
    try:
        _make_folders(bounds.reads)
        child = await _spawn(functions, bounds)
    except OSError as error:
        raise JailBroken("no process") from error
    try:
        async with asyncio.timeout(START_SECONDS):
            outcome, body = await child.read_answer()
    except BaseException as error:
        await child.kill()
        if isinstance(error, EOFError | OSError | TimeoutError):
            raise JailBroken(type(error).__name__) from error
        raise
    if outcome == RAISED:
        await child.kill()
        raise JailBroken(body.decode())
    _tell_lacks(body.decode())
    return child


def _make_folders(folders: Iterable[str]) -> None:
    """Make those that are not there yet: what a child may read is settled when it starts."""
    for folder in folders:
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)


@cache
def _tell_lacks(names: str) -> None:
    """Say once what the kernel does not see to: there, what is handed in is kept in by fewer walls."""
    if names:
        logger.warning("The jail is without %s", names, extra={"action": "jail_without", "lacks": names})


async def _spawn(functions: tuple[str, ...], bounds: Bounds) -> _Child:
    ours, theirs = socket.socketpair()
    with theirs:
        command = (str(theirs.fileno()), str(os.getpid()), json.dumps(asdict(bounds)), *functions)
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "files.jail_child", *command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,  # what libraries print must reach nobody
                stderr=asyncio.subprocess.DEVNULL,
                # None of our settings, none of our secrets.
                env={"PYTHONPATH": _import_path(), "LC_ALL": "C.UTF-8", **memory.ENVIRONMENT},
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        except BaseException:
            ours.close()
            raise
    reader, writer = await asyncio.open_unix_connection(sock=ours)
    return _Child(process, reader, writer)


def _import_path() -> str:
    return os.pathsep.join(str(Path(entry).absolute()) for entry in sys.path)
