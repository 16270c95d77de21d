"""Kill -9 everything at random moments during filings and mails, start again: what was acknowledged is there, once."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import aiosmtplib
import httpx

from benchmarks.figures import Figure, parser, run
from tests.journeys.stack import APPLICANT, CLERK, PDF, Desk, Stack, citizens_mail, stack_in

if TYPE_CHECKING:
    import argparse

MAIL_PATIENCE_SECONDS = 180.0
LIST = """query($after: String) { tramites(first: 100, after: $after) {
    edges { node { number channel subject } } pageInfo { hasNextPage endCursor } } }"""


@dataclass
class Ledger:
    """What was handed in, and what the counter acknowledged."""

    sent: set[str] = field(default_factory=set[str])
    acknowledged: dict[str, str] = field(default_factory=dict[str, str])
    mails: set[str] = field(default_factory=set[str])


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Kill as often as asked for, then count."""
    chance = random.Random(arguments.seed)
    ledger = Ledger()
    with tempfile.TemporaryDirectory(prefix="mesa-kills-") as folder:
        async with stack_in(Path(folder)) as stack:
            for _ in range(arguments.kills):
                await stack.start()
                await stack.ready()
                work = asyncio.create_task(_hand_in(stack, ledger))
                await asyncio.sleep(chance.uniform(0.05, 4.0))
                await stack.kill()
                with suppress(asyncio.CancelledError):
                    work.cancel()
                    await work
            await stack.serve()
            recorded = await _recorded(stack, ledger)
            await stack.stop()
    return _count(ledger, recorded)


async def _hand_in(stack: Stack, ledger: Ledger) -> None:
    """File by web and by mail, as fast as the counter takes it, until it is gone."""
    await asyncio.gather(_by_web(stack, ledger), _by_web(stack, ledger), _by_mail(stack, ledger))


async def _by_web(stack: Stack, ledger: Ledger) -> None:
    with suppress(httpx.HTTPError):
        async with stack.signed_in(APPLICANT) as rosa:
            for key in [*_unacknowledged(ledger), *(str(uuid4()) for _ in range(10_000))]:
                ledger.sent.add(key)
                filed = await rosa.file(key=key, data=PDF + key.encode())
                ledger.acknowledged[key] = filed["number"]


def _unacknowledged(ledger: Ledger) -> list[str]:
    """Return keys whose answer was lost: a program asks again with the same key."""
    return sorted(ledger.sent - ledger.acknowledged.keys())[:3]


async def _by_mail(stack: Stack, ledger: Ledger) -> None:
    with suppress(aiosmtplib.SMTPException, OSError):
        async with aiosmtplib.SMTP(
            hostname="127.0.0.1", port=stack.smtp_port, use_tls=False, start_tls=False, timeout=20
        ) as client:
            while True:
                subject = f"Pedido {uuid4()}"
                await client.sendmail("ana@ciudadana.example", ["mesadepartes@entidad.example"], citizens_mail(subject))
                ledger.mails.add(subject)


async def _recorded(stack: Stack, ledger: Ledger) -> list[dict[str, str]]:
    """Return all trámites, once every acknowledged mail is among them or patience is at an end."""
    async with stack.signed_in(CLERK) as clerk:
        with suppress(TimeoutError):
            async with asyncio.timeout(MAIL_PATIENCE_SECONDS):
                while not ledger.mails <= {each["subject"] for each in await _all(clerk)}:
                    await asyncio.sleep(1)
        return await _all(clerk)


async def _all(clerk: Desk) -> list[dict[str, str]]:
    found, after = list[dict[str, str]](), None
    while True:
        answer = await clerk.http.post("/graphql", json={"query": LIST, "variables": {"after": after}})
        page = answer.json()["data"]["tramites"]
        found += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


def _count(ledger: Ledger, recorded: list[dict[str, str]]) -> list[Figure]:
    subjects = Counter(each["subject"] for each in recorded)
    numbers = {each["subject"]: each["number"] for each in recorded}
    lost_web = sum(numbers.get(f"Solicitud {key}") != number for key, number in ledger.acknowledged.items())
    lost_mail = sum(subject not in subjects for subject in ledger.mails)
    doubled = sum(count - 1 for count in subjects.values())
    serials = sorted(int(each["number"].split("-")[2]) for each in recorded)
    gaps = sum(serial != place for place, serial in enumerate(serials, 1))
    return [
        Figure("filings acknowledged", len(ledger.acknowledged), "filings"),
        Figure("mails acknowledged", len(ledger.mails), "mails"),
        Figure("trámites recorded", len(recorded), "trámites"),
        Figure("acknowledged filings lost", lost_web, "filings", "0", lost_web == 0),
        Figure("acknowledged mails lost", lost_mail, "mails", "0", lost_mail == 0),
        Figure("filings doubled", doubled, "trámites", "0", doubled == 0),
        Figure("numbers out of line", gaps, "numbers", "0", gaps == 0),
    ]


if __name__ == "__main__":
    command_line = parser(__doc__ or "")
    command_line.add_argument("--kills", type=int, default=20)
    command_line.add_argument("--seed", type=int, default=3)
    run(command_line.parse_args(), measure)
