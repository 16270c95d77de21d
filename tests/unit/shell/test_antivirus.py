"""The antivirus as the settings name it: tried by `check-settings`, and never a reason not to start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from files.antivirus_probes import AWAY
from mesadepartes.antivirus import antivirus
from mesadepartes.commands.check_settings import command
from mesadepartes.settings import Settings
from tests.unit.shell.test_settings import WEB

if TYPE_CHECKING:
    from tests.servers.clamd import ClamdServer


def said_of(clamd: str) -> tuple[int, str]:
    """Return how `check-settings` ends, and what it says of the antivirus."""
    done = CliRunner(env={**WEB, "MESA_CLAMD": clamd}).invoke(command, ["web"])
    return done.exit_code, "\n".join(line for line in done.output.splitlines() if "ntivirus" in line or ": It" in line)


def test_check_settings_tries_the_antivirus_and_is_content_without_it(clamd: ClamdServer) -> None:
    assert said_of(str(clamd.by_tcp)) == (0, "The antivirus answers, and says what it must.")
    assert said_of("unix:/nowhere") == (0, f"MESA_CLAMD: {AWAY}")


async def test_without_the_setting_there_is_none() -> None:
    async with antivirus(Settings.from_environ({})) as none:
        assert none is None
