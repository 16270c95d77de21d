"""A process that has everything loaded and forks a worker's life for each line that it is given."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pikepdf
import uvloop

from actions.credentials import PasswordPool
from files.jail import Jail
from intake.imap import Account
from intake.mailbox import Source
from intake.parsing import PARSE
from intake.reception import Means
from intake.spool import Spool
from intake.worker import Worker
from mesadepartes.database import connected
from tests.counter import JAILED, MONDAY, Clock, make_tools
from tests.crash.in_process import InProcess
from tests.crash.lives import Effect, Mistake, Moment
from tests.crash.mistakes import make_mistake
from tests.crash.steps import set_trap, set_value
from tests.lasting_jail import ANYWHERE

LEASE = timedelta(seconds=4)
AT_REST_SECONDS = 0.06
LONGEST_SECONDS = 30.0


async def live(told: dict[str, Any], place: dict[str, Any], log: int) -> None:
    """Work as a worker does, until killed."""
    jail: Any = Jail([PARSE, *JAILED], reads=ANYWHERE) if told["in_jail"] else InProcess()
    folder = Path(place["folder"])
    async with connected(place["database"]):
        clock = Clock(MONDAY + timedelta(minutes=told["minute"]))
        tools = make_tools(folder, clock=clock, jail=jail, hasher=PasswordPool())
        account = Account("127.0.0.1", place["port"], place["user"], place["password"], None)
        worker = Worker(Means(tools, jail, Spool(folder / "spool")), Source(account, office_code="SEDE-CENTRAL"))
        await asyncio.gather(worker.run(), end_at_rest(worker, log))


async def end_at_rest(worker: Worker, log: int) -> None:
    """Kill this process when the worker listens, having nothing to do, or when it has lived long enough."""
    until, rested = time.monotonic() + LONGEST_SECONDS, 0.0
    while rested < AT_REST_SECONDS and time.monotonic() < until:
        await asyncio.sleep(0.02)
        rested = rested + 0.02 if worker.is_ready else 0.0
    os.write(log, b"at rest\n" if rested else b"stalled\n")
    os.kill(os.getpid(), signal.SIGKILL)


def _hardly_any(_pauses: Any) -> float:
    return 0.02


def be_born(told: dict[str, Any], place: dict[str, Any]) -> None:
    """Set traps and mistakes, then live."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(place["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    set_value("actions.mail_lease:LEASE", LEASE)
    set_value("intake.worker:ASK_SECONDS", 0.05)
    set_value("intake.patience:Pauses.next_seconds", _hardly_any)
    if told["step"]:
        moment, effect = Moment(told["moment"]), Effect(told["effect"])
        set_trap(told["step"], moment, hit=told["hit"], effect=effect, log=log)
    if told["mistake"]:
        make_mistake(Mistake(told["mistake"]), smtp_port=place["smtp_port"])
    if told["alarm_seconds"]:
        signal.setitimer(signal.ITIMER_REAL, told["alarm_seconds"])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(live(told, place, log))


def main() -> None:
    """Fork a life for each line, and answer with its process id."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    assert pikepdf.__version__  # what counts pages is loaded once, for all lives
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            try:
                told = json.loads(line)
                be_born(told, told["place"])
            finally:
                os._exit(70)
        os.write(sys.stdout.fileno(), f"{pid}\n".encode())


if __name__ == "__main__":
    main()
