"""Mails too large for a file in the repository: taken apart in the real jail within bounds of time and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from intake.anatomy import Suspicion
from intake.triage import decide
from rules.catalogue import AttachmentRole
from rules.files import MEGABYTE
from rules.mail import MailOutcome
from tests.lasting_jail import LastingJail
from tests.unit.intake.monsters import (
    BASE64,
    HEAD,
    MEASURED,
    MIXED,
    MONSTERS,
    PARSE_MEASURED,
    attached,
    lines_of_base64,
    measure,
    pdf_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from intake.triage import Decision

OWN: Final = frozenset({"mesadepartes@example.pe"})
ROOM: Final = 4
"""How many times what it may take on an idle machine a mail may take on one that is busy with the other tests."""

FOR_PEOPLE: Final = {
    "addresses in To, 50,000": Suspicion.HEADER_TOO_LONG,
    "boundary of 100 kB": Suspicion.NO_BOUNDARY,
    "delimiters that are none": Suspicion.TOO_MANY_PARTS,
    "fields, 100,000": Suspicion.TOO_MANY_FIELDS,
    "fields in each of 400 parts": Suspicion.TOO_MANY_FIELDS,
    "fields of From, 900": Suspicion.TWO_FROM,
    "multiparts in multiparts, 5,000": Suspicion.TOO_DEEP,
    "parts without anything, 100,000": Suspicion.TOO_MANY_PARTS,
    "preamble of 20 MB": Suspicion.HIDDEN_CONTENT,
    "subject of 10 MB": Suspicion.HEADER_TOO_LONG,
    "subject of 20,000 words": Suspicion.HEADER_TOO_LONG,
    "TNEF of attributes": Suspicion.DAMAGED_TNEF,
    "yEnc of escapes": Suspicion.UNKNOWN_ENCODING,
}
"""Those of which a machine reads no more than a part; the others are received as what they are."""


@pytest.fixture(scope="module")
def jail() -> Iterator[LastingJail]:
    jail = LastingJail([PARSE_MEASURED], reads=MEASURED)
    yield jail
    jail.close()


async def decided(jail: LastingJail, path: Path, data: bytes) -> Decision:
    path.write_bytes(data)
    return decide((await measure(jail, path)).mail, own_addresses=OWN)


def filed(decision: Decision) -> list[tuple[AttachmentRole, int]]:
    return [(chosen.role, chosen.part.size_bytes) for chosen in decision.files]


@pytest.mark.parametrize("name", MONSTERS)
async def test_what_is_too_large_to_be_true_takes_no_more_time_and_room_than_its_size_allows(
    jail: LastingJail, name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    (tmp_path / "mail").write_bytes(MONSTERS[name]())

    found = await measure(jail, tmp_path / "mail")

    assert found.ratio <= (1 if request.config.getoption("--idle") else ROOM)
    assert len(found.mail.to_json()) < 4 * MEGABYTE
    assert FOR_PEOPLE.get(name) in {None, *found.mail.suspicions}
    assert bool(found.mail.suspicions) == (name in FOR_PEOPLE)


@pytest.mark.parametrize(
    ("sizes", "roles"),
    [
        ([20 * MEGABYTE], [(AttachmentRole.MAIN, 20 * MEGABYTE)]),
        ([20 * MEGABYTE + 1], [(AttachmentRole.ANNEX, 20 * MEGABYTE + 1)]),
        ([100, 30 * MEGABYTE], [(AttachmentRole.MAIN, 100), (AttachmentRole.ANNEX, 30 * MEGABYTE)]),
        ([100, 30 * MEGABYTE + 1], [(AttachmentRole.MAIN, 100)]),
    ],
)
async def test_the_limit_of_a_file_is_of_its_decoded_bytes(
    jail: LastingJail, tmp_path: Path, sizes: list[int], roles: list[tuple[AttachmentRole, int]]
) -> None:
    decision = await decided(jail, tmp_path / "mail", attached(*map(pdf_of, sizes)))

    assert filed(decision) == roles


async def test_a_small_file_in_much_white_space_is_filed(jail: LastingJail, tmp_path: Path) -> None:
    spaced = lines_of_base64(pdf_of(3000)).replace(b"\n", b"\n" + b" " * 70_000)

    decision = await decided(jail, tmp_path / "mail", MIXED + b"--b\n" + BASE64 + spaced)

    assert filed(decision) == [(AttachmentRole.MAIN, 3000)]


async def test_a_virus_that_every_scanner_knows_is_left_out_like_any_program(jail: LastingJail, tmp_path: Path) -> None:
    eicar = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS" + b"-TEST-FILE!$H+H*"

    decision = await decided(jail, tmp_path / "mail", attached(pdf_of(100), eicar).replace(b"a.pdf", b"eicar.com", 2))

    assert (decision.outcome, filed(decision)) == (MailOutcome.FILED, [(AttachmentRole.MAIN, 100)])


async def test_memory_does_not_grow_with_a_mail(jail: LastingJail, tmp_path: Path) -> None:
    """A mail of twice the size of the memory that one may take is none too many."""
    (tmp_path / "mail").write_bytes(HEAD + b"\n" + b"Buenos dias.\n" * 10_000_000)

    found = await measure(jail, tmp_path / "mail")

    assert found.mail.text.startswith("Buenos dias.")
