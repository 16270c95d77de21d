"""How long the first start from a fresh clone takes, downloads included, and a restart; beside a bare Python start."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from benchmarks.figures import Figure, parser, run
from tests.journeys.parts import ROOT
from tests.journeys.stack import free_ports

if TYPE_CHECKING:
    import argparse
    from asyncio.subprocess import Process

PATIENCE_SECONDS = 600.0
FIRST_TARGET_SECONDS = 90.0
RESTART_TARGET_SECONDS = 5.0


async def measure(arguments: argparse.Namespace) -> list[Figure]:
    """Clone, `make run`, stop, and start again as often as asked for."""
    with tempfile.TemporaryDirectory(prefix="mesa-starts-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        environ = _environ()
        first = await _start_and_stop(clone, environ)
        restarts = [await _start_and_stop(clone, environ) for _ in range(arguments.restarts)]
    best = min(restarts)
    return [
        Figure("first start, from a clone without a venv", first, "s", f"< {FIRST_TARGET_SECONDS:g}", first < 90),
        Figure("restart, best", best, "s", f"< {RESTART_TARGET_SECONDS:g}", best < RESTART_TARGET_SECONDS),
        Figure("restart, worst", max(restarts), "s"),
        Figure("python -c 'import strawberry, tortoise'", _bare_import(), "s"),
    ]


def _environ() -> dict[str, str]:
    http_port, smtp_port, imap_port = free_ports(3)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    ports = {"MESA_HTTP_PORT": http_port, "MESA_SMTP_PORT": smtp_port, "MESA_IMAP_PORT": imap_port}
    return kept | {name: str(port) for name, port in ports.items()}


async def _start_and_stop(clone: Path, environ: dict[str, str]) -> float:
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        "make", "run", cwd=clone, env=environ, start_new_session=True,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    await _serves(process, int(environ["MESA_HTTP_PORT"]))
    took = time.perf_counter() - began
    os.killpg(process.pid, signal.SIGINT)
    await asyncio.wait_for(process.wait(), PATIENCE_SECONDS)
    return took


async def _serves(process: Process, port: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS), httpx.AsyncClient() as http:
        while process.returncode is None:
            try:
                if (await http.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.02)
    raise RuntimeError("make run ended before it served")


def _bare_import() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import strawberry, tortoise"], check=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    command_line = parser(__doc__ or "")
    command_line.add_argument("--restarts", type=int, default=3)
    run(command_line.parse_args(), measure)
