"""What the desk shows, gives out and mails, against the ledger."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter as Tally
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import openpyxl

from tests.journeys.desk_deeds import NOTE, POINTS, PROVIDED, RUC, SUPERVISOR, bytes_of
from tests.journeys.desk_ledger import COLUMN, KEYS, Ledger, Row
from tests.journeys.desk_people import ADMINISTRATOR, APPLICANTS, STAFF, address_of, kind_of
from tests.journeys.whole_counter import NOTARY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.journeys.desk_deeds import DayAtDesk
    from tests.journeys.desk_ledger import Document
    from tests.servers.sink import SentMail

OFFICES = {
    "SEDE-CENTRAL": "Sede Central",
    "CUSCO": "Oficina Regional Sur Oriente Cusco",
    "PUNO": "Oficina Regional Altiplano Puno",
}
STATUSES = {
    "PENDING": "pendiente de validación",
    "OBSERVED": "observado",
    "REFERRED": "derivado",
    "RESOLVED": "atendido",
    "LAPSED": "tenido por no presentado",
}
KINDS = {"APPLICATION": "Solicitud", "LETTER": "Carta", "OFFICIAL_LETTER": "Oficio", "OTHER": "Otros", None: ""}
CHANNELS = {"WEB": "mesa de partes digital", "EMAIL": "correo electrónico"}
INBOX = (
    "query($office: String) { inbox(first: 100, officeCode: $office) { edges { node { number signs { dueOn } } } } }"
)
SEARCH = "query($filter: TramiteFilter!) { tramites(first: 100, filter: $filter) { edges { node { number } } } }"
REPORT = f"""query($from: Date!, $to: Date!, $group: ReportGroup) {{
    report(from: $from, to: $to, groupBy: $group) {{ waitingOn
        lines {{ key {" ".join(COLUMN.values())} waiting late times {{ step times medianSeconds ninthDecileSeconds }} }}
    }} }}"""
RECEIVED = """query($number: String!) { tramite(number: $number) {
    history(last: 100) { act text } notes { text } notices(last: 100) { label } owner { fullName } } }"""
NUMBER = re.compile(r"MPD-2026-[0-9]{6}-.")


async def check_inboxes(day: DayAtDesk) -> None:
    """See that each inbox holds what waits for its office, what is due soonest first."""
    supervisor, nelly = await day.people[SUPERVISOR].here(), await day.people["nelly"].here()
    for office in OFFICES:
        waiting = {each.number: str(each.due) for each in day.documents if each.office == office and waits(each, day)}
        found = nodes(await supervisor.ask(INBOX, office=office), "inbox")
        assert {node["number"]: node["signs"]["dueOn"] for node in found} == waiting
        assert [node["signs"]["dueOn"] for node in found] == sorted(waiting.values())
        if office == "CUSCO":
            assert nodes(await nelly.ask(INBOX), "inbox") == found
        else:
            assert nodes(await nelly.ask(INBOX, office=office), "inbox") == []


def waits(document: Document, day: DayAtDesk) -> bool:
    """Say whether a document waits for the desk."""
    return document.status in ("PENDING", "REFERRED") or (document.status == "OBSERVED" and is_late(document, day))


def is_late(document: Document, day: DayAtDesk) -> bool:
    """Say whether the day has passed by which something had to happen."""
    return document.due is not None and document.due < day.counter.clock().date()


def nodes(answer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return what a list holds."""
    return [edge["node"] for edge in answer[name]["edges"]]


async def check_searches(day: DayAtDesk) -> None:
    """See that each search finds what the ledger finds, and nothing voided unless it is asked for."""
    supervisor, again = await day.people[SUPERVISOR].here(), repeated(day.documents)
    some = day.documents[7]
    searches: list[tuple[dict[str, Any], Callable[[Document], bool]]] = [
        ({"number": some.number}, lambda each: each is some),
        ({"text": "pedido lucia"}, lambda each: each.who == "lucia"),
        ({"organizationRuc": RUC}, lambda each: each.who == "lucia"),
        ({"name": "JOSE nahui"}, lambda each: each.who == "jose"),
        ({"identityNumber": day.people["maria"].dni}, lambda each: each.who == "maria"),
        (
            {"channel": "EMAIL", "statuses": ["PENDING", "REFERRED"]},
            lambda each: each.channel == "EMAIL" and each.waits,
        ),
        (
            {"documentKinds": ["LETTER"], "officeCodes": ["PUNO"]},
            lambda each: (each.kind, each.office) == ("LETTER", "PUNO"),
        ),
        ({"statuses": ["LAPSED"]}, lambda each: each.status == "LAPSED"),
        ({"isLate": True}, lambda each: is_late(each, day)),
        ({"sentTo": "2026-03-08"}, lambda each: str(each.sent_at.date()) <= "2026-03-08"),
        ({"filedFrom": "2026-03-10", "filedTo": "2026-03-10"}, lambda each: str(each.filed_on) == "2026-03-10"),
        ({"dueFrom": "2026-03-17"}, lambda each: each.waits and str(each.due) >= "2026-03-17"),
        ({"owner": "SOMEBODY"}, lambda each: each.owner is not None),
        ({"repeatsFile": True}, lambda each: each in again),
    ]
    for given, fits in searches:
        expected = {each.number for each in day.documents if fits(each) and each.status != "VOIDED"}
        assert expected, given
        assert {node["number"] for node in nodes(await supervisor.ask(SEARCH, filter=given), "tramites")} == expected, (
            given
        )


