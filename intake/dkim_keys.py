"""Keys of DKIM signatures, looked up in the DNS: bounded in time, and kept for a while."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from dns.asyncresolver import Resolver
    from dns.resolver import Answer

logger = logging.getLogger(__name__)

LOOK_UP_SECONDS: Final = 3.0
TRY_SECONDS: Final = 1.4
LONGEST_KEPT_SECONDS: Final = 3600.0
MISSING_SECONDS: Final = 300.0
FAILED_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 60.0
MOST_FAILURES: Final = 3
MOST_KEPT: Final = 1000
MOST_BYTES: Final = 4096
UDP_BYTES: Final = 1232
"""The largest answer that is not cut into pieces on its way (DNS flag day 2020)."""


class LookUpFailed(Exception):
    """The DNS gave no answer; it may another time."""


@dataclass(frozen=True, slots=True)
class Found:
    """The text under a name, None if there is none, and for how many seconds it may be kept."""

    record: str | None
    seconds: float


class Ask(Protocol):
    """Whoever answers for the DNS."""

    async def __call__(self, name: str) -> Found:
        """
        Return what stands under *name*.

        Raises:
            LookUpFailed: there was no answer.
        """
        ...


class Dns:
    """Asks the resolver of this machine; *servers* and *port* are for others than those of `/etc/resolv.conf`."""

    def __init__(self, servers: tuple[str, ...] = (), *, port: int = 53) -> None:
        self._servers = servers
        self._port = port
        self._resolver: Resolver | None = None

    async def __call__(self, name: str) -> Found:
        """
        Return the one TXT record under *name*, its strings put together (RFC 6376, 3.6.2.2); of several, none counts.

        Raises:
            LookUpFailed: no server answers, or none is known.
        """
        from dns.exception import DNSException
        from dns.resolver import NXDOMAIN, NoAnswer

        try:
            if self._resolver is None:
                self._resolver = self._new_resolver()
            answer = await self._resolver.resolve(f"{name}.", "TXT", lifetime=LOOK_UP_SECONDS)
        except (NXDOMAIN, NoAnswer):
            return Found(None, MISSING_SECONDS)
        except (DNSException, OSError, ValueError) as error:
            self._resolver = None  # the file that names the servers is read anew
            raise LookUpFailed(type(error).__name__) from error
        return Found(_text_of(answer), answer.rrset.ttl if answer.rrset else 0)

    def _new_resolver(self) -> Resolver:
        from dns.asyncresolver import Resolver

        resolver = Resolver(configure=not self._servers)
        if self._servers:
            resolver.nameservers, resolver.port = list(self._servers), self._port
        resolver.timeout, resolver.cache = TRY_SECONDS, None
        resolver.use_edns(0, 0, UDP_BYTES)
        return resolver


def _text_of(answer: Answer) -> str | None:
    texts: list[bytes] = [b"".join(each.strings) for each in answer]
    if len(texts) != 1:
        return None
    text = texts[0]
    return text.decode("latin-1") if len(text) <= MOST_BYTES else None


_NEVER: Final = (None, -1.0)


def _domain_of(name: str) -> str:
    """Return the domain whose key stands under that name."""
    return name.partition("._domainkey.")[2]


class Keys:
    """Looks up keys, several at once, and remembers them; after mails of several domains in vain, it pauses."""

    def __init__(self, ask: Ask, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._kept: OrderedDict[str, tuple[str | None, float]] = OrderedDict()
        self._failures = 0
        self._paused_until = 0.0

    async def records_of(self, names: Collection[str]) -> dict[str, str]:
        """Return the records under those *names* that have one; it takes three seconds at most. Never raises."""
        asked = sorted({name for name in names if self._may_ask(name)})
        failures = [each for each in await asyncio.gather(*(self._look_up(name) for name in asked)) if not each]
        if failures:
            self._note_failure()
        elif asked:
            self._failures = 0
        records = {name: self._fresh(name) for name in names}
        return {name: record for name, record in records.items() if record is not None}

    def _may_ask(self, name: str) -> bool:
        """Say whether it is not known and neither all look-ups nor those of its domain are paused."""
        now = self._monotonic()
        is_paused = now < self._paused_until
        return not is_paused and all(self._kept.get(each, _NEVER)[1] <= now for each in (name, _domain_of(name)))

    def _fresh(self, name: str) -> str | None:
        record, until = self._kept.get(name, _NEVER)
        return record if self._monotonic() < until else None

    async def _look_up(self, name: str) -> bool:
        """Look a name up and keep what is found; say whether there was an answer."""
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                self._keep(name, await self._ask(name))
        except (LookUpFailed, TimeoutError):
            self._keep(_domain_of(name), Found(None, FAILED_SECONDS))
            return False
        return True

    def _keep(self, name: str, found: Found) -> None:
        self._kept.pop(name, None)
        self._kept[name] = found.record, self._monotonic() + min(found.seconds, LONGEST_KEPT_SECONDS)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def _note_failure(self) -> None:
        self._failures += 1
        if self._failures >= MOST_FAILURES:
            self._failures = 0
            self._paused_until = self._monotonic() + PAUSE_SECONDS
            logger.warning(
                "The DNS does not answer; no keys are looked up for a while", extra={"action": "dkim_paused"}
            )
