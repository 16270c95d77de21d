"""Log lines."""

from __future__ import annotations

import logging
import re
import subprocess
import sys

import asyncpg
from tortoise.exceptions import IntegrityError

from mesadepartes.telemetry import LineFormatter


def line_of(message: str, **added: object) -> str:
    record = logging.makeLogRecord({"msg": message, "levelname": "INFO", "created": 1_773_178_145.5, **added})
    return LineFormatter("web").format(record)


def test_line_has_time_level_part_sentence_and_what_was_added() -> None:
    line = line_of("Tramite observed", action="tramite_observed", attempts=2)

    assert re.fullmatch(
        r"2026-03-10T21:29:05\.500Z INFO web: Tramite observed action=tramite_observed attempts=2", line
    )


def test_what_is_logged_cannot_forge_a_line() -> None:
    line = line_of("x\n2026-01-01T00:00:00.000Z INFO web: forged", name_of_file="a\x1b[2J\r\nb")

    assert "\n" not in line
    assert "\x1b" not in line


def test_a_stack_trace_tells_where_and_what_but_not_what_the_database_quotes() -> None:
    number = "45678901"
    try:
        try:
            raise asyncpg.UniqueViolationError(f"Key (identity_number)=({number}) already exists.")
        except asyncpg.UniqueViolationError as error:
            raise IntegrityError(error) from error
    except IntegrityError as error:
        line = line_of("Unexpected error", exc_info=(type(error), error, error.__traceback__))

    assert "asyncpg.exceptions.UniqueViolationError\nthen\n" in line
    assert line.endswith("tortoise.exceptions.IntegrityError")
    assert "test_telemetry.py" in line
    assert number not in line


def test_a_stack_trace_says_what_our_own_errors_say() -> None:
    try:
        raise ValueError("A term has at least\none working day")
    except ValueError as error:
        line = line_of("Unexpected error", exc_info=(type(error), error, error.__traceback__))

    assert line.endswith("builtins.ValueError: A term has at least\\x0aone working day")


def test_a_database_that_is_away_is_not_told_anew_with_a_stack_trace_at_each_try() -> None:
    program = """
import logging
from mesadepartes.telemetry import log_to_stderr
log_to_stderr("web", "INFO")
for name in ("asyncpg.pool", "mesadepartes.database"):
    logging.getLogger(name).warning("away", exc_info=OSError("refused"))
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stderr

    assert said.count("WARNING web: away") == 1
