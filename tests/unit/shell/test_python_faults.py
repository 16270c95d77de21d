"""The fault of Python's email package that lets headers in is found by trying it."""

from __future__ import annotations

import logging
import sys
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from click.testing import CliRunner

from mesadepartes import python_faults
from mesadepartes.commands.check_settings import command
from tests.unit.shell.test_settings import WEB


def test_what_is_found_is_what_happens() -> None:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = python_faults.PROBE

    try:
        is_smuggled = b"\nX-Probe" in mail.as_bytes()
    except ValueError:
        is_smuggled = False

    assert python_faults.injects_headers() is is_smuggled
    assert is_smuggled or sys.version_info >= (3, 11)


def test_a_fault_is_told_by_its_name_and_a_mended_python_has_none() -> None:
    (said,) = python_faults.find_faults(is_injecting=True)

    assert python_faults.INJECTION in said
    assert python_faults.find_faults(is_injecting=False) == ()


def test_check_settings_and_the_start_of_a_part_say_what_was_found(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        python_faults.warn_of_faults()
    said = CliRunner(env={**WEB}).invoke(command, ["web"])

    assert said.exit_code == 0
    assert (python_faults.INJECTION in caplog.text) is python_faults.injects_headers()
    assert (python_faults.INJECTION in said.stderr) is python_faults.injects_headers()
