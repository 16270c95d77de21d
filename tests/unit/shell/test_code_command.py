"""The command that shows what a telephone would."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from mesadepartes.commands.code import command
from rules.second_factors import CODE_DIGITS

SEED = "MESADEPARTES2DEMO2CODES2CLERK222"


@pytest.mark.parametrize("given", [SEED, "-"])
def test_a_seed_gives_a_code(given: str) -> None:
    said = CliRunner().invoke(command, [given], input=f"{SEED}\n")

    assert (said.exit_code, len(said.output.strip())) == (0, CODE_DIGITS)


@pytest.mark.parametrize("seed", ["", "ABCDEFGH", "ÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑÑ", "1" * 32, "\x1b[31m", "\ud800" * 24])
def test_what_is_no_seed_is_said_in_one_line(seed: str) -> None:
    said = CliRunner().invoke(command, [seed])

    assert said.exit_code == 1
    assert said.output.startswith("Error: This is no seed")
