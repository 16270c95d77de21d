"""What is done to workers: at every step once, at random, and for each known mistake just what finds it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.crash.letters import Kind
from tests.crash.lives import Effect, Life, Mistake, Moment
from tests.crash.steps import STEPS
from tests.crash.world import Event, Turn

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

FILING: Final = (Kind.FILING,)
HITS: Final = {"transaction.commit": (1, 2), "store.fsync": (3, 7)}
"""Steps that a mail meets several times."""

MAILS_FOR: Final = {
    "mail.again": (Kind.FILING, Kind.AGAIN),
    "imap.fetch_batch": 3 * FILING,
    "imap.move_together": 3 * FILING,
}
"""Steps that not every mail meets."""

AFTER_TOO: Final = frozenset(
    {
        "imap.fetch",
        "imap.fetch_batch",
        "store.put",
        "mail.record",
        "transaction.commit",
        "imap.move",
        "imap.move_together",
    }
)
"""Steps behind which something has happened that the next step does not begin with."""

FULL: Final = ("spool.write", "store.put", "store.fsync")
"""Where a disk can be full."""

STOPS: Final = ("mail.record", "transaction.commit", "imap.move", "mail.moved")
EVENTS: Final = (Event.NUMBER_ANEW, Event.RESTART_DATABASE, Event.READ_BY_OTHERS, Event.SECOND_WORKER)


def at_every_step() -> Iterator[Turn]:
    """Kill a worker at every step, one mail each; the disk is full wherever something is written."""
    for step in STEPS:
        mails = MAILS_FOR.get(step, FILING)
        for moment in Moment:
            if moment is Moment.AFTER and step not in AFTER_TOO:
                continue
            for hit in HITS.get(step, (1,)):
                yield Turn(mails, Life(step, moment, hit))
    for step in FULL:
        yield Turn(FILING, Life(step, effect=Effect.FULL))


def in_a_failing_world() -> Iterator[Turn]:
    """Let what can happen around a worker happen while it stands between two steps."""
    yield Turn((Kind.LARGE_FILING, Kind.AUTOMATIC, Kind.DOUBTFUL), Life("imap.fetch", Moment.AFTER, 2))
    yield Turn((Kind.LARGE_FILING,), Life(), Event.CUT_IN_MESSAGE)
    yield Turn(FILING, Life(in_jail=True))
    for kind in (Kind.INCOMPLETE, Kind.QUESTION):
        yield Turn((kind,), Life("transaction.commit", hit=2))
        yield Turn((kind,), Life("imap.move"))
    for step, event in (
        ("mail.record", Event.SECOND_WORKER),
        ("imap.move", Event.SECOND_WORKER),
        ("transaction.commit", Event.RESTART_DATABASE),
        ("imap.move", Event.NUMBER_ANEW),
        ("mail.record", Event.READ_BY_OTHERS),
    ):
        yield Turn(FILING, Life(step, effect=Effect.STOP, hit=2 if step == "transaction.commit" else 1), event)


def at_random(chance: random.Random, *, lives: int) -> Iterator[Turn]:
    """Do anything of all this, so many times."""
    for _ in range(lives):
        mails = tuple(chance.choices(list(Kind), weights=(8, 2, 2, 2, 1, 1, 1), k=chance.randint(1, 3)))
        yield Turn(mails, *_anything(chance))


def _anything(chance: random.Random) -> tuple[Life, Event | None]:
    what = chance.random()
    in_jail = chance.random() < 0.05
    if what < 0.45:
        return Life(alarm_seconds=chance.uniform(0.1, 1.2), in_jail=in_jail), None
    if what < 0.85:
        step = chance.choice(list(STEPS))
        return Life(step, chance.choice(list(Moment)), chance.randint(1, 3), in_jail=in_jail), None
    if what < 0.9:
        return Life(chance.choice(FULL), hit=chance.randint(1, 4), effect=Effect.FULL), None
    if what < 0.94:
        return Life(), Event.CUT_IN_MESSAGE
    if what < 0.98:
        return Life(chance.choice(STOPS), hit=chance.randint(1, 2), effect=Effect.STOP), chance.choice(EVENTS)
    return Life(alarm_seconds=chance.uniform(0.1, 1.2)), Event.RESTART_MAIL_SERVER


FINDING_OUT: Final = {
    Mistake.TRUST_SEEN: (Turn(FILING, Life("imap.select", effect=Effect.STOP), Event.READ_BY_OTHERS),),
    Mistake.MARK_BEFORE_PROCESSING: (Turn(FILING, Life("mail.record")),),
    Mistake.MARK_BEFORE_COMMIT: (Turn(FILING, Life("mail.record")),),
    Mistake.SEND_WITHIN_TRANSACTION: (Turn(FILING, Life("transaction.commit", hit=2)),),
    Mistake.NO_CONTENT_KEY: (Turn(FILING, Life("imap.move", effect=Effect.STOP), Event.NUMBER_ANEW),),
    Mistake.LOOK_BEFORE_INSERTING: (Turn(FILING, Life("mail.record", effect=Effect.STOP), Event.SECOND_WORKER),),
    Mistake.TWO_TRANSACTIONS: (Turn(FILING, Life("filing.submit")),),
}
"""What finds out each mistake: all of it also happens to the worker that makes none."""
