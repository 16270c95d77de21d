"""The round that tells in time that the certificate of the seal ends."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from actions.rounds import ROUNDS
from actions.seal_watch import watch_seal

if TYPE_CHECKING:
    from tests.counter import Counter


@pytest.mark.parametrize(
    ("at", "levels", "told"),
    [
        (datetime(2098, 11, 1, tzinfo=UTC), [], ""),
        (datetime(2098, 12, 3, tzinfo=UTC), [logging.WARNING], "ends on 2099-01-01: renew it"),
        (datetime(2099, 1, 2, tzinfo=UTC), [logging.ERROR], "expired on 2099-01-01"),
    ],
)
async def test_the_end_of_the_certificate_is_told_in_time(
    counter: Counter, caplog: pytest.LogCaptureFixture, at: datetime, levels: list[int], told: str
) -> None:
    counter.clock.at = at

    with caplog.at_level(logging.WARNING, "actions.seal_watch"):
        await watch_seal(counter.tools)
        await watch_seal(replace(counter.tools, own_seal=None))

    assert [each.levelno for each in caplog.records if each.name == "actions.seal_watch"] == levels
    assert told in caplog.text
    assert watch_seal in [each.work for each in ROUNDS]
