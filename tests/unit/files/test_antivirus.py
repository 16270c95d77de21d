"""clamd is asked rightly, and only what it has said to the end is believed: a real one, and some that lie."""

from __future__ import annotations

import time
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from files.antivirus import Address, Answer, Clamd, Patience, understand
from files.antivirus_probes import EICAR
from rules.verdicts import Scan
from tests.infected import PLAIN, zipped
from tests.rar_archives import rar5
from tests.unit.files.liars import answering, answering_early, hang_up, keeping_on, serving, sipping, stay_silent

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.clamd import ClamdServer
    from tests.unit.files.liars import Behaviour

SHORT = Patience(connect=0.2, send=0.2, answer=0.2, ping=0.2)
LARGE = bytes(2 << 20)
"""More than a system takes off a sender's hands before the receiver reads."""

FOUND = Answer(Scan.INFECTED, "Eicar-Test-Signature.UNOFFICIAL")


def test_malware_is_found_by_socket_and_by_tcp_as_deep_as_clamd_sees(clamd: ClamdServer) -> None:
    word = zipped(b"<document/>" + EICAR, "word/document.xml")
    files = [EICAR, zipped(EICAR), zipped(zipped(EICAR)), PLAIN, word, b"Solicito copia de mi expediente", b""]
    clean, marked = Answer(Scan.CLEAN), Answer(Scan.INFECTED, "Mesa.Test.Marker.UNOFFICIAL")

    for address in (clamd.by_socket, clamd.by_tcp):
        said = [Clamd(address).scan(BytesIO(file)) for file in files]

        assert said[:4] == [FOUND, FOUND, FOUND, marked]
        assert said[5:] == [clean, clean]
        assert Clamd(address).answers()


def test_file_longer_than_clamd_takes_is_partly_scanned(clamd: ClamdServer) -> None:
    for address in (clamd.by_socket, clamd.by_tcp):
        assert Clamd(address).scan(BytesIO(bytes(65 << 20))) == Answer(Scan.PARTLY, "StreamMaxLength")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("stream: OK", Answer(Scan.CLEAN)),
        ("stream: Win.Test.EICAR_HDB-1 FOUND", Answer(Scan.INFECTED, "Win.Test.EICAR_HDB-1")),
        (
            "stream: Heuristics.Limits.Exceeded.MaxFiles FOUND",
            Answer(Scan.PARTLY, "Heuristics.Limits.Exceeded.MaxFiles"),
        ),
        ("stream: Heuristics.Encrypted.PDF FOUND", Answer(Scan.PARTLY, "Heuristics.Encrypted.PDF")),
        ("stream: Heuristics.OLE2.ContainsMacros.VBA FOUND", Answer(Scan.CLEAN)),
        ("stream: Heuristics.Phishing.Email FOUND", Answer(Scan.INFECTED, "Heuristics.Phishing.Email")),
        (f"stream: {'x' * 300} FOUND", Answer(Scan.INFECTED, "x" * 200)),
        ("INSTREAM size limit exceeded. ERROR", Answer(Scan.PARTLY, "StreamMaxLength")),
        ("stream: Can't allocate memory ERROR", Answer(Scan.PENDING, trouble="no answer of a scan")),
        ("stream:  FOUND", Answer(Scan.PENDING, trouble="no answer of a scan")),
        ("other: OK", Answer(Scan.PENDING, trouble="no answer of a scan")),
        ("stream: OK\n", Answer(Scan.PENDING, trouble="no answer of a scan")),
        ("", Answer(Scan.PENDING, trouble="no answer of a scan")),
        (None, Answer(Scan.PENDING, trouble="cut off")),
    ],
)
def test_answer_means(said: str | None, meant: Answer) -> None:
    assert understand(said, is_sent=True) == meant


@pytest.mark.parametrize(
    ("behave", "file", "trouble"),
    [
        (stay_silent, b"x", "TimeoutError"),
        (stay_silent, LARGE, "TimeoutError"),
        (sipping, LARGE, "TimeoutError"),
        (hang_up, LARGE, "cut off"),
        (answering(b""), b"x", "cut off"),
        (answering(b"stream: OK"), b"x", "cut off"),
        (answering(b"stream: OK\0stream: EICAR FOUND\0"), b"x", "cut off"),
        (keeping_on, b"x", "cut off"),
        (answering(b"stream: \xff FOUND\0"), b"x", "UnicodeDecodeError"),
        (answering_early(b"stream: OK\0"), LARGE, "cut off"),
    ],
    ids=[
        "silent",
        "reads nothing",
        "sips",
        "hangs up",
        "says nothing",
        "half",
        "twice",
        "endless",
        "not ASCII",
        "too early",
    ],
)
def test_what_was_not_said_to_the_end_is_not_believed(
    tmp_path: Path, behave: Behaviour, file: bytes, trouble: str
) -> None:
    with serving(tmp_path, behave) as address:
        began = time.monotonic()
        said = Clamd(address, SHORT).scan(BytesIO(file))
        took = time.monotonic() - began

    assert took < 2 * (SHORT.send + SHORT.answer)
    assert said == Answer(Scan.PENDING, trouble=trouble)


def test_nobody_there_is_pending(tmp_path: Path) -> None:
    nowhere = Clamd(Address(path=str(tmp_path / "none")), SHORT)

    assert nowhere.scan(BytesIO(b"x")) == Answer(Scan.PENDING, trouble="FileNotFoundError")
    assert not nowhere.answers()
    with serving(tmp_path, stay_silent) as address:
        assert not Clamd(address, SHORT).answers()


def test_address_is_read_and_written() -> None:
    for text in ("unix:/run/clamav/clamd.ctl", "tcp:av.example.pe:3310", "tcp:[::1]:3310"):
        assert str(Address.parse(text)) == text
    for wrong in ("", "unix:", "unix:clamd.ctl", "tcp:host", "tcp::3310", "tcp:host:0", "tcp:host:x", "host:3310"):
        with pytest.raises(ValueError, match="is not unix"):
            Address.parse(wrong)


def test_archive_of_rar_is_not_opened_by_clamd(clamd: ClamdServer) -> None:
    assert clamd.client().scan(BytesIO(rar5(("virus.txt", PLAIN), packed=True))) == Answer(Scan.CLEAN)
