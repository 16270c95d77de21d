"""In which turn tests are run, and which files in one process, so that at the end no process waits long for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xdist.scheduler import LoadFileScheduling

if TYPE_CHECKING:
    import pytest

COMMON = "tests/journeys, on the common counter"
ON_THE_COMMON_COUNTER = (
    "tests/journeys/test_readme.py",
    "tests/journeys/test_manual.py",
    "tests/journeys/test_receipt_by_mail.py",
    "tests/journeys/test_run.py",
)
"""In this order: the README's newcomer comes first, and what is killed last."""

LONGEST_FIRST = (
    *ON_THE_COMMON_COUNTER,
    "tests/journeys/test_filing_killed.py",
    "tests/journeys/test_intake_killed.py",
    "tests/journeys/test_mail_damage.py",
    "tests/journeys/test_benchmark_of_receipts.py",
    "tests/journeys/test_desk_day.py",
    "tests/browser/",
    "tests/clients/",
    "tests/journeys/",
    "tests/database/test_matrix.py",
    "tests/database/",
)
"""Where tests are that take long; the short ones of the rest fill up what is left of the time."""


def turn_of(item: pytest.Item) -> int:
    """Return in which turn a test is run; within one the order stays."""
    turns = [turn for turn, place in enumerate(LONGEST_FIRST) if item.nodeid.startswith(place)]
    return turns[0] if turns else len(LONGEST_FIRST)


class FilesTogether(LoadFileScheduling):
    """Gives each file to one process, and to one process all those that share a counter."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return COMMON if file in ON_THE_COMMON_COUNTER else file
