"""The jail keeps every misbehaviour to the call that did it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from files.jail import Jail, JailBroken, JailFailed, JailFull, JailTimeout

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HERE = "tests.unit.files.prisoners"
NAMES = (
    *("echo", "enlarge", "eat_memory", "spin", "sleep", "leave", "fail", "answer_nonsense"),
    *("write_file", "print_much", "report"),
)
LONG = timedelta(seconds=60)
SHORT = timedelta(seconds=1)
MEMORY = 256 << 20


@pytest.fixture
async def jail() -> AsyncIterator[Jail]:
    jail = Jail([f"{HERE}:{name}" for name in NAMES], memory_bytes=MEMORY)
    yield jail
    await jail.close()


async def call(jail: Jail, name: str, argument: bytes = b"", timeout: timedelta = LONG) -> bytes:
    return await jail.run(f"{HERE}:{name}", argument, timeout=timeout)


async def report(jail: Jail) -> dict[str, Any]:
    return json.loads(await call(jail, "report"))


async def failure(jail: Jail, name: str, argument: bytes = b"", timeout: timedelta = LONG) -> JailFailed:
    with pytest.raises(JailFailed) as caught:
        await call(jail, name, argument, timeout)
    return caught.value


async def gone(pid: int) -> bool:
    """Whether the process ends before the deadline; a zombie nobody waits for has ended."""
    for _ in range(300):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        await asyncio.sleep(0.1)
    return False


async def test_run_returns_what_the_function_returns(jail: Jail) -> None:
    everything = bytes(range(256)) * 100

    assert await call(jail, "echo", everything) == everything
    assert await call(jail, "echo", b"") == b""


async def test_run_keeps_its_child(jail: Jail) -> None:
    assert (await report(jail))["pid"] == (await report(jail))["pid"]


async def test_run_carries_big_answers(jail: Jail) -> None:
    assert await call(jail, "enlarge", b"5000000") == bytes(5_000_000)


async def test_run_carries_big_arguments(jail: Jail) -> None:
    argument = os.urandom(5_000_000)

    assert await call(jail, "echo", argument) == argument


async def test_run_refuses_a_function_off_the_list(jail: Jail) -> None:
    with pytest.raises(ValueError, match="os:system"):
        await jail.run("os:system", b"", timeout=LONG)


async def test_child_is_limited(jail: Jail) -> None:
    before = time.process_time()

    first = await report(jail)

    assert {name: first[name] for name in first if name.startswith("RLIMIT") and name != "RLIMIT_CPU"} == {
        "RLIMIT_AS": MEMORY,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": 64,
        "RLIMIT_CORE": 0,
    }
    assert first["session"] == first["pid"] != os.getsid(0)
    assert LONG.total_seconds() <= first["RLIMIT_CPU"] <= LONG.total_seconds() + 60 + before


async def test_child_gets_none_of_the_settings(jail: Jail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESA_SECRET", "s3cret")

    assert "MESA_SECRET" not in (await report(jail))["env"]


async def test_memory_bomb_fails_its_call_only(jail: Jail) -> None:
    first = (await report(jail))["pid"]

    assert (await failure(jail, "eat_memory", str(2 * MEMORY).encode())).kind == "MemoryError"

    assert await call(jail, "echo", b"next") == b"next"
    assert (await report(jail))["pid"] != first


async def test_endless_loop_is_killed(jail: Jail) -> None:
    first = (await report(jail))["pid"]

    assert isinstance(await failure(jail, "spin", timeout=SHORT), JailTimeout)

    assert await gone(first)
    assert await call(jail, "echo", b"next") == b"next"


async def test_sleeper_is_killed(jail: Jail) -> None:
    assert isinstance(await failure(jail, "sleep", b"600", timeout=SHORT), JailTimeout)
    assert await call(jail, "echo", b"next") == b"next"


async def test_crash_fails_its_call_only(jail: Jail) -> None:
    results = await asyncio.gather(
        call(jail, "echo", b"a"), call(jail, "leave"), call(jail, "echo", b"b"), return_exceptions=True
    )

    assert [results[0], results[2]] == [b"a", b"b"]
    assert isinstance(results[1], JailFailed)
    assert results[1].kind == "crash"


async def test_child_killed_between_calls_is_replaced(jail: Jail) -> None:
    first = (await report(jail))["pid"]

    os.kill(first, 9)
    assert await gone(first)

    assert await call(jail, "echo", b"next") == b"next"


async def test_exception_tells_its_type_only(jail: Jail) -> None:
    failed = await failure(jail, "fail")

    assert failed.kind == "LookupError"
    assert "12345678" not in repr(failed) + repr(failed.__cause__) + repr(failed.__context__)


async def test_answer_that_is_no_bytes_fails(jail: Jail) -> None:
    assert (await failure(jail, "answer_nonsense")).kind == "TypeError"


async def test_disk_cannot_be_written(jail: Jail, tmp_path: Path) -> None:
    target = tmp_path / "loot"

    assert (await failure(jail, "write_file", str(target).encode())).kind == "PermissionError"

    assert not target.exists()


async def test_prints_do_not_reach_the_answer(jail: Jail) -> None:
    assert await call(jail, "print_much", b"argument") == b"argument"
    assert await call(jail, "echo", b"next") == b"next"


async def test_many_callers_each_get_their_own_answer(jail: Jail) -> None:
    arguments = [str(n).encode() * 1000 for n in range(20)]

    assert await asyncio.gather(*(call(jail, "echo", argument) for argument in arguments)) == arguments


async def test_cancelled_caller_leaves_the_others_their_answers(jail: Jail) -> None:
    await call(jail, "echo")
    leaving = [asyncio.create_task(call(jail, "sleep", b"0.5")) for _ in range(3)]
    staying = [asyncio.create_task(call(jail, "echo", str(n).encode())) for n in range(5)]
    await asyncio.sleep(0.1)

    for task in leaving:
        task.cancel()

    assert await asyncio.gather(*staying) == [b"0", b"1", b"2", b"3", b"4"]
    assert all(task.cancelled() for task in leaving)


async def test_too_many_waiting_are_refused() -> None:
    jail = Jail([f"{HERE}:sleep", f"{HERE}:echo"], waiting=2)
    waiting = [asyncio.create_task(call(jail, "sleep", b"600")) for _ in range(3)]
    await asyncio.sleep(0)

    with pytest.raises(JailFull):
        await call(jail, "echo")

    await jail.close()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(result, JailFailed) for result in results)


async def test_close_ends_the_child_and_all_calls(jail: Jail) -> None:
    pid = (await report(jail))["pid"]
    running = asyncio.create_task(call(jail, "sleep", b"600"))
    await asyncio.sleep(0.1)

    await jail.close()

    assert await gone(pid)
    with pytest.raises(JailFailed):
        await running
    assert isinstance(await failure(jail, "echo"), JailFailed)


async def test_two_cells_work_side_by_side() -> None:
    jail = Jail([f"{HERE}:sleep", f"{HERE}:echo"], size=2)
    running = asyncio.create_task(call(jail, "sleep", b"600"))

    assert await call(jail, "echo", b"beside") == b"beside"

    await jail.close()
    with pytest.raises(JailFailed):
        await running


async def spare_of(jail: Jail, *, besides: set[int]) -> tuple[int, int]:
    """Return the child of a jail and its spare, once it has one; *besides* are children of others."""
    child = (await report(jail))["pid"]
    async with asyncio.timeout(60):
        while len(children := own_children() - {child} - besides) != 1:
            await asyncio.sleep(0.01)
    return child, children.pop()


def own_children() -> set[int]:
    own = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return {int(child) for child in own.read_text(encoding="ascii").split()}


async def test_a_spare_takes_the_place_of_a_child_that_was_taken_down() -> None:
    others, jail = own_children(), Jail([f"{HERE}:report", f"{HERE}:leave"], has_spare=True)
    child, spare = await spare_of(jail, besides=others)

    assert (await failure(jail, "leave")).kind == "crash"

    assert (await report(jail))["pid"] == spare
    assert (await spare_of(jail, besides=others))[1] not in (child, spare)
    await jail.close()


async def test_a_spare_that_has_died_is_no_harm() -> None:
    others, jail = own_children(), Jail([f"{HERE}:report", f"{HERE}:leave"], has_spare=True)
    _, spare = await spare_of(jail, besides=others)
    os.kill(spare, 9)
    assert await gone(spare)

    assert (await failure(jail, "leave")).kind == "crash"

    assert (await report(jail))["pid"] != spare
    await jail.close()


@pytest.mark.parametrize("has_started", [True, False])
async def test_close_ends_the_spare(has_started: bool) -> None:
    others, jail = own_children(), Jail([f"{HERE}:report"], has_spare=True)
    pids = await spare_of(jail, besides=others) if has_started else [(await report(jail))["pid"]]

    await jail.close()

    assert all([await gone(pid) for pid in pids])
    assert own_children() <= others


async def test_missing_function_is_told_by_name() -> None:
    jail = Jail([f"{HERE}:absent"])

    with pytest.raises(JailBroken, match="absent"):
        await call(jail, "absent")

    await jail.close()


async def test_busy_child_dies_with_a_killed_parent(tmp_path: Path) -> None:
    """The parent runs elsewhere, as another programme would, and is ended by SIGKILL while the child computes."""
    source = f"""
import asyncio, datetime, json, os, signal, sys
sys.path[:0] = {[str(Path(entry).absolute()) for entry in sys.path]!r}
from files.jail import Jail
def ticks(pid):
    return int(open(f"/proc/{{pid}}/stat").read().rsplit(")", 1)[1].split()[11])
async def main():
    jail, hour = Jail(["{HERE}:report", "{HERE}:spin"]), datetime.timedelta(hours=1)
    pid = json.loads(await jail.run("{HERE}:report", b"", timeout=hour))["pid"]
    before, running = ticks(pid), asyncio.create_task(jail.run("{HERE}:spin", b"", timeout=hour))
    while ticks(pid) < before + 20:
        await asyncio.sleep(0.01)
    print(pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    parent = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", source], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )

    assert parent.returncode == -9
    assert await gone(int(parent.stdout))
