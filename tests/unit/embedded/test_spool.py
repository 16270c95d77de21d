"""Names, order and dates of spooled mail."""

from __future__ import annotations

import os
import resource
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mesadepartes.embedded.mail import next_uid_validity
from mesadepartes.embedded.mailbox import header_size
from mesadepartes.embedded.spool import Spool, arrived_at


def test_spool_returns_mail_in_the_order_it_came(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.prepare()

    kept = [spool.keep(b"%d" % number) for number in range(20)]

    assert spool.kept() == kept
    assert [path.read_bytes() for path in kept] == [b"%d" % number for number in range(20)]


def test_mail_for_which_there_is_no_room_leaves_nothing_behind(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.prepare()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))

    try:
        with pytest.raises(OSError, match="too large"):
            spool.keep(b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert list(spool.folder.iterdir()) == []


def test_arrival_is_read_from_the_name_whatever_happens_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "20261125T152804.123456789Z-9f86d081.eml"
    path.touch()
    os.utime(path, (0, 0))

    assert arrived_at(path) == datetime(2026, 11, 25, 15, 28, 4, tzinfo=UTC)


def test_mail_put_there_by_hand_has_the_date_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "solicitud.eml"
    path.touch()
    os.utime(path, (1_700_000_000, 1_700_000_000))

    assert arrived_at(path) == datetime.fromtimestamp(1_700_000_000, UTC)


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (b"A: b\r\n\r\nbody", 8),
        (b"A: b\n\nbody\r\n\r\n", 6),
        (b"A: b\r\n", 6),
        (b"\r\nbody", 2),
        (b"\nbody\n\n", 1),
        (b"", 0),
    ],
)
def test_header_ends_with_the_first_empty_line(content: bytes, size: int) -> None:
    assert header_size(content) == size


def test_uid_validity_grows_even_when_the_clock_goes_back(tmp_path: Path) -> None:
    (tmp_path / "uidvalidity").write_text("4000000000")

    assert [next_uid_validity(tmp_path / "uidvalidity") for _ in range(2)] == [4000000001, 4000000002]


@pytest.mark.parametrize("left", [b"", b"176\0\0", b"nonsense"])
def test_uid_validity_that_a_power_failure_cut_short_is_no_obstacle(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "uidvalidity").write_bytes(left)

    number = next_uid_validity(tmp_path / "uidvalidity")

    assert next_uid_validity(tmp_path / "uidvalidity") > number > 1_700_000_000
