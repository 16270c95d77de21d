"""A mail intake in a process of its own, that tells what it did when; with or without the record behind it."""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import uvloop

from actions.credentials import PasswordPool
from benchmarks import intake_poison
from files.jail import Jail
from files.memory import keep_memory
from files.sieving import JUDGE
from intake.imap import Account
from intake.mailbox import Source
from intake.reception import Means
from intake.spool import Spool
from intake.worker import Worker
from mesadepartes.clock import now
from mesadepartes.database import connected
from rules.verdicts import Judgement
from tests.counter import Clock, make_tools
from tests.crash.steps import replace_at, set_value
from tests.lasting_jail import ANYWHERE

if TYPE_CHECKING:
    from collections.abc import Callable


class Watch:
    """Notes, in seconds of the machine's clock, when things happen; tells them on one line each."""

    def __init__(self) -> None:
        self.longest_held = 0.0
        self.longest_busy = 0.0

    def tell(self, what: str) -> None:
        """Tell that it happened now."""
        print(json.dumps({"what": what, "at": time.monotonic()}), flush=True)

    def hold(self, run: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return asyncio's way to run a callback, which notes the longest one."""

        def held(handle: Any) -> None:
            began, busy = time.monotonic(), time.thread_time()
            run(handle)
            self.longest_held = max(self.longest_held, time.monotonic() - began)
            self.longest_busy = max(self.longest_busy, time.thread_time() - busy)

        return held


def watch_intake(watch: Watch) -> None:
    """Tell when the server announces mail, and when mails have their outcome."""

    def announcing(take: Any) -> Any:
        def taking(self: Any, answer: list[bytes]) -> None:
            if answer[0].endswith(b" EXISTS"):
                watch.tell("announced")
            take(self, answer)

        return taking

    def recording(record: Any) -> Any:
        async def recorded(*arguments: Any) -> Any:
            result = await record(*arguments)
            watch.tell("recorded")
            return result

        return recorded

    def failing(record: Any) -> Any:
        async def failed(*arguments: Any) -> Any:
            watch.tell("failed")
            return await record(*arguments)

        return failed

    replace_at("intake.protocol:StreamingProtocol._take_untagged", announcing)
    replace_at("actions.mail:record_mail", recording)
    replace_at("actions.mail:record_failure", failing)


def forget_record() -> None:
    """Take in mail as ever, up to the store: no row of a mail's is read or written, and no file is judged."""
    set_value("actions.mail:record_mail", _recorded)
    set_value("actions.mail:record_moved", _nothing)
    set_value("reading.mail:item_of", _nothing)
    set_value("reading.mail:known_among", _none_of_them)
    set_value("intake.handed_in:judged", _not_judged)
    set_value("intake.reception:accounts_with", _none_by_address)
    set_value("intake.reception:read_latest", _nothing)
    replace_at("intake.reception:policy_of", _always_same)


async def _nothing(*_arguments: Any, **_named: Any) -> None:
    return None


async def _none_by_address(_addresses: Any) -> dict[str, Any]:
    return {}


async def _none_of_them(*_arguments: Any, **_named: Any) -> set[str]:
    return set()


async def _recorded(_tools: Any, _lease: Any, mail: Any) -> SimpleNamespace:
    return SimpleNamespace(outcome=mail.outcome)


async def _not_judged(_tools: Any, paths: Any) -> list[Judgement]:
    return [Judgement() for _ in paths]


def _always_same(policy_of: Any) -> Any:
    known: list[Any] = []

    async def policy(tools: Any, *, at: Any, latest: Any) -> Any:
        if not known:
            known.append(await policy_of(tools, at=at, latest=latest))
        return known[0]

    return policy


async def work(told: dict[str, Any]) -> None:
    """Take in mail until killed."""
    watch, folder = Watch(), Path(told["folder"])
    if told["holds"]:
        replace_at("asyncio.events:Handle._run", watch.hold)
    if not told["records"]:
        forget_record()
    watch_intake(watch)
    keep_memory()
    set_value("intake.reception:PARSE", intake_poison.PARSE)
    jail, reader = Jail([intake_poison.PARSE], reads=ANYWHERE, has_spare=True), Jail([JUDGE], reads=ANYWHERE)
    watch.tell("began")
    async with connected(told["database"]):
        tools = make_tools(folder, clock=Clock(now()), jail=reader, hasher=PasswordPool())
        tls = ssl.create_default_context(cafile=told["certificate"]) if told["certificate"] else None
        account = Account("localhost" if tls else "127.0.0.1", told["port"], told["user"], told["password"], tls)
        worker = Worker(Means(tools, jail, Spool(folder / "spool")), Source(account, office_code="SEDE-CENTRAL"))
        await asyncio.gather(worker.run(), tell_rest(worker, watch))


async def tell_rest(worker: Worker, watch: Watch) -> None:
    """Tell each time the mailbox has nothing more, and how long the loop was held by then."""
    was_ready = False
    while True:
        if worker.is_ready and not was_ready:
            held = {"what": "at rest", "at": time.monotonic(), "held": watch.longest_held, "busy": watch.longest_busy}
            print(json.dumps(held), flush=True)
        was_ready = worker.is_ready
        await asyncio.sleep(0.02)


if __name__ == "__main__":
    told: dict[str, Any] = json.loads(sys.argv[1])
    with asyncio.Runner(loop_factory=None if told["holds"] else uvloop.new_event_loop) as runner:
        runner.run(work(told))
