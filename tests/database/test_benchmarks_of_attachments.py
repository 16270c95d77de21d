"""The benchmarks of attachments do what they say, with few of each."""

from __future__ import annotations

import asyncio
import os
import random
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks import attachments, file_texts, finding_in_files
from benchmarks.attachments_scan import another, scan
from benchmarks.attachments_upload import Client
from benchmarks.file_texts import add_texts
from benchmarks.finding_in_files import QUESTIONS
from benchmarks.ground import WebPart
from mesadepartes.multitude import multiply
from models.files import Content
from reading.filters import Filter
from reading.finding import counted_of
from reading.narrowing import narrowed
from rules.access import Role
from rules.orders import TramiteOrder
from rules.workdays import day_of
from tests.api import make_feed, served

if TYPE_CHECKING:
    from reading.access import Viewer
    from tests.counter import Counter
    from tests.servers.postgres import Database

FILED = 60


async def test_scans_are_uploaded_as_by_somebody_and_judged(counter: Counter, database: Database) -> None:
    form = counter.registration()
    maria = await counter.register(identity_number=form.identity_number, email=form.email)
    token = (await counter.begin_session(form)).token
    async with served(counter, make_feed(database)) as site:
        port = urlsplit(str(site.http.base_url)).port
        assert port is not None
        client, content = Client(WebPart(port, os.getpid()), token), scan(1)
        for number in range(2):
            await asyncio.to_thread(client.upload, another(content, number))

    sizes = [row.size_bytes for row in await Content.filter(uploads__owner_id=maria.user_id)]
    assert sizes == [len(content)] * 2
    assert client.resident_mb() > 1


async def test_each_question_finds_in_files_what_its_name_says(counter: Counter, database: Database) -> None:
    clerk = await counter.register(role=Role.CLERK, office=file_texts.OFFICE)
    supervisor = await counter.register(role=Role.SUPERVISOR)
    await multiply(counter.tools, database.owner_url, FILED, chance=random.Random(1), told=lambda _: None)
    everything = await found(counter, supervisor, None)

    await add_texts(database.owner_url)

    by_all = {name: await found(counter, supervisor, words) for name, words in QUESTIONS.items()}
    by_clerk = {name: await found(counter, clerk, words) for name, words in QUESTIONS.items()}
    assert by_all["a frequent word"] == everything
    assert 0 < len(by_all["a rare word"]) <= 5
    assert 0 < len(by_all["a phrase"]) <= FILED // 5
    assert by_all["a phrase of frequent words that is nowhere"] == set()
    assert by_clerk["a frequent word of one office"] == by_all["a frequent word of one office"] != set()
    assert by_clerk["a frequent word no file of the office has"] == set()
    assert by_all["a frequent word no file of the office has"]


async def found(counter: Counter, viewer: Viewer, words: str | None) -> set[object]:
    order = TramiteOrder.SENT_LATEST_FIRST
    parts = await narrowed(viewer, Filter(in_files=words), order, today=day_of(counter.clock()))
    return {id_ for part in parts for id_ in await counted_of(part)}


def test_they_say_what_they_can_be_told() -> None:
    assert attachments.command_line().parse_args(["--rounds", "1", "--at-once", "2"]).at_once == 2
    assert finding_in_files.command_line().parse_args([]).rows == 100_000
