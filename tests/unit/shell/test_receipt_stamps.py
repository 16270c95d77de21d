"""Time stamps of heads: whose word it is, since when a head existed, and those that are of something else."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from asn1crypto import tsp

from mesadepartes.clock import now
from mesadepartes.receipt_findings import Check, Outcome
from rules.workdays import day_of
from tests.receipt_world import World, at, check, faults
from tests.servers.time_stamper import TimeStamper, why_missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.receipt_proofs import SignedHead

pytestmark = pytest.mark.skipif(why_missing() is not None, reason=str(why_missing()))


@pytest.fixture(scope="module")
def stamper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TimeStamper]:
    """An authority, which stamps by this machine's clock."""
    with TimeStamper(tmp_path_factory.mktemp("tsa")) as made:
        yield made


def stamped(head: SignedHead, stamper: TimeStamper, of: bytes | None = None) -> SignedHead:
    """Return *head* with a time stamp of it, or of something else."""
    digest = hashlib.sha256(head.signature if of is None else of).digest()
    imprint = tsp.MessageImprint({"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest})
    query = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "cert_req": True})
    reply = tsp.TimeStampResp.load(stamper.reply(query.dump()))
    return replace(head, timestamp=reply["time_stamp_token"].dump())


def yesterday() -> tuple[World, bytes]:
    """Return a counter that has issued a receipt yesterday, by this machine's clock, and its head is published."""
    day = day_of(now()) - timedelta(days=1)
    world = World()
    receipt = world.issue(world.facts(at(day)))
    world.close(day)
    return world, receipt


def test_stamp_says_since_when_the_receipt_existed(stamper: TimeStamper) -> None:
    world, receipt = yesterday()
    world.heads[0] = stamped(world.heads[0], stamper)

    found = {each.check: each for each in check(world.evidence(receipt))}

    assert found[Check.TIME_STAMPS].outcome is Outcome.IN_ORDER
    assert found[Check.ENTRY].text.endswith("según el sello de tiempo")


def test_stamp_of_an_authority_that_was_not_given_is_not_believed(stamper: TimeStamper) -> None:
    world, receipt = yesterday()
    world.heads[0] = stamped(world.heads[0], stamper)

    found = {each.check: each for each in check(world.evidence(receipt, certificates=[world.seal.certificates[0]]))}

    assert found[Check.CERTIFICATE].outcome is Outcome.IN_ORDER
    assert found[Check.TIME_STAMPS].outcome is Outcome.UNCHECKED
    assert "TSA de las pruebas" in found[Check.TIME_STAMPS].text
    assert not found[Check.ENTRY].text.endswith("según el sello de tiempo")


def test_stamp_of_another_head_is_found(stamper: TimeStamper) -> None:
    world, receipt = yesterday()
    world.heads[0] = stamped(world.heads[0], stamper, of=b"another")

    found = faults(world.evidence(receipt))

    assert list(found) == [Check.TIME_STAMPS]


def test_what_is_no_stamp_is_found() -> None:
    world, receipt = yesterday()
    world.heads[0] = replace(world.heads[0], timestamp=b"nothing")

    assert list(faults(world.evidence(receipt))) == [Check.TIME_STAMPS]


def test_head_that_was_stamped_before_its_day_was_over_is_found(stamper: TimeStamper) -> None:
    world = World()
    day = day_of(now()) + timedelta(days=3)
    receipt = world.issue(world.facts(at(day)))
    world.heads = [stamped(world.close(day), stamper)]

    found = faults(world.evidence(receipt))

    assert found == {Check.TIME_STAMPS: f"el del {day:%d/%m/%Y} es anterior al fin de ese día"}