def repeated(documents: list[Document]) -> list[Document]:
    """Return those whose file had come before."""
    seen = set[bytes]()
    again: list[Document] = []
    for document in sorted(documents, key=lambda each: each.sent_at):
        again += [document] if bytes_of(document) in seen else []
        seen.add(bytes_of(document))
    return again


async def check_exports(day: DayAtDesk) -> None:
    """See that the list that goes out, in both forms, has a row for each document as the ledger has it."""
    expected = sorted(exported(each, day) for each in day.documents if each.status != "VOIDED")
    heads, *rows = csv.reader(io.StringIO((await fetch_export(day, "CSV")).decode("utf-8-sig"), newline=""))
    wanted = [heads.index(head) for head in HEADS]
    assert sorted([row[place] for place in wanted] for row in rows) == expected
    sheet = openpyxl.load_workbook(io.BytesIO(await fetch_export(day, "XLSX"))).active
    assert sheet is not None
    _, *cells = sheet.iter_rows(values_only=True)
    assert sorted([written(row[place], heads[place]) for place in wanted] for row in cells) == expected


HEADS = (
    "Número de trámite",
    "Estado",
    "Enviado (hora de Lima)",
    "Fecha de presentación",
    "Vence",
    "Atrasado",
    "Dependencia",
    "Canal",
    "Tipo de documento",
    "Asunto",
    "Folios",
    "RUC",
    "Responsable",
)


def exported(document: Document, day: DayAtDesk) -> list[str]:
    """Return a row by hand, under `HEADS`."""
    return [
        document.number,
        STATUSES[document.status],
        f"{document.sent_at:%Y-%m-%d %H:%M:%S}",
        str(document.filed_on),
        str(document.due or ""),
        "sí" if is_late(document, day) else "no",
        OFFICES[document.office],
        CHANNELS[document.channel],
        KINDS[document.kind],
        document.subject,
        str(document.folios or ""),
        RUC if document.who == "lucia" else "",
        f"{document.owner.title()} Ñahui Quispe" if document.owner else "",
    ]


def written(cell: Any, head: str) -> str:
    """Return a cell of a spreadsheet as the CSV has it."""
    is_day = head in ("Fecha de presentación", "Vence")
    return "" if cell is None else str(cell.date() if is_day else cell)


async def fetch_export(day: DayAtDesk, form: str) -> bytes:
    """Ask for the list in a form, and fetch it."""
    supervisor = await day.people[SUPERVISOR].here()
    url = (await supervisor.do("openExport", "export { url }", format=form))["export"]["url"]
    response = await supervisor.http.get(url)
    assert response.status_code == 200, response.text
    return response.content


async def check_reports(day: DayAtDesk, *periods: tuple[date, date]) -> None:
    """See that each report, told apart in each way, is what the ledger counts; and so is its table."""
    supervisor, ledger, today = await day.people[SUPERVISOR].here(), Ledger(day.documents), day.counter.clock().date()
    for first, last in periods:
        for group in KEYS:
            given = {"from": str(first), "to": str(last), "group": group}
            report = (await supervisor.ask(REPORT, **given))["report"]
            by_hand = ledger.report(group, first, last, today=today)
            assert report["waitingOn"] == str(min(last, today))
            assert {line["key"]: line for line in map(as_counted, report["lines"]) if is_any(line)} == {
                key: {"key": key, **line} for key, line in by_hand.items() if is_any(line)
            }, given
        table = await supervisor.http.get(f"/reports?from={first}&to={last}&groupBy=OFFICE")
        _, *rows = csv.reader(io.StringIO(table.content.decode("utf-8-sig"), newline=""))
        by_hand = ledger.report("OFFICE", first, last, today=today)
        told = {code: list(map(int, numbers[:10])) for code, _, *numbers in rows if any(map(int, numbers[:10]))}
        assert told == {code: [line[name] for name in COUNTS] for code, line in by_hand.items() if is_any(line)}


COUNTS = (*COLUMN.values(), "waiting", "late")


