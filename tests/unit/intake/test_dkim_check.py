"""Our own check of DKIM signatures: real keys, a real DNS server, and what must not be believed."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
import pytest_asyncio

from intake.dkim_check import CHECK, FIND, DkimCheck
from intake.dkim_keys import LOOK_UP_SECONDS, Dns, Keys
from tests.lasting_jail import LastingJail
from tests.servers.dns import LOCAL, DnsServer, dns_server
from tests.unit.intake.signing import DOMAIN, NAME, RECEIVED, new_key, signed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from pathlib import Path

AT: Final = datetime.fromtimestamp(RECEIVED, UTC)
MAIL: Final = (
    b"From: Ana <ana@example.pe>\r\nTo: mesadepartes@example.org\r\nSubject: Pedido\r\n  de  copia\r\n"
    b"Date: Mon, 9 Mar 2026 09:59:00 -0500\r\nMessage-ID: <1@example.pe>\r\n\r\n"
    b"Buenos d\xc3\xadas. \t\r\n\r\n  Adjunto  mi pedido.\r\n\r\n\r\n"
)


class Checking:
    """A check that asks a DNS server of the test."""

    def __init__(self, jail: LastingJail, server: DnsServer, folder: Path) -> None:
        self.server = server
        self._check = DkimCheck(jail, Keys(Dns((LOCAL,), port=server.port)))
        self._path = folder / "mail"

    async def signers(self, content: bytes, *, domain: str = DOMAIN, at: datetime = AT) -> set[str]:
        """Return who vouches for the mail."""
        self._path.write_bytes(content)
        return set(await self._check.signers_of(self._path, domain=domain, received_at=at))

    def publish(self, *strings: str, name: str = NAME) -> None:
        """Put a record of these strings under the name."""
        self.server.texts[name] = [list(strings)]


@pytest.fixture(scope="module")
def jail() -> Iterator[LastingJail]:
    """Return the jail of these tests."""
    jail = LastingJail([FIND, CHECK])
    yield jail
    jail.close()


@pytest_asyncio.fixture
async def checking(tmp_path: Path, jail: LastingJail) -> AsyncGenerator[Checking]:
    """Return a check, with the key of the domain published."""
    async with dns_server({NAME: [[new_key().published()]]}) as server:
        yield Checking(jail, server, tmp_path)


@pytest.mark.parametrize("ways", ["relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple", "simple"])
async def test_a_signature_over_the_whole_mail_holds(checking: Checking, ways: str) -> None:
    assert await checking.signers(signed(MAIL, c=ways)) == {DOMAIN}


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (b"mi pedido", b"su pedido"),
        (b"Pedido", b"Peligro"),
        (b"ana@example.pe", b"eva@example.pe"),
        (b"\r\n\r\nBuenos", b"\r\n\r\nMalos"),
        (b"To: mesa", b"To: otra"),
    ],
)
@pytest.mark.parametrize("ways", ["relaxed/relaxed", "simple/simple"])
async def test_what_was_changed_is_vouched_for_by_nobody(
    checking: Checking, ways: str, found: bytes, put: bytes
) -> None:
    content = signed(MAIL, c=ways)
    assert found in content

    assert await checking.signers(content.replace(found, put)) == set()


@pytest.mark.parametrize("byte", [b"\0", b"\r"])
async def test_a_header_that_readers_may_end_elsewhere_proves_nothing(checking: Checking, byte: bytes) -> None:
    field = b"X-Note: a" + byte + b"b\r\n"

    assert await checking.signers(field.replace(byte, b"") + signed(MAIL)) == {DOMAIN}
    assert await checking.signers(field + signed(MAIL)) == set()


async def test_blanks_may_change_where_the_signature_says_so(checking: Checking) -> None:
    def changed(content: bytes) -> bytes:
        return content.replace(b"Adjunto  mi", b"Adjunto mi").replace(b"\r\n  de  copia", b" de copia") + b"\r\n"

    assert await checking.signers(changed(signed(MAIL, c="relaxed/relaxed"))) == {DOMAIN}
    assert await checking.signers(changed(signed(MAIL, c="simple/simple"))) == set()


async def test_line_ends_of_the_server_do_not_matter(checking: Checking) -> None:
    assert await checking.signers(signed(MAIL).replace(b"\r\n", b"\n")) == {DOMAIN}


@pytest.mark.parametrize(
    "tags",
    [
        {"l": "10"},
        {"l": "999999"},
        {"x": str(RECEIVED)},
        {"x": str(RECEIVED - 100_000), "t": None},
        {"t": str(RECEIVED + 7200)},
        {"t": str(RECEIVED + 1800), "x": str(RECEIVED + 900)},
        {"x": "soon"},
        {"v": "2"},
        {"v": None},
        {"a": "rsa-sha1"},
        {"a": "ed25519-sha256"},
        {"q": "dns/other"},
        {"i": "ana@example.org"},
        {"d": "pe"},
        {"s": "s1 ._domainkey"},
        {"bh": "!"},
        {"c": "nowsp/nowsp"},
        {"d": "evil.pe"},
        {"z": "x" * 9000},
        {"covers": "from:subject" + ":x" * 100},
    ],
)
async def test_a_signature_of_another_kind_counts_for_nobody(checking: Checking, tags: dict[str, Any]) -> None:
    checking.publish(new_key().published(), name="s1._domainkey.evil.pe")

    assert await checking.signers(signed(MAIL, **tags)) == set()


async def test_what_expires_later_than_it_came_holds_however_late_it_is_looked_at(checking: Checking) -> None:
    content = signed(MAIL, x=str(RECEIVED + 1))

    assert await checking.signers(content) == {DOMAIN}
    assert await checking.signers(content, at=AT + timedelta(seconds=1)) == set()


@pytest.mark.parametrize("covers", ["to:subject:date", "from:to:date"])
async def test_from_and_subject_must_be_signed(checking: Checking, covers: str) -> None:
    assert await checking.signers(signed(MAIL, covers=covers)) == set()


async def test_a_mail_without_a_subject_gets_none_on_its_way(checking: Checking) -> None:
    content = signed(MAIL.replace(b"Subject: Pedido\r\n  de  copia\r\n", b""), covers="from:to")

    assert await checking.signers(content) == {DOMAIN}
    assert await checking.signers(content.replace(b"To:", b"Subject: Pago\r\nTo:")) == set()


@pytest.mark.parametrize("field", [b"From: Eva <eva@example.pe>\r\n", b"Subject: Otro\r\n"])
@pytest.mark.parametrize("is_on_top", [True, False])
async def test_a_second_from_or_subject_proves_nothing(checking: Checking, field: bytes, is_on_top: bool) -> None:
    content = signed(MAIL)
    doubled = field + content if is_on_top else content.replace(b"\r\n\r\n", b"\r\n" + field + b"\r\n", 1)

    assert await checking.signers(doubled) == set()


@pytest.mark.parametrize(
    ("expected", "tags"),
    [
        (set(), {"p": ""}),
        (set(), {"p": "x"}),
        (set(), {"p": "AAAA"}),
        (set(), {"t": "y"}),
        (set(), {"t": "s:y"}),
        (set(), {"v": "DKIM2"}),
        (set(), {"k": "ed25519"}),
        (set(), {"h": "sha1"}),
        (set(), {"s": "tlsrpt"}),
        ({DOMAIN}, {"t": "s"}),
        ({DOMAIN}, {"h": "sha1:sha256", "s": "other:email", "n": "note", "z": "unknown"}),
    ],
)
async def test_a_key_may_be_revoked_or_tried_or_for_something_else(
    checking: Checking, expected: set[str], tags: dict[str, str]
) -> None:
    checking.publish(new_key().published(**tags))

    assert await checking.signers(signed(MAIL)) == expected


async def test_a_key_that_allows_no_subdomains_does_not_vouch_for_one(checking: Checking) -> None:
    content = signed(MAIL, i="@lima.example.pe")
    assert await checking.signers(content) == {DOMAIN}

    checking.publish(new_key().published(t="s"), name=f"s2._domainkey.{DOMAIN}")
    assert await checking.signers(signed(MAIL, i="@lima.example.pe", s="s2")) == set()


@pytest.mark.parametrize(("expected", "bits"), [(set[str](), 512), ({DOMAIN}, 1024)])
async def test_a_key_that_anybody_can_break_vouches_for_nobody(
    checking: Checking, expected: set[str], bits: int
) -> None:
    key = new_key(bits)
    checking.publish(key.published())

    assert await checking.signers(signed(MAIL, key=key)) == expected


async def test_another_key_made_no_signature_of_this_one(checking: Checking) -> None:
    checking.publish(new_key(1024, "other").published())

    assert await checking.signers(signed(MAIL)) == set()


async def test_a_long_record_comes_in_several_strings(checking: Checking) -> None:
    record = new_key().published()
    checking.publish(record[:100], record[100:200], record[200:])

    assert await checking.signers(signed(MAIL)) == {DOMAIN}


async def test_of_two_records_none_counts(checking: Checking) -> None:
    checking.server.texts[NAME] = [[new_key().published()], [new_key().published(n="another")]]

    assert await checking.signers(signed(MAIL)) == set()


async def test_without_a_record_nobody_vouches(checking: Checking) -> None:
    checking.server.texts.clear()

    assert await checking.signers(signed(MAIL)) == set()
    assert checking.server.asked == [NAME]


async def test_who_has_a_domain_vouches_for_what_lies_below_and_not_the_other_way_round(checking: Checking) -> None:
    checking.publish(new_key().published(), name="s1._domainkey.lima.example.pe")
    above, below = signed(MAIL), signed(MAIL, d="lima.example.pe")

    assert await checking.signers(above, domain="lima.example.pe") == {DOMAIN}
    assert await checking.signers(below, domain=DOMAIN) == set()
    assert await checking.signers(below, domain="lima.example.pe") == {"lima.example.pe"}


async def test_one_of_several_signatures_is_enough_and_the_sixth_is_not_looked_at(checking: Checking) -> None:
    def broken(content: bytes, number: int) -> bytes:
        for place in range(number):
            content = signed(MAIL, s=f"b{place}").partition(b"From:")[0] + content
        return content

    assert await checking.signers(broken(signed(MAIL), 4)) == {DOMAIN}
    assert await checking.signers(broken(signed(MAIL), 5)) == set()


async def test_the_dns_is_not_asked_for_what_does_not_hold_anyway(checking: Checking) -> None:
    await checking.signers(signed(MAIL).replace(b"mi pedido", b"su pedido"))
    await checking.signers(signed(MAIL), domain="example.org")
    await checking.signers(MAIL)

    assert checking.server.asked == []


async def test_a_key_is_asked_for_once(checking: Checking) -> None:
    assert [await checking.signers(signed(MAIL)) for _ in range(3)] == [{DOMAIN}] * 3
    assert checking.server.asked == [NAME]


async def test_a_silent_dns_holds_up_a_mail_no_longer_than_allowed(checking: Checking) -> None:
    checking.server.is_silent = True
    content = MAIL
    for selector in "abcde":
        content = signed(MAIL, s=selector).partition(b"From:")[0] + content
    began = time.monotonic()

    assert await checking.signers(content) == set()
    assert time.monotonic() - began < LOOK_UP_SECONDS + 1.5
    assert set(checking.server.asked) == {f"{selector}._domainkey.{DOMAIN}" for selector in "abcde"}


async def test_whatever_is_no_mail_is_vouched_for_by_nobody(checking: Checking) -> None:
    junk = [b"", b"\r\n", b"\n\n", b"DKIM-Signature:", b" \r\n\r\n", b"\0" * 1000, b"DKIM-Signature: v=1\r\n" * 2000]

    assert [await checking.signers(content) for content in junk] == [set()] * len(junk)
