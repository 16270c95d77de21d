"""The steps of taking in a mail, each a function that can be made to kill, stop or fail whoever calls it."""

from __future__ import annotations

import errno
import functools
import inspect
import os
import signal
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from tests.crash.lives import Effect, Moment

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS: Final = {
    "lease.take": "actions.mail:take_lease",
    "imap.select": "intake.imap:ImapConnection.select",
    "imap.uids": "intake.imap:ImapConnection.uids",
    "imap.describe": "intake.imap:ImapConnection.describe",
    "imap.fetch": "intake.imap:ImapConnection.fetch",
    "imap.fetch_batch": "intake.imap:ImapConnection.fetch_batch",
    "spool.write": "intake.spool:SpooledMail.write",
    "spool.close": "intake.spool:SpooledMail.close",
    "mail.known": "reading.mail:item_of",
    "store.put": "files.store:Store.put_known",
    "store.fsync": "files.folder:fsync",
    "mail.parse": "tests.crash.in_process:InProcess.run",
    "mail.decode": "intake.handed_in:decode_part",
    "mail.record": "actions.mail:record_mail",
    "mail.claim": "actions.mail:claim_mail",
    "filing.submit": "actions.submission:submit",
    "filing.insert": "actions.submission:insert_numbered",
    "transaction.start": "asyncpg.transaction:Transaction.start",
    "transaction.commit": "asyncpg.transaction:Transaction.commit",
    "mail.wake": "actions.submission:wake",
    "mail.again": "actions.mail:record_again",
    "imap.move": "intake.imap:ImapConnection.move",
    "imap.move_together": "intake.imap:ImapConnection.move_together",
    "mail.moved": "actions.mail:record_moved",
}
"""Name and place of each, in the order in which a mail meets them."""


def replace_at(place: str, make: Callable[[Any], Any]) -> None:
    """Put `make(function)` in the place of the function, wherever modules have imported it as well."""
    module_name, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner: Any = functools.reduce(getattr, owners, import_module(module_name))
    static = inspect.getattr_static(owner, name)
    made = make(static.__func__ if isinstance(static, classmethod) else static)
    setattr(owner, name, classmethod(made) if isinstance(static, classmethod) else made)


def set_value(place: str, value: object) -> None:
    """Set a value of the product's for this process; it must be there."""
    replace_at(place, lambda _: value)


class Trap:
    """Waits at one side of a step for so many hits, then does its effect, once; what it did it notes in a log."""

    def __init__(self, step: str, moment: Moment, *, hit: int, effect: Effect, log: int) -> None:
        self._step = step
        self._moment = moment
        self._left = hit
        self._effect = effect
        self._log = log

    def wrap(self, function: Any) -> Any:
        """Return the function with the trap at its side."""
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def trapped(*arguments: Any, **named: Any) -> Any:
                self._pass(Moment.BEFORE)
                result = await function(*arguments, **named)
                self._pass(Moment.AFTER)
                return result

            return trapped

        @functools.wraps(function)
        def trapped_at_once(*arguments: Any, **named: Any) -> Any:
            self._pass(Moment.BEFORE)
            result = function(*arguments, **named)
            self._pass(Moment.AFTER)
            return result

        return trapped_at_once

    def _pass(self, moment: Moment) -> None:
        if moment is not self._moment or not self._left:
            return
        self._left -= 1
        if self._left:
            return
        os.write(self._log, f"{self._step} {moment} {self._effect}\n".encode())
        match self._effect:
            case Effect.DIE:
                os.kill(os.getpid(), signal.SIGKILL)
            case Effect.STOP:
                os.kill(os.getpid(), signal.SIGSTOP)
            case Effect.FULL:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def set_trap(step: str, moment: Moment, *, hit: int, effect: Effect, log: int) -> None:
    """Set a trap at a step, in this process."""
    replace_at(STEPS[step], Trap(step, moment, hit=hit, effect=effect, log=log).wrap)
