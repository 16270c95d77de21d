"""What the settings build."""

from __future__ import annotations

import subprocess
import sys

import pytest

from intake.dkim_check import DkimCheck
from mesadepartes.settings import Settings
from mesadepartes.wiring import signature_check


@pytest.mark.parametrize(("is_checked", "environ"), [(True, {}), (False, {"MESA_DKIM_CHECK": "no"})])
async def test_signatures_are_checked_unless_that_is_switched_off(is_checked: bool, environ: dict[str, str]) -> None:
    async with signature_check(Settings.from_environ(environ)) as signatures:
        assert isinstance(signatures, DkimCheck) is is_checked


def test_what_checks_signatures_is_loaded_when_one_is_looked_at() -> None:
    """Its libraries weigh 20 MB, which a counter without signed mail does not carry."""
    told = "import sys, intake.dkim_check, intake.dkim_keys; sys.exit(bool({'dns', 'dkim'} & sys.modules.keys()))"

    assert subprocess.run([sys.executable, "-c", told], check=False).returncode == 0
