"""The two steps in the jail, on bytes that mean harm, and on what another program signed."""

from __future__ import annotations

import json
import time
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import dkim
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.dkim_seals import check_json, find_json
from tests.unit.intake.signing import DOMAIN, NAME, RECEIVED, new_key, signed

if TYPE_CHECKING:
    from pathlib import Path

SMALL: Final = b"From: ana@example.pe\r\nSubject: Pedido\r\nTo: mesa@example.org\r\n\r\nBuenos d\xc3\xadas.\r\n"
SLOWEST_SECONDS: Final = 5.0

tag_names = st.sampled_from(["v", "a", "b", "bh", "c", "d", "h", "i", "l", "q", "s", "t", "x", "z", "", "b b", "B"])
tag_values = st.text(max_size=30) | st.sampled_from(
    ["1", "rsa-sha256", DOMAIN, "from:subject", "s1", "=", ";", "\r\n "]
)
hostile = st.lists(st.tuples(tag_names, tag_values), max_size=15).map(
    lambda tags: ";".join(f"{name}={value}" for name, value in tags).encode("utf-8", "surrogatepass")
)


@cache
def signed_once() -> bytes:
    """Return a small mail with a signature to which each byte of it matters."""
    return signed(SMALL, c="simple/simple")


def found_in(path: Path, content: bytes) -> Any:
    path.write_bytes(content)
    return json.loads(find_json(asked(path)))


def checked_in(path: Path, *keys: tuple[int, str]) -> Any:
    return json.loads(check_json(asked(path, keys=keys)))


def asked(path: Path, **more: object) -> bytes:
    return json.dumps({"path": str(path), "domain": DOMAIN, "at": RECEIVED, **more}).encode()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=hostile, end=st.sampled_from([b"\r\n", b"\n", b"", b"\r", b"\0\r\n"]))
def test_hostile_signatures_are_read_without_an_exception_and_found_by_nobody(
    tmp_path: Path, field: bytes, end: bytes
) -> None:
    assert found_in(tmp_path / "mail", b"DKIM-Signature: " + field + end + SMALL) == []
    assert checked_in(tmp_path / "mail", (0, new_key().published())) == []


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_signature_of_which_anything_was_changed_does_not_hold(tmp_path: Path, data: st.DataObject) -> None:
    content = signed_once()
    at = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[at]))
    changed = content[:at] + bytes([byte]) + content[at + 1 :]

    found = found_in(tmp_path / "mail", changed)
    signers = checked_in(tmp_path / "mail", *((place, new_key().published()) for place, _ in found))

    is_signature = content.index(b" b=") + 3 <= at < content.index(b"From:") - 1
    assert signers == [] or is_signature or changed.rstrip() == content.rstrip()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=st.text(max_size=200) | hostile.map(lambda each: "v=DKIM1; p=" + each.decode("latin-1")))
def test_hostile_keys_vouch_for_nobody(tmp_path: Path, record: str) -> None:
    assert found_in(tmp_path / "mail", signed_once()) == [[0, NAME]]
    assert checked_in(tmp_path / "mail", (0, record)) == []


def test_keys_in_pieces_vouch_for_nobody(tmp_path: Path) -> None:
    assert found_in(tmp_path / "mail", signed_once()) == [[0, NAME]]
    whole = new_key().published()

    assert [checked_in(tmp_path / "mail", (0, whole[:end])) for end in range(0, len(whole) - 1, 3)] == (
        [[]] * len(range(0, len(whole) - 1, 3))
    )
    assert checked_in(tmp_path / "mail", (0, whole)) == [DOMAIN]


def test_signatures_made_to_take_long_do_not(tmp_path: Path) -> None:
    many = b":".join([b"x"] * 3000)
    fields = [
        b"v=1; b" + b"\r\n " * 2000 + b"=;",
        b"v=1; b=" + b"A \r\n " * 1500,
        b"v=1;" + b"a=b;" * 1800,
        b"v=1; a=rsa-sha256; d=example.pe; s=s1; bh=AA; b=AA; h=from:subject:" + many,
        b"v=1; a=rsa-sha256; d=example.pe; s=s1; bh=AA; b=AA; h=" + b"from:" * 1500,
    ]
    began = time.process_time()

    for field in fields:
        content = (b"DKIM-Signature: " + field + b"\r\n") * 20 + SMALL
        assert found_in(tmp_path / "mail", content) == []
        assert checked_in(tmp_path / "mail", *((place, new_key().published()) for place in range(20))) == []
    assert time.process_time() - began < SLOWEST_SECONDS


def test_a_signature_folded_so_that_reading_it_takes_long_is_not_read(tmp_path: Path) -> None:
    folded = signed_once().replace(b"\r\n b=", b"\r\n q=dns/txt; b" + b"\r\n " * 2000 + b"x=1; b=", 1)

    assert found_in(tmp_path / "mail", folded) == []


def test_what_another_program_signed_holds(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    names = [b"from", b"subject", b"to", b"from", b"subject", b"cc"]
    field = dkim.sign(SMALL, b"s1", DOMAIN.encode(), pem, include_headers=names)
    numbers = key.private_numbers()
    record = type(new_key())(numbers.public_numbers.n, 65537, numbers.d).published()
    (tmp_path / "mail").write_bytes(field + SMALL)
    now = int(time.time())

    found = json.loads(find_json(json.dumps({"path": str(tmp_path / "mail"), "domain": DOMAIN, "at": now}).encode()))
    keys = json.dumps({"path": str(tmp_path / "mail"), "domain": DOMAIN, "at": now, "keys": [[0, record]]}).encode()

    assert found == [[0, NAME]]
    assert json.loads(check_json(keys)) == [DOMAIN]
