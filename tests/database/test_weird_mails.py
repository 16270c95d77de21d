"""Every weird mail, and hundreds that nobody wrote, through the whole intake: each ends in one outcome."""

from __future__ import annotations

import tomllib
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import pytest

from actions import mail
from intake.parsing import PARSE
from intake.reception import Arrival, Means, receive
from intake.spool import Spool
from models.mail import MailItem, MailSlot
from models.receipts import Notice
from rules.mail import MailOutcome
from rules.notices import NoticeState
from tests.lasting_jail import LastingJail
from tests.unit.intake.mutants import mutants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.counter import Counter

WEIRD: Final = Path(__file__).parents[1] / "data" / "weird"
EXPECTED: Final[dict[str, dict[str, Any]]] = tomllib.loads((WEIRD / "expected.toml").read_text())
MOST_MUTANTS: Final = 200


@pytest.fixture
def jail() -> Iterator[LastingJail]:
    jail = LastingJail([PARSE])
    yield jail
    jail.close()


async def take_in(counter: Counter, jail: LastingJail, folder: Path, contents: list[bytes]) -> list[MailItem]:
    """Receive the mails one after the other, as from one folder."""
    mailbox = await mail.open_mailbox(account="mesadepartes@example.pe", folder="INBOX", office_code="SEDE-CENTRAL")
    lease = await mail.take_lease(mailbox.id, holder=uuid4())
    assert lease is not None
    spool = Spool(folder / "spool")
    means = Means(counter.tools, jail, spool)  # pyright: ignore[reportArgumentType] - it runs what a Jail runs
    items: list[MailItem] = []
    for uid, content in enumerate(contents, start=1):
        counter.clock.advance(hours=6)  # so that it is never for their number that mails are not answered
        async with spool.new_mail() as spooled:
            spooled.write(content)
            spooled.close()
            arrival = Arrival(mail.Slot(1, uid), spooled.path, spooled.content_key, counter.clock())
            items.append(await receive(means, lease, arrival))
    return items


async def sent_for(item: MailItem) -> int:
    """Return how many notices are on their way because of a mail."""
    sent = Notice.exclude(state=NoticeState.SUPPRESSED).filter(tramite_id=item.tramite_id)
    return await sent.count() if item.tramite_id else 0


async def check_decided(item: MailItem, name: str, *, is_automatic: bool) -> None:
    assert bool(item.tramite_id) == (item.outcome is MailOutcome.FILED), name
    if is_automatic:
        assert item.suppression is not None, name
    if item.tramite_id or item.suppression:
        assert await sent_for(item) == (0 if item.suppression else 1), name


async def test_each_weird_mail_is_recorded_with_its_outcome_and_answered_only_if_a_person_wrote_it(
    counter: Counter, jail: LastingJail, tmp_path: Path
) -> None:
    items = await take_in(counter, jail, tmp_path, [(WEIRD / f"{name}.eml").read_bytes() for name in EXPECTED])

    recorded = {name: item.outcome.value for name, item in zip(EXPECTED, items, strict=True)}
    assert recorded == {name: each["outcome"] for name, each in EXPECTED.items()}
    for name, item in zip(EXPECTED, items, strict=True):
        await check_decided(await MailItem.get(id=item.id), name, is_automatic="suppression" in EXPECTED[name])


async def test_no_broken_mail_is_lost_on_its_way_into_the_record(
    counter: Counter, jail: LastingJail, tmp_path: Path
) -> None:
    items = await take_in(counter, jail, tmp_path, list(islice(mutants(seed=3), MOST_MUTANTS)))

    slots = await MailSlot.all()
    assert (len(slots), {slot.item_id for slot in slots}) == (MOST_MUTANTS, {item.id for item in items})
    assert await MailItem.filter(outcome=MailOutcome.FILED, tramite_id=None).count() == 0
