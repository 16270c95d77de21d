"""In CI a skipped test fails the session; elsewhere it only tells what to install."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = """
import pytest

def test_needs_a_part():
    pytest.skip("Dovecot is missing: apt-get install dovecot-imapd")

@pytest.mark.xfail
def test_known_to_fail():
    assert False
"""


@pytest.mark.parametrize(("ci", "code"), [("true", 1), ("", 0)])
def test_skip_fails_the_session_in_ci_only(tmp_path: Path, ci: str, code: int) -> None:
    (tmp_path / "test_part.py").write_text(TESTS)

    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "tests.conftest", "-c", os.devnull, str(tmp_path)]
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)}
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)

    assert result.returncode == code, result.stdout + result.stderr
    assert "apt-get install dovecot-imapd" in result.stdout
