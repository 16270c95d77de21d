"""What every test shares: the real servers, and no silent skips in CI."""

from __future__ import annotations

import os

import pytest

pytest_plugins = ["tests.servers.fixtures"]

_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what was skipped; an expected failure counts as neither."""
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a session in CI that skipped anything: there every real part must be installed."""
    if os.environ.get("CI") == "true" and _skipped and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why such a session failed."""
    if os.environ.get("CI") == "true" and _skipped:
        terminalreporter.section("skipped, which CI does not accept", red=True)
        for nodeid in _skipped:
            terminalreporter.line(nodeid)
