"""What every test shares: the real servers, and no silent skips in CI."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.turns import FilesTogether, turn_of

if TYPE_CHECKING:
    from xdist.remote import Producer

pytest_plugins = ["tests.servers.fixtures"]

# How long one example takes is a matter of who else uses the machine; what must be quick says so in its own test.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

_skipped: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let whoever has the time, or a machine for themselves, ask for more than every run can do."""
    parser.addoption("--fuzz-seconds", type=float, default=4, help="how long broken mails are made and read")
    parser.addoption("--fuzz-seed", type=int, default=1, help="where the making of broken mails begins")
    parser.addoption("--idle", action="store_true", help="hold bounds of CPU time that only an idle machine can keep")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run first what takes longest."""
    items.sort(key=turn_of)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesTogether | None:
    """Tell xdist which files belong together."""
    return FilesTogether(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_collection() -> None:
    """Let the collector rest: almost all that is made while tests are collected lives until the end."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Keep the collector from walking again and again what lives until the end: a tenth of the processor's time."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


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
