"""How often somebody may knock, at which door; and at which doors the security check is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

from rules.refusals import InvalidInput, TooManyRequests


class Door(StrEnum):
    """What strangers may try without being signed in, or try again and again."""

    SECURITY_CHECK = "SECURITY_CHECK"
    SECURITY_CODE = "SECURITY_CODE"
    CHECK_DATA = "CHECK_DATA"
    REGISTER = "REGISTER"
    SIGN_IN = "SIGN_IN"
    VERIFY_EMAIL = "VERIFY_EMAIL"
    RECOVER_BY_EMAIL = "RECOVER_BY_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105 - a door
    RECOVER_BY_DATA = "RECOVER_BY_DATA"
    CLAIM_IDENTITY = "CLAIM_IDENTITY"
    CONFIRM = "CONFIRM"
    SECOND_FACTOR = "SECOND_FACTOR"
    PUBLIC_STATUS = "PUBLIC_STATUS"
    RECEIPT_LOG = "RECEIPT_LOG"
    MAIL_LINK = "MAIL_LINK"
    COMPLETE_FILING = "COMPLETE_FILING"
    RECEIPT_AGAIN = "RECEIPT_AGAIN"


@dataclass(frozen=True, slots=True)
class Client:
    """From where a request comes: its network address as text (empty: none), and the device it says to be."""

    address: str = ""
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """*burst* attempts at once, and as many again in each *period*, evenly."""

    burst: int
    period: timedelta

    @property
    def interval(self) -> timedelta:
        """How long it takes until one more attempt is free."""
        return self.period / self.burst

    @property
    def tolerance(self) -> timedelta:
        """How far ahead of the even pace the burst may run."""
        return self.interval * (self.burst - 1)


FORGOTTEN_AFTER: Final = timedelta(days=1)
"""After so long a rest, attempts that did not succeed are no longer counted as in a row."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Some quick attempts, then pauses of 1, 2, 4 … seconds up to the longest; success, or a day of rest, forgives."""

    quick: int = 5
    longest: timedelta = timedelta(minutes=15)
    forgotten_after: timedelta = FORGOTTEN_AFTER

    def pause_after(self, failures: int) -> timedelta:
        """Return how long to wait after so many attempts in a row that did not succeed."""
        if failures < self.quick:
            return timedelta()
        return min(timedelta(seconds=2 ** min(failures - self.quick, 20)), self.longest)


@dataclass(frozen=True, slots=True)
class DoorRule:
    """
    What holds at a door: for one network address, for one account that is tried, and for everybody together.

    With *account_everywhere* the back-off of an account is counted for each network apart, and this pace is that of all
    networks together: whoever tries somebody's number from elsewhere makes them wait a moment at most.
    """

    address: Rate
    everybody: Rate
    account: Rate | Backoff | None = None
    account_everywhere: Rate | None = None
    needs_proof: bool = False


_MINUTES_10 = timedelta(minutes=10)
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)

