"""Starts a program under limits: `python -m files.confined PARENT MEMORY_BYTES CPU_SECONDS PROGRAM ARGUMENT…`."""

from __future__ import annotations

import os
import resource
import sys

from files.jail_child import die_with, limit


def main(parent: str, memory_bytes: str, cpu_seconds: str, *command: str) -> None:
    """Give up what the program does not need, then become it."""
    die_with(int(parent))
    limit(int(memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_seconds), int(cpu_seconds)))
    os.execvp(command[0], command)  # noqa: S606 - what is started is named by whoever starts this


if __name__ == "__main__":
    main(*sys.argv[1:])
