"""The press sends the facts to another process and gives back the PDF; this process never loads borb."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta

from receipts.press import Press
from receipts.writer import render
from tests.unit.receipts.samples import BY_MAIL, USUAL

CHILD = """
import importlib, sys
module, _, function = sys.argv[1].partition(":")
sys.stdout.buffer.write(getattr(importlib.import_module(module), function)(sys.stdin.buffer.read()))
"""


@dataclass
class OwnProcess:
    """Runs each function in a Python of its own."""

    async def run(self, function: str, argument: bytes, *, timeout: timedelta) -> bytes:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, function, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        answer, _ = await asyncio.wait_for(child.communicate(argument), timeout.total_seconds())
        return answer


async def test_the_press_gives_the_bytes_that_any_process_gives() -> None:
    press = Press(OwnProcess())

    first, second, mail = await asyncio.gather(press.render(USUAL), press.render(USUAL), press.render(BY_MAIL))

    assert first == second == render(USUAL)
    assert mail == render(BY_MAIL)


def test_freezing_facts_and_asking_the_press_load_neither_borb_nor_fonts() -> None:
    program = """
import sys, rules.receipts, receipts.press, rules.receipt_words
print(sorted({"borb", "fontTools", "segno"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