DOORS: Final[Mapping[Door, DoorRule]] = {
    Door.SECURITY_CHECK: DoorRule(Rate(120, _MINUTES_10), Rate(3_000, _MINUTE)),
    Door.SECURITY_CODE: DoorRule(Rate(20, _MINUTES_10), Rate(120, _MINUTE)),
    Door.CHECK_DATA: DoorRule(Rate(60, _MINUTES_10), Rate(600, _MINUTE)),
    Door.REGISTER: DoorRule(Rate(20, _HOUR), Rate(200, _MINUTE), Rate(5, _HOUR), needs_proof=True),
    Door.SIGN_IN: DoorRule(Rate(60, _MINUTES_10), Rate(600, _MINUTE), Backoff(), Rate(60, _HOUR), needs_proof=True),
    Door.VERIFY_EMAIL: DoorRule(Rate(60, _MINUTES_10), Rate(600, _MINUTE), Rate(60, _HOUR)),
    Door.RECOVER_BY_EMAIL: DoorRule(Rate(20, _HOUR), Rate(200, _MINUTE), Rate(5, _HOUR), needs_proof=True),
    Door.RESET_PASSWORD: DoorRule(Rate(60, _MINUTES_10), Rate(600, _MINUTE), Rate(20, _HOUR)),
    Door.RECOVER_BY_DATA: DoorRule(Rate(10, _HOUR), Rate(100, _MINUTE), Rate(10, _DAY), needs_proof=True),
    Door.CLAIM_IDENTITY: DoorRule(Rate(5, _DAY), Rate(60, _MINUTE), Rate(10, _DAY), needs_proof=True),
    Door.CONFIRM: DoorRule(Rate(60, _MINUTES_10), Rate(600, _MINUTE), Backoff()),
    Door.SECOND_FACTOR: DoorRule(Rate(60, _MINUTES_10), Rate(600, _MINUTE), Backoff()),
    Door.COMPLETE_FILING: DoorRule(Rate(30, _HOUR), Rate(300, _MINUTE)),
    Door.RECEIPT_AGAIN: DoorRule(Rate(60, _HOUR), Rate(600, _MINUTE), Rate(5, _HOUR)),
    Door.PUBLIC_STATUS: DoorRule(Rate(30, _MINUTE), Rate(1_200, _MINUTE)),
    Door.RECEIPT_LOG: DoorRule(Rate(60, _MINUTE), Rate(1_200, _MINUTE)),
    Door.MAIL_LINK: DoorRule(Rate(60, _MINUTES_10), Rate(600, _MINUTE)),
}

WARN_AFTER: Final = 10
"""So many attempts to sign in that failed, one after the other, are told to the holder of the account."""


class TooManyAttempts(TooManyRequests):
    """Somebody knocked too often; waiting is enough, and nobody is locked out for good."""

    code = "TOO_MANY_ATTEMPTS"

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, -(-wait // timedelta(seconds=1)))
        super().__init__(
            f"Hubo demasiados intentos. Vuelva a intentar en {_say(seconds)}.", retry_after_seconds=seconds
        )


class ProofMissing(InvalidInput):
    """The security check was not answered."""

    code = "SECURITY_CHECK_MISSING"

    def __init__(self) -> None:
        super().__init__("Complete la casilla de seguridad para continuar.", path=("proof",))


class ProofWrong(InvalidInput):
    """The answer to the security check is wrong."""

    code = "SECURITY_CHECK_WRONG"

    def __init__(self) -> None:
        super().__init__(
            "La respuesta a la casilla de seguridad no es correcta. Pida otra e intente de nuevo.", path=("proof",)
        )


class ProofExpired(InvalidInput):
    """The security check was answered too late, or its answer was used before."""

    code = "SECURITY_CHECK_EXPIRED"

    def __init__(self) -> None:
        super().__init__("La casilla de seguridad venció o ya se usó. Complétela otra vez.", path=("proof",))


def _say(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} segundos" if seconds != 1 else "1 segundo"
    return f"{-(-seconds // 60)} minutos"


def address_of(peer: str, forwarded_for: str | None, trusted: Sequence[str]) -> str:
    """
    Return from which address a request comes: that of the connection, or what our own proxies say of it.

    *trusted* are the networks of those proxies. Of `X-Forwarded-For` the last address counts that is none of theirs:
    what stands before it was written by whoever sent the request.
    """
    networks = [ip_network(each) for each in trusted]
    said = [each for each in (forwarded_for or "").replace(" ", "").split(",") if each]
    hops = [peer, *reversed(said[-MOST_HOPS:])] if networks else [peer]
    return next((hop for hop in hops if not any(_lies_in(hop, network) for network in networks)), peer)


MOST_HOPS: Final = 10


def _lies_in(address: str, network: IPv4Network | IPv6Network) -> bool:
    try:
        return ip_address(address) in network
    except ValueError:
        return False
