"""
Child side of a server that must not outlive its parent: run as a script, it becomes that server by exec.

    python -I -S leash.py PARENT_PID UID GID PROGRAM [ARGUMENT...]

A script of its own because the alternative, `preexec_fn`, is unsafe in a process with threads; and because the kernel
forgets the death signal whenever the user changes, so that it must be asked for after `setuid`.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def become(parent: int, *, uid: int, gid: int, command: list[str]) -> None:
    """Drop to *uid* when root, ask for SIGINT at the parent's death, and turn into *command*."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
    if os.getppid() != parent:
        sys.exit("the parent ended before its server began")
    os.execv(command[0], command)  # noqa: S606 - the command comes from our own launcher


if __name__ == "__main__":
    become(int(sys.argv[1]), uid=int(sys.argv[2]), gid=int(sys.argv[3]), command=sys.argv[4:])
