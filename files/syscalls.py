"""What a child of the jail asks of the kernel no more: a filter of system calls (seccomp), for x86-64 and ARM64."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

SET_FILTER: Final = 1
OF_ALL_THREADS: Final = 1

LOAD, EQUALS, AT_LEAST, HAS_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000
REFUSE, ABSENT = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
NUMBER_AT, MACHINE_AT, ARGUMENTS_AT = 0, 4, 16

CLONE_THREAD: Final = 0x10000
OTHER_TYPES: Final = 0b1110
"""Bits that each type of sockets has some of, but for streams, which are 1."""

WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


@dataclass(frozen=True)
class Machine:
    """A kind of processor: how the kernel calls it, and its numbers of calls; calls that it lacks are not there."""

    audit: int
    seccomp: int
    numbers: dict[str, int]
    foreign_from: int | None = None
    """From this number on, calls are of another convention (x32), with other numbers for the same."""


# In the order of the columns: x86-64, ARM64. None: there is no such call.
_TABLE: Final = """
socket 41 198 | socketpair 53 199 | connect 42 203 | bind 49 200 | listen 50 201 | accept 43 202 | accept4 288 242
sendmsg 46 211 | sendmmsg 307 269 | recvmsg 47 212 | recvmmsg 299 243
execve 59 221 | execveat 322 281 | fork 57 - | vfork 58 - | clone 56 220 | clone3 435 435
ptrace 101 117 | process_vm_readv 310 270 | process_vm_writev 311 271 | process_madvise 440 440 | kcmp 312 272
pidfd_open 434 434 | pidfd_getfd 438 438 | pidfd_send_signal 424 424 | process_mrelease 448 448
kill 62 129 | tkill 200 130 | tgkill 234 131 | rt_sigqueueinfo 129 138 | rt_tgsigqueueinfo 297 240
prlimit64 302 261 | setpriority 141 140 | ioprio_set 251 30 | sched_setscheduler 144 119 | sched_setparam 142 118
sched_setattr 314 274 | sched_setaffinity 203 122 | shmctl 31 195 | semop 65 193 | semtimedop 220 192 | semctl 66 191
msgctl 71 187 | msgsnd 69 189 | msgrcv 70 188
io_uring_setup 425 425 | io_uring_enter 426 426 | io_uring_register 427 427
bpf 321 280 | perf_event_open 298 241 | userfaultfd 323 282 | keyctl 250 219 | add_key 248 217 | request_key 249 218
unshare 272 97 | setns 308 268 | mount 165 40 | umount2 166 39 | pivot_root 155 41 | chroot 161 51
open_tree 428 428 | move_mount 429 429 | fsopen 430 430 | fsconfig 431 431 | fsmount 432 432 | fspick 433 433
mount_setattr 442 442 | open_by_handle_at 304 265 | name_to_handle_at 303 264 | swapon 167 224 | swapoff 168 225
init_module 175 105 | finit_module 313 273 | delete_module 176 106 | kexec_load 246 104 | kexec_file_load 320 294
reboot 169 142 | settimeofday 164 170 | clock_settime 227 112 | adjtimex 159 171 | clock_adjtime 305 266
sethostname 170 161 | setdomainname 171 162 | acct 163 89 | quotactl 179 60 | syslog 103 116 | iopl 172 - | ioperm 173 -
shmget 29 194 | shmat 30 196 | semget 64 190 | msgget 68 186 | mq_open 240 180 | mknod 133 - | mknodat 259 33
open 2 - | creat 85 - | openat 257 56 | openat2 437 437 | truncate 76 45 | ftruncate 77 46 | fallocate 285 47
unlink 87 - | unlinkat 263 35 | rename 82 - | renameat 264 38 | renameat2 316 276 | rmdir 84 - | mkdir 83 -
mkdirat 258 34 | link 86 - | linkat 265 37 | symlink 88 - | symlinkat 266 36 | chmod 90 - | fchmod 91 52
fchmodat 268 53 | fchmodat2 452 452 | chown 92 - | fchown 93 55 | lchown 94 - | fchownat 260 54
utime 132 - | utimes 235 - | futimesat 261 - | utimensat 280 88 | setxattr 188 5 | lsetxattr 189 6 | fsetxattr 190 7
removexattr 197 14 | lremovexattr 198 15 | fremovexattr 199 16
"""

NETWORK: Final = ("socket", "connect")
"""Without which nobody is reached; a jail may be let have them."""

ASKED_IN_MEMORY: Final = ("clone3", "openat2")
"""What they are asked lies where a filter cannot look: they are not there, and the C library does without."""


def _machines() -> dict[str, Machine]:
    columns: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for entry in _TABLE.replace("\n", "|").split("|"):
        if entry.strip():
            name, *numbers = entry.split()
            for column, number in zip(columns, numbers, strict=True):
                if number != "-":
                    column[name] = int(number)
    return {
        "x86_64": Machine(0xC000003E, 317, columns[0], foreign_from=0x40000000),
        "aarch64": Machine(0xC00000B7, 277, columns[1]),
    }


MACHINES: Final = _machines()


def refuse_calls(*, may_connect: bool) -> bool:
    """Have the kernel refuse this process, and its threads, what no reader of bytes needs; say whether it does."""
    machine = MACHINES.get(platform.machine())
    if machine is None:
        return False
    program = b"".join(_program(machine, os.getpid(), may_connect=may_connect))
    steps = ctypes.create_string_buffer(program, len(program))
    outline = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps)))
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.syscall(machine.seccomp, SET_FILTER, OF_ALL_THREADS, outline) == 0


def _program(machine: Machine, own: int, *, may_connect: bool) -> Iterator[bytes]:
    """Yield the steps by which each call is judged: what is not refused is allowed."""
    yield from _load(MACHINE_AT)
    yield from _unless(EQUALS, machine.audit, KILL)
    yield from _load(NUMBER_AT)
    if machine.foreign_from is not None:
        yield from _if(AT_LEAST, machine.foreign_from, REFUSE)
    for name, number in machine.numbers.items():
        if name in NETWORK and may_connect:
            continue
        if name in ASKED_IN_MEMORY:
            yield from _if(EQUALS, number, ABSENT)
        elif condition := _CONDITIONS.get(name):
            judged = b"".join(condition(own))
            yield _step(EQUALS, number, if_not=len(judged) // 8)
            yield judged
        else:
            yield from _if(EQUALS, number, REFUSE)
    yield _step(RETURN, ALLOW)


def _opens(argument: int) -> Iterator[bytes]:
    """Nothing is opened to be written."""
    yield from _load(ARGUMENTS_AT + 8 * argument)
    yield from _if(HAS_BITS, WRITES, REFUSE)
    yield _step(RETURN, ALLOW)


def _only_streams(_own: int) -> Iterator[bytes]:
    """A pair of sockets serves an event loop; by one of datagrams somebody else could be sent to."""
    yield from _load(ARGUMENTS_AT + 8)
    yield from _if(HAS_BITS, OTHER_TYPES, REFUSE)
    yield _step(RETURN, ALLOW)


def _only_threads(_own: int) -> Iterator[bytes]:
    yield from _load(ARGUMENTS_AT)
    yield from _unless(HAS_BITS, CLONE_THREAD, REFUSE)
    yield _step(RETURN, ALLOW)


def _only_itself(*allowed: int, argument: int = 0) -> Iterator[bytes]:
    """The process that it is about is this one."""
    yield from _load(ARGUMENTS_AT + 8 * argument)
    for process in allowed:
        yield from _if(EQUALS, process, ALLOW)
    yield _step(RETURN, REFUSE)


_CONDITIONS: Final[Mapping[str, Callable[[int], Iterator[bytes]]]] = {
    "open": lambda _own: _opens(1),
    "openat": lambda _own: _opens(2),
    "socketpair": _only_streams,
    "clone": _only_threads,
    "kill": lambda own: _only_itself(own),
    "tgkill": lambda own: _only_itself(own),
    "prlimit64": lambda own: _only_itself(0, own),
    "setpriority": lambda own: _only_itself(0, own, argument=1),
    "sched_setscheduler": lambda own: _only_itself(0, own),
}


def _load(at: int) -> Iterator[bytes]:
    yield _step(LOAD, at)


def _if(test: int, value: int, outcome: int) -> Iterator[bytes]:
    yield _step(test, value, if_not=1)
    yield _step(RETURN, outcome)


def _unless(test: int, value: int, outcome: int) -> Iterator[bytes]:
    yield _step(test, value, if_so=1)
    yield _step(RETURN, outcome)


def _step(code: int, value: int, *, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_so, if_not, value)
