"""Who sent a mail: whether anybody whose word counts vouches for the address in its From. Pure, and never guesses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from intake.authentication import read_verdict
from rules.mail import Proof

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from intake.authentication import Result

RECEIVED: Final = "received"
AUTHENTICATION_RESULTS: Final = "authentication-results"

_COMMENT = re.compile(r"\([^()]*\)")
_FROM = re.compile(r"\s*from\s", re.IGNORECASE)
_BY = re.compile(r"(?:^|\s)by\s+([^\s;()]{1,255})", re.IGNORECASE)
_LONGEST_RECEIVED: Final = 2_000

_ALIGNED: Final = (("dkim", "header.d"), ("dkim", "header.i"), ("spf", "smtp.mailfrom"))
"""What vouches for a domain where no policy is published, and the property that names it (RFC 8601, 2.7)."""


@dataclass(frozen=True, slots=True)
class OwnServers:
    """
    Our own mail servers, in lower case: the ids with which they sign Authentication-Results, and their names.

    A name stands for all names below it too. Without ids, no server's word counts.
    """

    ids: frozenset[str] = frozenset()
    names: frozenset[str] = field(default=frozenset())

    def wrote(self, received: str) -> bool:
        """
        Say whether a Received field may be of one of them.

        Such a field of an inner hop names nobody from whom it had the mail, and says nothing.
        """
        text = received[:_LONGEST_RECEIVED]
        if not _FROM.match(text):
            return True
        by = _BY.search(_COMMENT.sub(" ", text))
        host = by[1].lower().rstrip(".") if by else ""
        return any(host == name or host.endswith(f".{name}") for name in self.names | self.ids)


NO_SERVERS: Final = OwnServers()


class SignatureCheck(Protocol):
    """Our own check of a mail's DKIM signatures (RFC 6376), for who has no mail server that does it."""

    async def signers_of(self, path: Path) -> frozenset[str]:
        """
        Return, in lower case, the domains (`d=`) of the signatures that hold for the mail in the file.

        Only of signatures that cover the From field and the whole body, made with a key that is good today. Looking up
        keys is bounded in time; what cannot be looked up vouches for nobody. Never raises, on any bytes.
        """
        ...


def judge_sender(
    address: str | None,
    trace: Sequence[tuple[str, str]],
    *,
    servers: OwnServers,
    signers: frozenset[str] = frozenset(),
) -> Proof:
    """
    Judge whether a mail comes from *address*, that of its one From field; None if it has no such address.

    *trace* are its Received and Authentication-Results fields from the top, names in lower case. *signers* are the
    domains whose DKIM signatures our own check found to hold. What our server found false, nothing makes true.
    """
    if address is None:
        return Proof.NONE
    domain = address.rpartition("@")[2].lower()
    found = _by_server(domain, _results(trace, servers))
    if found is Proof.NONE and any(is_aligned(domain, signer) for signer in signers):
        return Proof.PROVEN_BY_DKIM
    return found


def is_aligned(domain: str, signer: str) -> bool:
    """
    Say whether who has *signer* may speak for *domain*: it is the same, or lies above it.

    Stricter than DMARC's relaxed alignment (RFC 7489, 3.1), which takes a list of what domains are for sale below.
    """
    return domain == signer or ("." in signer and domain.endswith(f".{signer}"))


def _results(trace: Sequence[tuple[str, str]], servers: OwnServers) -> tuple[Result, ...]:
    """
    Return what our own mail server found: the first field under its id, unless a foreign server stands above it.

    Servers write at the top: what a sender wrote under our id lies below what our server wrote, or below the Received
    of whoever handed it on. Of a first field that is broken, or of those after it, nothing is believed.
    """
    for name, value in trace:
        if name == RECEIVED and not servers.wrote(value):
            break
        if name == AUTHENTICATION_RESULTS:
            verdict = read_verdict(value)
            if verdict.server in servers.ids:
                return verdict.results or ()
    return ()


def _by_server(domain: str, results: tuple[Result, ...]) -> Proof:
    policy = [result for result in results if result.method == "dmarc"]
    if len(policy) > 1:
        return Proof.NONE
    match policy[0].verdict if policy else None:
        case "fail":
            return Proof.FAILED
        case "pass":
            is_of_sender = policy[0].domain("header.from") == domain
            return Proof.PROVEN_BY_SERVER if is_of_sender else Proof.NONE
        case _:
            pass
    return Proof.PROVEN_BY_SERVER if any(_vouches(result, domain) for result in results) else Proof.NONE


def _vouches(result: Result, domain: str) -> bool:
    if result.verdict != "pass":
        return False
    named = [result.domain(name) for method, name in _ALIGNED if method == result.method]
    told = [each for each in named if each]
    return bool(told) and all(is_aligned(domain, each) for each in told)
