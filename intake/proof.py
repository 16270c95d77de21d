"""Who sent a mail: whether anybody whose word counts vouches for the address in its From. Pure, and never guesses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from intake.anatomy import Suspicion
from intake.authentication import read_verdict
from rules.mail import Proof

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from intake.anatomy import ParsedMail
    from intake.authentication import Result

_COMMENT = re.compile(r"\([^()]*\)")
_FROM = re.compile(r"\s*from\s", re.IGNORECASE)
_BY = re.compile(r"(?:^|\s)by\s+([^\s;()]{1,255})", re.IGNORECASE)
_LONGEST_RECEIVED: Final = 2_000
_TWO_FACED: Final = frozenset(
    {
        Suspicion.TWO_FROM,
        Suspicion.NUL_IN_HEADER,
        Suspicion.BARE_CR_IN_HEADER,
        Suspicion.BROKEN_HEADER,
        Suspicion.HEADER_TOO_LONG,
        Suspicion.TOO_MANY_FIELDS,
    }
)
"""Headers that our mail server and we may have read in two ways: what it found is not about what we see."""

_ALIGNED: Final = (("dkim", "header.d"), ("dkim", "header.i"), ("spf", "smtp.mailfrom"))
"""What vouches for a domain where no policy is published, and the property that names it (RFC 8601, 2.7)."""


@dataclass(frozen=True, slots=True)
class OwnServers:
    """
    Our own mail servers, in lower case: the ids with which they sign Authentication-Results, and their names.

    A name stands for all names below it too. Without ids, no server's word counts.
    """

    ids: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def wrote(self, received: str) -> bool:
        """
        Say whether a Received field may be of one of them.

        Such a field of an inner hop names nobody from whom it had the mail, and says nothing.
        """
        text = received[:_LONGEST_RECEIVED]
        if not _FROM.match(text):
            return True
        hosts = [host.lower().rstrip(".") for host in _BY.findall(_COMMENT.sub(" ", text))]
        return bool(hosts) and all(self._has(host) for host in hosts)

    def named_in(self, received: str) -> bool:
        """Say whether a Received field names one of them as who wrote it, and from whom it had the mail."""
        return bool(_FROM.match(received)) and self.wrote(received)

    def _has(self, host: str) -> bool:
        return any(host == name or host.endswith(f".{name}") for name in self.names | self.ids)


NO_SERVERS: Final = OwnServers()


class SignatureCheck(Protocol):
    """Our own check of a mail's DKIM signatures (RFC 6376), for who has no mail server that does it."""

    async def signers_of(self, path: Path, *, domain: str, received_at: datetime) -> frozenset[str]:
        """
        Return, in lower case, the domains (`d=`) of the signatures that hold for the mail in the file.

        Only of signatures that may speak for *domain*, cover From, Subject and the whole body, had not expired when it
        was received, and are made with a key that is good today. Looking up keys is bounded in time; what cannot be
        looked up vouches for nobody. Never raises, on any bytes.
        """
        ...


def judge_sender(mail: ParsedMail, *, servers: OwnServers, signers: frozenset[str] = frozenset()) -> Proof:
    """
    Judge whether a mail comes from the address of its one From field; without such an address, it does not.

    *signers* are the domains whose DKIM signatures our own check found to hold. What our server found false, nothing
    makes true.
    """
    domain = domain_of_sender(mail)
    if domain is None:
        return Proof.NONE
    found = _by_server(domain, _results(mail, servers))
    if found is Proof.NONE and any(is_aligned(domain, signer) for signer in signers):
        return Proof.PROVEN_BY_DKIM
    return found


def domain_of_sender(mail: ParsedMail) -> str | None:
    """Return, in lower case, the domain of the one address in its one From field; None if readers may see another."""
    if mail.sender_address is None or len(mail.from_addresses) != 1 or mail.suspicions & _TWO_FACED:
        return None
    return mail.sender_address.rpartition("@")[2].lower()


def is_aligned(domain: str, signer: str) -> bool:
    """
    Say whether who has *signer* may speak for *domain*: it is the same, or lies above it.

    Stricter than DMARC's relaxed alignment (RFC 7489, 3.1), which takes a list of what domains are for sale below.
    """
    return domain == signer or ("." in signer and domain.endswith(f".{signer}"))


def _results(mail: ParsedMail, servers: OwnServers) -> tuple[Result, ...]:
    """
    Return what our own mail server found: the first field under its id, unless a foreign server stands above it.

    Servers write at the top: what a sender wrote under our id lies below what our server wrote, or below the Received
    of whoever handed it on. If the first field is broken, nothing is believed, of it or of those after it.
    """
    for found in mail.authentication_results:
        verdict = read_verdict(found.value)
        if verdict.server in servers.ids:
            above = mail.received[: found.received_above]
            is_ours = len(above) == found.received_above and all(servers.wrote(each) for each in above)
            return verdict.results or () if is_ours else ()
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
