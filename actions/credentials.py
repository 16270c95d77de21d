"""Passwords and tokens: slow hashes in a bounded pool, opaque tokens of which only the hash is kept."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from actions.threads import BoundedThreads
from actions.transaction import tx
from models.people import User
from rules.people import normal_password
from rules.refusals import TooManyRequests

if TYPE_CHECKING:
    from collections.abc import Callable

    from actions.tools import Tools

TOKEN_BYTES = 32
QUEUE_LENGTH = 32
NOBODY = f"$argon2id$v=19$m={{memory}},t={{passes}},p=1${'A' * 22}${'A' * 43}"
"""A hash of nothing: to try a password on it takes as long as on any, and it is never right."""


class TooManySignIns(TooManyRequests):
    """The queue of passwords to be hashed is full."""

    code = "BUSY"

    def __init__(self) -> None:
        super().__init__("El servicio está atendiendo muchos ingresos en este momento. Vuelva a intentar en un minuto.")


class PasswordPool:
    """
    Argon2id (19 MiB, 2 passes, 1 lane: OWASP's minimum) in as many threads as there are cores.

    At most 32 passwords wait; further ones are refused before any work is done.
    """

    def __init__(self, threads: int | None = None, *, passes: int = 2, memory_kib: int = 19_456) -> None:
        self._argon2 = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        cores = threads or os.cpu_count() or 1
        self._threads = BoundedThreads(cores, "argon2", most=QUEUE_LENGTH, refusal=TooManySignIns)
        self._dummy = NOBODY.format(memory=memory_kib, passes=passes)

    async def hash(self, password: str) -> str:
        """
        Return the Argon2id hash of *password*, with its parameters and salt.

        Raises:
            TooManySignIns: the queue is full.
        """
        return await self._threads.run(lambda: self._argon2.hash(password))

    async def matches(self, password: str, *, kept: str | None) -> bool:
        """
        Tell whether *password* is the one whose hash is *kept*; without one, take the same time and say no.

        Raises:
            TooManySignIns: the queue is full.
        """
        return await self._threads.run(lambda: self._verify(kept or self._dummy, password)) and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with other parameters than those of today."""
        return self._argon2.check_needs_rehash(kept)

    def close(self) -> None:
        """Let the threads end."""
        self._threads.close()

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._argon2.verify(kept, password)
        except VerificationError:
            return False


def new_token(random_bytes: Callable[[int], bytes]) -> str:
    """Return an opaque token of 256 random bits, URL-safe."""
    return base64.urlsafe_b64encode(random_bytes(TOKEN_BYTES)).rstrip(b"=").decode()


async def refresh_hash(tools: Tools, user: User, password: str) -> None:
    """
    Hash anew, with today's parameters, a password that was just found right; nothing to do if it is so hashed already.

    Call it after a sign-in that succeeded. If the password was changed meanwhile, that change stays.

    Raises:
        TooManySignIns: too many passwords wait to be hashed.
    """
    if not tools.hasher.is_outdated(user.password_hash):
        return
    fresh = await tools.hasher.hash(normal_password(password))
    async with tx():
        await User.filter(id=user.id, password_hash=user.password_hash).update(password_hash=fresh)
