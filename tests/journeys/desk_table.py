"""
What happens at the desk: forty documents, each with the acts that it meets, by the clock in Lima, in March 2026.

The 9th is a Monday. What is observed on it can be corrected until Wednesday the 11th, and lapses in the night after.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.journeys.desk_ledger import Document
from tests.journeys.whole_counter import lima

if TYPE_CHECKING:
    from datetime import datetime

TABLE = """
web maria SEDE solicitud 3    | 7 11:00 file | 9 09:01 receive | 9 09:20 resolve
web maria SEDE carta 1        | 9 08:02 file | 9 09:02 receive | 9 09:25 assign | 9 09:40 resolve file
web jose SEDE solicitud 2     | 9 08:04 file | 9 09:03 receive | 9 09:45 folios 4 | 9 09:50 resolve
web jose SEDE oficio 5        | 9 08:06 file | 9 10:00 refer CUSCO | 10 09:30 resolve
web lucia SEDE oficio 9       | 9 08:08 file | 9 10:02 refer CUSCO | 10 09:35 refer SEDE | 11 10:00 resolve
web lucia SEDE otros 9        | 9 08:10 file | 9 10:04 note | 9 10:06 refer PUNO
web maria SEDE otros 1        | 9 08:12 file | 9 10:10 observe 2 | 10 16:00 correct | 11 09:00 resolve
web maria SEDE solicitud 1    | 9 08:14 file | 9 10:12 observe 3 | 11 23:59 correct | 12 09:00 refer CUSCO
web jose SEDE carta 2         | 9 08:16 file | 9 10:14 observe 2 | 12 00:20 lapse
web jose SEDE solicitud 2     | 9 08:18 file | 9 10:16 observe 1 | 12 00:20 lapse | 12 10:00 reopen | 13 09:00 resolve
web lucia SEDE solicitud 4    | 9 08:20 file | 9 10:20 resolve | 12 10:10 reopen | 12 15:00 refer CUSCO
    | 16 09:00 resolve file
web maria SEDE otros 1        | 9 08:22 file | 9 08:40 void
web maria SEDE otros 1        | 9 08:24 file | 9 08:42 move CUSCO | 9 11:30 resolve
web jose SEDE carta 1         | 9 08:26 file
web jose SEDE solicitud 7     | 9 08:28 file | 9 11:00 receive | 9 11:05 folios 8
    | 9 11:10 refer CUSCO | 9 12:00 folios 9 | 10 10:00 resolve
web maria CUSCO solicitud 1   | 9 08:30 file | 9 09:10 receive | 9 09:15 note | 9 09:30 resolve
web maria CUSCO carta 1       | 9 08:32 file | 9 10:30 resolve at-once
web jose CUSCO otros 2        | 9 08:34 file | 9 10:40 observe 2 | 9 15:00 correct | 10 11:00 resolve
web jose CUSCO solicitud 2    | 9 08:36 file | 9 10:42 observe 2 | 10 08:00 correct
web lucia CUSCO oficio 3      | 9 08:38 file | 9 10:44 observe 2 | 12 00:20 lapse
web lucia CUSCO oficio 3      | 9 08:44 file | 10 11:10 observe 1 | 13 00:20 lapse | 16 10:00 reopen
web maria CUSCO solicitud 1   | 9 08:46 file | 9 11:20 refer SEDE | 10 12:00 resolve
web maria CUSCO carta 1       | 9 08:48 file | 9 11:22 refer SEDE | 9 16:00 refer CUSCO | 11 09:30 refer PUNO
web jose CUSCO otros 1        | 9 08:50 file | 9 11:24 take | 9 11:40 resolve
web jose PUNO solicitud 1     | 9 08:52 file
web jose PUNO carta 1         | 9 08:54 file | 9 08:56 void
web lucia SEDE solicitud 2    | 9 23:59 file | 10 09:40 receive | 10 12:10 resolve
web lucia CUSCO solicitud 2   | 10 00:00 file | 10 12:20 resolve
mail ana                      | 9 08:03 file | 9 09:04 receive | 9 12:10 resolve
mail ana                      | 9 08:33 file | 9 12:12 refer CUSCO | 10 10:10 resolve
mail luis                     | 9 08:35 file | 9 12:14 observe 2 | 12 00:20 lapse
mail luis                     | 9 08:41 file | 9 12:16 observe 1 | 12 00:20 lapse | 12 10:20 reopen | 13 09:10 resolve
mail elena                    | 9 08:43 file | 9 12:18 folios 2 | 9 12:20 resolve file
mail elena                    | 9 08:45 file
mail percy                    | 8 20:00 file | 9 12:30 refer PUNO
mail percy                    | 9 08:47 file | 9 12:32 refer CUSCO | 10 10:20 refer PUNO
mail gloria                   | 9 08:49 file | 9 12:34 resolve | 13 09:20 reopen | 13 11:00 resolve
mail gloria                   | 9 23:58 file | 10 12:30 resolve
mail hugo                     | 10 08:05 file | 10 12:40 refer CUSCO | 11 11:00 resolve
mail hugo                     | 11 08:00 file
"""

LINES = TABLE.replace("\n    |", "|").split("\n")[1:-1]
SEDE = "SEDE-CENTRAL"
KINDS = {"solicitud": "APPLICATION", "carta": "LETTER", "oficio": "OFFICIAL_LETTER", "otros": "OTHER"}


def office_of(word: str) -> str:
    """Return the code of an office as the table names it."""
    return SEDE if word == "SEDE" else word


@dataclass(frozen=True)
class Planned:
    """An act of the table: `word` and what it is about."""

    at: datetime
    document: Document
    word: str
    about: str


def read_table() -> tuple[list[Document], list[Planned]]:
    """Return the documents, and all acts in the order in which they happen."""
    documents, acts = list[Document](), list[Planned]()
    for place, line in enumerate(LINES, 1):
        head, *planned = line.split("|")
        documents.append(_document(place, head))
        acts += [_planned(documents[-1], text) for text in planned]
    return documents, sorted(acts, key=lambda act: act.at)


def _document(place: int, head: str) -> Document:
    channel, who, *more = head.split()
    subject = f"Pedido {place:02} de {who}"
    if channel == "mail":
        return Document("EMAIL", who, None, SEDE, None, subject)
    office, kind, folios = more
    return Document("WEB", who, KINDS[kind], office_of(office), int(folios), subject)


def _planned(document: Document, text: str) -> Planned:
    day, hour, word, *about = text.split()
    hours, minutes = hour.split(":")
    return Planned(lima(int(day), int(hours), int(minutes)), document, word, " ".join(about))
