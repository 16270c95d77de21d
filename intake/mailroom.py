"""All mailboxes of the counter: a worker each, none of which stops another."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from intake.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from intake.condition import Condition
    from intake.mailbox import Source
    from intake.reception import Means


class Mailroom:
    """The workers of one process. Several processes may run: each mailbox is read by one of them at a time."""

    def __init__(self, means: Means, sources: Sequence[Source]) -> None:
        self._workers = tuple(Worker(means, source) for source in sources)

    @property
    def is_ready(self) -> bool:
        """Whether any mailbox is being listened to now: one that is broken is told of by itself."""
        return any(worker.is_ready for worker in self._workers)

    async def run(self) -> None:
        """Read all mailboxes until cancelled."""
        async with asyncio.TaskGroup() as group:
            for worker in self._workers:
                group.create_task(worker.run())

    def metrics(self) -> str:
        """Return how it stands with the mailboxes in the text format of Prometheus, version 0.0.4."""
        return "".join(_lines([worker.condition for worker in self._workers]))


GAUGES: Final = (
    ("mesa_mailbox_held", "Whether this process reads the mailbox."),
    ("mesa_mailbox_listening", "Whether the mailbox was looked through and is listened to."),
    ("mesa_mailbox_looked_at_seconds", "When the mailbox was last looked through; 0: never."),
    ("mesa_mailbox_backlog", "Mails that wait to be taken in, as far as known."),
    ("mesa_mailbox_quarantined", "Mails in quarantine."),
    ("mesa_mailbox_failing_since_seconds", "Since when the mailbox is not read; 0: it is."),
)


def _lines(conditions: Sequence[Condition]) -> Iterator[str]:
    told = [(condition.name, _values(condition)) for condition in conditions]
    for place, (metric, meaning) in enumerate(GAUGES):
        yield f"# HELP {metric} {meaning}\n# TYPE {metric} gauge\n"
        for name, values in told:
            yield f'{metric}{{mailbox="{escaped(name)}"}} {values[place]}\n'
    yield "# HELP mesa_mailbox_looks_total How often the mailbox was looked through.\n"
    yield "# TYPE mesa_mailbox_looks_total counter\n"
    for condition in conditions:
        yield f'mesa_mailbox_looks_total{{mailbox="{escaped(condition.name)}"}} {condition.looks}\n'
    yield "# HELP mesa_mailbox_failures_total How often reading the mailbox broke off, by why.\n"
    yield "# TYPE mesa_mailbox_failures_total counter\n"
    for condition in conditions:
        for failure, number in sorted(condition.failures.items()):
            labels = f'mailbox="{escaped(condition.name)}",failure="{failure.value}"'
            yield f"mesa_mailbox_failures_total{{{labels}}} {number}\n"


def _values(condition: Condition) -> tuple[float, ...]:
    return (
        int(condition.holds_lease),
        int(condition.is_listening),
        condition.looked_at.timestamp() if condition.looked_at else 0,
        condition.backlog,
        condition.quarantined,
        condition.failing_since.timestamp() if condition.failing_since else 0,
    )


def escaped(text: str) -> str:
    """Return *text* as the value of a label."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
