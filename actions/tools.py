"""What an action is given to work with; built once by the shell and passed as an argument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rules.due import DEFAULT_TERMS, DeskTerms
from rules.receipts import Letterhead
from rules.recoveries import DEFAULT_POLICY, RecoveryPolicy
from seals.seal import Seal, SealUnavailable

DEFAULT_LETTERHEAD = Letterhead()
SOURCE_PATH = "/codigo/fuente.tar.gz"
"""Where the counter gives the source of what it runs, unless it is published elsewhere."""

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

    from actions.code_studio import CodeStudio
    from actions.mail_reading import MailReader
    from actions.press import Press
    from actions.security_check import SecurityCheck
    from actions.vault import Vault
    from files.recognition import Recognizer
    from files.sieving import Sieve
    from files.staging import Staging
    from files.store import Store
    from files.text_reading import TextReader
    from files.views import FileViews
    from reading.cursors import Cursors
    from rules.verdicts import Judgement, Scan


@dataclass(frozen=True)
class Institution:
    """How the institution names itself, and where it is found."""

    name: str
    unit: str
    public_url: str
    number_prefix: str
    intake_address: str
    privacy_policy_version: str
    privacy_policy: str
    correction_keeps_date: bool = True
    takes_plus_addresses: bool = False
    """Whether mail to `mesa+something@…` arrives at the mailbox of `mesa@…`."""
    desk_terms: DeskTerms = DEFAULT_TERMS
    ruc: str | None = None
    source_url: str | None = None
    """Where the source of what runs is published; else the counter gives it itself."""
    letterhead: Letterhead = DEFAULT_LETTERHEAD

    @property
    def where_source_is(self) -> str:
        """Return where anybody finds the source of what runs."""
        return self.source_url or f"{self.public_url}{SOURCE_PATH}"


@dataclass(frozen=True)
class Limits:
    """How many bytes may wait to be filed, of one person and of all together."""

    unfiled_bytes_each: int = 500 * 2**20
    unfiled_bytes_in_all: int = 20 * 2**30


class Hasher(Protocol):
    """Slow password hashing, off the event loop, in a bounded queue."""

    async def hash(self, password: str) -> str:
        """Return the hash to keep."""
        ...

    async def matches(self, password: str, *, kept: str | None) -> bool:
        """Tell whether *password* is the one kept; takes as long when nothing is kept."""
        ...

    def is_outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with other parameters than those of today."""
        ...


class TimeStamps(Protocol):
    """A time stamping authority (RFC 3161), whose word is checked before it is believed."""

    async def stamp(self, digest: bytes) -> bytes | None:
        """
        Return the token (DER) by which the authority says that it was shown this SHA-256 by now.

        None when there is none to be had for now: it did not answer in time, or not rightly; that was logged.
        """
        ...


class Antivirus(Protocol):
    """Looks for malware in files, and in what is in them."""

    async def scan(self, paths: Sequence[Path], judgements: Sequence[Judgement]) -> list[tuple[Scan, str | None]]:
        """
        Return what is said of each file, which the sieve has found to be that, and what is called what was found.

        Never raises: what cannot be asked now is pending, and that was logged.
        """
        ...

    async def answers(self) -> bool:
        """Say whether it is there; that it went away, or came back, was logged."""
        ...

    async def faults(self) -> list[str]:
        """Return a sentence for each thing about it that is not as it should be, for those who run the counter."""
        ...


class Wake(Protocol):
    """Tells other processes, after a commit, that there is something new to read."""

    def __call__(self, channel: str) -> None:
        """Wake the listeners of *channel* soon; never fails, never waits."""
        ...


@dataclass(frozen=True)
class Tools:
    """Clock, randomness, store, press and the rest; no action reaches for anything else."""

    clock: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    institution: Institution
    store: Store
    staging: Staging
    press: Press
    sieve: Sieve
    views: FileViews
    texts: TextReader
    mails: MailReader
    hasher: Hasher
    wake: Wake
    security_check: SecurityCheck
    studio: CodeStudio
    vault: Vault
    cursors: Cursors
    limits: Limits = Limits()
    recovery: RecoveryPolicy = DEFAULT_POLICY
    trusted_proxies: tuple[str, ...] = ()
    anchor_address: str | None = None
    own_seal: Seal | None = None
    stamps: TimeStamps | None = None
    antivirus: Antivirus | None = None
    recognizer: Recognizer | None = None
    """None where no machine looks at pages without text."""

    @property
    def seal(self) -> Seal:
        """
        The institution's seal, of which every part knows the names that receipts print, and not each has the key.

        Raises:
            SealUnavailable: there is none in the settings; commands that issue and seal nothing may lack it.
        """
        if self.own_seal is None:
            raise SealUnavailable("No seal is set: MESA_SEAL_CERTIFICATE")
        return self.own_seal
