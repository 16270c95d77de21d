"""
The ledger of a day at the desk, kept by hand: each act is written down when it is done, and counted at the end.

It knows nothing of the program: what a term is, who waits and how long it took stands here in the words of a clerk.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

HOLIDAYS = {date(2026, 4, 2), date(2026, 4, 3), date(2026, 5, 1)}
ROUTE_DAYS, ANSWER_DAYS, CORRECTION_DAYS = 0, 30, 2
LEADS_TO = {
    "file": "PENDING",
    "observe": "OBSERVED",
    "correct": "PENDING",
    "lapse": "LAPSED",
    "refer": "REFERRED",
    "resolve": "RESOLVED",
    "void": "VOIDED",
    "reopen": "PENDING",
}
COLUMN = {
    "file": "filed",
    "observe": "observed",
    "correct": "corrected",
    "lapse": "lapsed",
    "refer": "referred",
    "resolve": "resolved",
    "void": "voided",
    "reopen": "reopened",
}
"""In which column of the report an act is counted; what is not here is in none."""

MAIL = {
    "file": "submission_receipt",
    "observe": "observed",
    "correct": "corrected",
    "lapse": "lapsed",
    "refer": "referred",
    "resolve": "resolved",
    "void": "voided",
    "reopen": "reopened",
    "folios": "folios_corrected",
    "move": "updated",
}
"""What its applicant is mailed of an act."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Noted:
    """An act: when (as a clock in Lima shows it), in which office, and how it left the document."""

    word: str
    at: datetime
    office: str
    lies_in: str
    status: str
    due: date | None

    @property
    def day(self) -> date:
        """Its day in Lima."""
        return self.at.date()


@dataclass
class Document:
    """A document's page in the ledger."""

    channel: str
    who: str
    kind: str | None
    office: str
    folios: int | None
    subject: str
    number: str = ""
    status: str = ""
    route_by: date = date.min
    answer_by: date = date.min
    observed_on: date = date.min
    correct_by: date = date.min
    filed_on: date = date.min
    owner: str | None = None
    acts: list[Noted] = field(default_factory=list[Noted])

    @property
    def due(self) -> date | None:
        """By when something must happen next."""
        return {"PENDING": self.route_by, "REFERRED": self.answer_by, "OBSERVED": self.correct_by}.get(self.status)

    @property
    def waits(self) -> bool:
        """Whether it is not done with."""
        return self.status in ("PENDING", "REFERRED", "OBSERVED")

    def note(self, word: str, at: datetime, *, to: str | None = None) -> None:
        """Write an act down; *to* is the office to which it was sent."""
        acting, day = self.office, at.date()
        self.office = to or self.office
        self.status = LEADS_TO.get(word, self.status)
        match word:
            case "file" | "reopen":
                self.route_by = working_day_from(day)
                self.answer_by = working_days_after(self.route_by, ANSWER_DAYS)
                self.filed_on = self.route_by if word == "file" else self.filed_on
            case "refer":
                self.owner = None
            case "observe":
                self.observed_on, self.correct_by = day, working_days_after(day, CORRECTION_DAYS)
            case "correct":
                received_on = working_day_from(day)
                stood_still = sum(is_working(each) for each in days_between(self.observed_on, received_on))
                self.route_by, self.answer_by = received_on, working_days_after(self.answer_by, stood_still)
            case _:
                pass
        office = acting if word == "refer" else self.office
        self.acts.append(Noted(word, at, office, self.office, self.status, self.due))

    @property
    def sent_at(self) -> datetime:
        """When it was filed."""
        return self.acts[0].at

    def as_of(self, day: date) -> Noted | None:
        """Return how it stood when a day was over; None if it had not come yet."""
        done = [act for act in self.acts if act.day <= day]
        return done[-1] if done else None

    def times(self) -> list[tuple[Noted, str, int]]:
        """Return the steps that took time: the act that ended it, the step, the seconds."""
        found, since = list[tuple[Noted, str, int]](), dict[str, datetime]()
        for act in self.acts:
            for step, began in self._ended_by(act.word, since):
                found.append((act, step, round((act.at - began).total_seconds())))
            if act.word in ("refer", "resolve"):
                since.setdefault("received", act.at)
            since[act.word] = act.at
        return found

    @staticmethod
    def _ended_by(word: str, since: dict[str, datetime]) -> list[tuple[str, datetime]]:
        if word == "correct":
            return [("CORRECTION", since["observe"])]
        if "reopen" in since:
            return [("ANSWER_AGAIN", since["reopen"])] if word == "resolve" else []
        ended = list[tuple[str, datetime]]()
        if word == "observe":
            ended.append(("OBSERVATION", since["file"]))
        if word in ("refer", "resolve") and "received" not in since:
            ended.append(("RECEPTION", since["file"]))
        if word == "resolve":
            ended.append(("RESOLUTION", since["file"]))
            ended += [("ANSWER", since["received"])] if "received" in since else []
        return ended


