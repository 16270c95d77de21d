"""Thousands of mails that nobody wrote: none raises, stalls, vanishes, or is answered if a machine wrote it."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Final

from intake.anatomy import ParsedMail, PartKind
from intake.decoding import PartTooLarge, decode_part
from intake.parsing import parse
from intake.triage import Decision, decide
from rules.mail import MailOutcome
from tests.unit.intake.mutants import mutants

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

OWN: Final = frozenset({"mesadepartes@example.pe"})
MARKS: Final = (
    b"Auto-Submitted: auto-replied\r\n",
    b"Return-Path: <>\r\n",
    b"Precedence: bulk\r\n",
    b"X-Loop: mesadepartes@example.pe\r\n",
    b"List-Id: <vecinos.example.org>\r\n",
    b"X-Auto-Response-Suppress: All\r\n",
)
SHIELD: Final = b"X-Next: x\r\n"
"""Stands behind the mark, so that a first line which continues a field does not change it."""

AT_LEAST: Final = 1000
SLOWEST_SECONDS: Final = 2.0
ROUNDS_PER_FILE: Final = 50


def check_read(data: bytes) -> tuple[ParsedMail, Decision]:
    """Read a mail as the intake does, and check what holds for any bytes."""
    began = time.process_time()
    mail = parse(data)
    assert time.process_time() - began < SLOWEST_SECONDS
    assert ParsedMail.from_json(mail.to_json()) == mail
    assert all(0 <= part.start <= part.end <= len(data) for part in mail.parts)
    decision = decide(mail, own_addresses=OWN)
    assert isinstance(decision.outcome, MailOutcome)
    return mail, decision


def check_kept(data: bytes, mail: ParsedMail, decision: Decision) -> None:
    """Check that a mail which says or brings something is not turned away as empty."""
    says_something = mail.text or mail.subject or any(part.kind is PartKind.FILE for part in mail.parts)
    assert not (decision.outcome is MailOutcome.REJECTED and says_something), data


def check_files(path: Path, data: bytes, decision: Decision) -> None:
    """Check that the files that are filed can be decoded again, to the same length."""
    path.write_bytes(data)
    for chosen in decision.files:
        sink = io.BytesIO()
        try:
            assert decode_part(path, chosen.part, sink, limit_bytes=chosen.part.size_bytes) == chosen.part.size_bytes
        except PartTooLarge as error:
            raise AssertionError(data) from error
        assert sink.getvalue().startswith(chosen.part.head)


def test_no_broken_mail_raises_stalls_vanishes_or_is_answered_when_automatic(
    pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    until = time.monotonic() + float(pytestconfig.getoption("--fuzz-seconds") or 0)
    outcomes = dict.fromkeys(MailOutcome, 0)
    for count, data in enumerate(mutants(int(pytestconfig.getoption("--fuzz-seed") or 0))):
        mail, decision = check_read(data)
        _, marked = check_read(MARKS[count % len(MARKS)] + SHIELD + data)

        check_kept(data, mail, decision)
        assert marked.suppression is not None, data
        if decision.files and not count % ROUNDS_PER_FILE:
            check_files(tmp_path / "mail", data, decision)
        outcomes[decision.outcome] += 1
        if count >= AT_LEAST and time.monotonic() > until:
            break

    assert outcomes[MailOutcome.FILED] > AT_LEAST // 10, "what is broken is mostly not broken by much"
    assert outcomes[MailOutcome.QUARANTINED] > AT_LEAST // 10
