"""The spool: content keys that do not depend on line ends, and nothing left behind."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.store import StoredContent
from intake.spool import LEFT_OVER_SECONDS, ContentKey, Spool

PIECES = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a", b"bc"]), max_size=30)


def key_of(*chunks: bytes) -> str:
    key = ContentKey()
    for chunk in chunks:
        key.update(chunk)
    return key.hexdigest()


@given(PIECES)
def test_the_key_is_of_the_whole_content_with_the_line_ends_of_imap(pieces: list[bytes]) -> None:
    content = b"".join(pieces)

    alike = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert key_of(*pieces) == hashlib.sha256(alike).hexdigest()


def test_the_key_is_the_same_whichever_line_ends_a_server_hands_out() -> None:
    assert key_of(b"Subject: a\r\n\r", b"\nbody\r\n") == key_of(b"Subject: a\n\nbody\n")
    assert key_of(b"Subject: a\r\n\r\nbody\r\n") != key_of(b"Subject: a\n\nbodies\n")


async def test_a_mail_is_whole_in_its_file_and_the_file_is_gone_afterwards(tmp_path: Path) -> None:
    async with Spool(tmp_path / "spool").new_mail() as mail:
        mail.write(b"From: a\r\n")
        mail.write(b"\r\n")
        mail.close()

        assert mail.path.read_bytes() == b"From: a\r\n\r\n"
        assert mail.content_key == key_of(b"From: a\n\n")
        assert mail.content == StoredContent(hashlib.sha256(b"From: a\r\n\r\n").hexdigest(), 11)


async def test_a_mail_with_plain_line_ends_is_stored_as_it_came(tmp_path: Path) -> None:
    async with Spool(tmp_path / "spool").new_mail() as mail:
        mail.write(b"From: a\n\n")

        assert mail.content_key == hashlib.sha256(b"From: a\r\n\r\n").hexdigest()
        assert mail.content == StoredContent(hashlib.sha256(b"From: a\n\n").hexdigest(), 9)
        mail.close()

    assert list((tmp_path / "spool").iterdir()) == []


async def test_the_file_is_gone_after_a_failure_too(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="broken"):
        async with Spool(tmp_path).new_mail() as mail:
            mail.write(b"x")
            raise ValueError("broken")

    assert list(tmp_path.iterdir()) == []


def test_only_what_is_old_is_swept_away(tmp_path: Path) -> None:
    for name in ("old.tmp", "new.tmp", "other"):
        (tmp_path / name).touch()
    long_ago = (tmp_path / "old.tmp").stat().st_mtime - LEFT_OVER_SECONDS - 60
    os.utime(tmp_path / "old.tmp", (long_ago, long_ago))

    assert Spool(tmp_path).sweep() == 1
    assert {path.name for path in tmp_path.iterdir()} == {"new.tmp", "other"}