def is_working(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


def working_day_from(day: date) -> date:
    while not is_working(day):
        day += timedelta(days=1)
    return day


def working_days_after(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= is_working(day)
    return day


def days_between(after: date, until: date) -> list[date]:
    return [after + timedelta(days=number) for number in range(1, (until - after).days + 1)]


Key = Callable[[Document, Noted, str, date], str | None]
KEYS: dict[str | None, Key] = {
    None: lambda document, act, office, day: None,
    "OFFICE": lambda document, act, office, day: office,
    "DOCUMENT_KIND": lambda document, act, office, day: document.kind,
    "STATUS": lambda document, act, office, day: act.status,
    "CHANNEL": lambda document, act, office, day: document.channel,
    "DAY": lambda document, act, office, day: day.isoformat(),
}


@dataclass
class Ledger:
    """All documents, in the order of the table."""

    documents: list[Document]

    def report(self, group: str | None, first: date, last: date, *, today: date) -> dict[str | None, Row]:
        """Count everything of a period by hand: the lines of which there is anything, by their keys."""
        rows, times, key = dict[str | None, Row](), dict[tuple[str | None, str], list[int]](), KEYS[group]
        for document in self.documents:
            for act in document.acts:
                if first <= act.day <= last and act.word in COLUMN:
                    row(rows, key(document, act, act.office, act.day))[COLUMN[act.word]] += 1
            for act, step, seconds in document.times():
                if first <= act.day <= last:
                    times.setdefault((key(document, act, act.office, act.day), step), []).append(seconds)
        waiting_on = min(last, today)
        for day in days_between(first - timedelta(days=1), waiting_on) if group == "DAY" else [waiting_on]:
            self._count_waiting(rows, key, day)
        for (name, step), seconds in times.items():
            row(rows, name)["times"][step] = (len(seconds), tenths(seconds, 5), tenths(seconds, 9))
        return rows

    def _count_waiting(self, rows: dict[str | None, Row], key: Key, day: date) -> None:
        for document in self.documents:
            stood = document.as_of(day)
            if stood and stood.due:
                line = row(rows, key(document, stood, stood.lies_in, day))
                line["waiting"] += 1
                line["late"] += stood.due < day

    def mails(self) -> Tally[tuple[str, str]]:
        """Return how many mails of each kind each applicant is due."""
        return Tally(
            (document.who, MAIL[act.word]) for document in self.documents for act in document.acts if act.word in MAIL
        )


def row(rows: dict[str | None, Row], key: str | None) -> Row:
    """Return a line, which begins empty."""
    return rows.setdefault(key, dict.fromkeys((*COLUMN.values(), "waiting", "late"), 0) | {"times": {}})


def tenths(seconds: list[int], count: int) -> int:
    """Return the shortest time within which so many of ten were done."""
    return next(each for place, each in enumerate(sorted(seconds), 1) if 10 * place >= count * len(seconds))