def as_counted(line: dict[str, Any]) -> Row:
    """Return a line of a report as the ledger writes it."""
    times = {time.pop("step"): tuple(time.values()) for time in line["times"]}
    return {**line, "times": times}


def is_any(line: Row) -> bool:
    """Say whether a line tells of anything."""
    return bool(line["times"]) or any(line[name] for name in COUNTS)


async def check_applicants_see_no_notes(day: DayAtDesk) -> None:
    """See that of a document with a note its applicant sees everything but that."""
    noted = [each for each in day.documents if any(act.word == "note" for act in each.acts)]
    assert len(noted) == 2
    for document in noted:
        applicant, clerk = await day.people[document.who].here(), await day.people[SUPERVISOR].here()
        seen = await applicant.ask(RECEIVED, number=document.number)
        assert seen["tramite"]["notes"] == []
        assert seen["tramite"]["history"]
        assert NOTE not in json.dumps(seen, ensure_ascii=False)
        if document.office == "SEDE-CENTRAL":
            assert NOTE in json.dumps(await clerk.ask(RECEIVED, number=document.number), ensure_ascii=False)


@dataclass(frozen=True)
class Letter:
    """A mail of the counter, opened."""

    recipient: str
    kind: str
    text: str
    encloses: bool

    @classmethod
    def of(cls, mail: SentMail) -> Letter:
        """Open a mail, which must be for one person."""
        message = mail.message
        body = message.get_body(("plain",))
        assert body is not None
        assert mail.recipients == (message["To"],)
        text = f"{message['Subject']}\n{body.get_content()}"
        return cls(mail.recipients[0], kind_of(message), text, bool(list(message.iter_attachments())))


def check_mailboxes(day: DayAtDesk) -> None:
    """See that everybody has got the mails that they are due, with the receipts that belong to them, and no others."""
    letters = [Letter.of(mail) for mail in day.counter.sink.mails]
    due = Tally({(address_of(who), kind): count for (who, kind), count in Ledger(day.documents).mails().items()})
    due.update(mails_of_accounts())
    due[NOTARY, "register_anchored"] = day.anchored
    assert Tally((letter.recipient, letter.kind) for letter in letters) == due
    owners = {document.number: address_of(document.who) for document in day.documents}
    for letter in letters:
        assert {owners[number] for number in NUMBER.findall(letter.text)} <= {letter.recipient}
        assert NOTE not in letter.text
        assert PROVIDED not in letter.text
    for document in day.documents:
        check_receipts(document, [letter for letter in letters if document.number in letter.text])


def check_receipts(document: Document, letters: list[Letter]) -> None:
    """See that receipts came by mail: of its submission, its corrections and its voiding, and one of its reception."""
    words, enclosing = Tally(act.word for act in document.acts), Tally(each.kind for each in letters if each.encloses)
    receptions = enclosing.pop("referred", 0) + enclosing.pop("resolved", 0)
    expected = Tally(submission_receipt=1, corrected=words["correct"], voided=words["void"])
    assert enclosing == +expected
    assert receptions == (1 if words["refer"] or words["resolve"] else 0)
    for letter in letters:
        assert letter.kind != "observed" or POINTS[0] in letter.text


def mails_of_accounts() -> dict[tuple[str, str], int]:
    """Return the mails that came with accounts and invitations."""
    due = {(address_of(name), "verify_email"): 1 for name in (*APPLICANTS, ADMINISTRATOR, *STAFF)}
    due |= {(address_of(name), "welcome"): 1 for name in (*APPLICANTS, ADMINISTRATOR, *STAFF)}
    due |= {(address_of(name), "second_factor_set"): 1 for name in (ADMINISTRATOR, *STAFF)}
    due |= {(address_of(name), "staff_invited"): 1 for name in STAFF}
    return due | {(address_of(ADMINISTRATOR), "staff_assigned"): 1}


async def check_verified(day: DayAtDesk, folder: Path) -> None:
    """See that the command finds nothing amiss, up to the anchors that were mailed."""
    letters = [Letter.of(mail) for mail in day.counter.sink.mails if mail.recipients == (NOTARY,)]
    file = folder / "anchors.txt"
    file.write_text("\n".join(letter.text for letter in letters), encoding="utf-8")
    code, said = await day.counter.command("verify", "--anchors", str(file))
    assert code == 0, said
    # Of the two letters of a night one tells both anchors, the other the heads of the log since the night before.
    heads = {line.strip() for letter in letters for line in letter.text.splitlines() if " receipts " in line}
    assert f"Everything is as it was recorded; {len(letters) + len(heads)} anchors of yours agree." in said
    days = sorted(date.fromisoformat(line.split()[0]) for line in heads)
    assert len(days) == (days[-1] - days[0]).days + 1 > 30, "there is one for each day"
