"""
Trámites by the hundred thousand, to try how the counter fares with them: made up, but by every rule of the register.

Each is written out as a filing is, and then taken further by the steps of the life cycle; numbers go on without a gap,
entries are chained. They are copied in batches, each of them a transaction that moves the head of the register.
"""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import cycle
from typing import TYPE_CHECKING, Any

from actions.attachments import FiledFile
from actions.contents import record_content
from actions.issuing import receipt_of
from actions.notices import notice_of
from actions.register import Record
from actions.submission import Submission, write_out
from actions.transaction import tx
from mesadepartes.multitude_rows import HEAD, Batch, copy_rows
from models.catalogue import Office
from models.people import User
from models.receipts import Notice
from models.tramites import Referral, Tramite
from reading.policies import calendar_of
from rules import chain, numbering
from rules.access import Role
from rules.catalogue import AttachmentRole, Channel, DocumentKind, ReceiptKind
from rules.due import begin_terms
from rules.lifecycle import Facts, Step, TramiteStatus, next_status
from rules.notices import NoticeKind, NoticeState
from rules.people import IdentityKind
from rules.register import Act
from rules.verdicts import Judgement
from rules.workdays import count_term, day_of, filed_on

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

    import asyncpg
    from tortoise.models import Model

    from actions.tools import Tools
    from files.store import StoredContent
    from rules.workdays import Calendar

BATCH = 5_000
PASSWORD = "nadie existe de verdad"  # noqa: S105 - meant to be known
PDF = b"%PDF-1.7\n% made up\n%%EOF\n"
YEARS = 4
FIRST_DNI = 80_000_000
TRAMITES_EACH = 20
"""How many an ordinary applicant has."""

FIRST_STEP_HOURS = 20.0
ANSWER_HOURS = 150.0
"""How long half of the first steps and of the answers take."""

WHAT = ("Solicito copia de", "Presento descargos sobre", "Reclamo por", "Solicito información de", "Remito", "Apelo")
WHOSE = (
    "mi expediente", "la licencia de construcción", "la resolución directoral", "el pago de pensión",
    "la visita del domingo", "el traslado de mi hermano", "la constancia de reclusión", "el beneficio penitenciario",
)  # fmt: skip
WHY = ("por motivos de salud", "según la ley", "del año pasado", "de urgencia", "para la asamblea", "del señor Ñaupari")
SURNAMES = ("Quispe", "Mamani", "Huamán", "Flores", "Ñaupari", "Rojas", "Condori", "Pérez", "Sánchez", "Chávez")
NAMES = ("María", "José", "Rosa", "Luis", "Carmen", "Jesús", "Ana", "Víctor", "Julia", "Óscar")


@dataclass(frozen=True)
class Scene:
    """Who files, who answers, where, and what is handed in."""

    tools: Tools
    offices: list[Office]
    applicants: list[User]
    clerk: User
    content: StoredContent
    chance: random.Random
    calendars: dict[tuple[uuid.UUID, date], Calendar] = field(default_factory=dict[tuple[uuid.UUID, date], "Calendar"])

    async def calendar(self, office: Office, at: datetime) -> Calendar:
        """Return by what an office dates; nobody changes that meanwhile, so each day is asked for once."""
        key = (office.id, day_of(at))
        if key not in self.calendars:
            self.calendars[key] = await calendar_of(office, at=at)
        return self.calendars[key]


async def add_tramites(
    owner: asyncpg.Connection, scene: Scene, count: int, *, busiest: int, until: datetime, told: Callable[[int], None]
) -> None:
    """
    Add *count* trámites, spread evenly over four years until the instant *until*; *told* hears of each batch.

    *busiest* of them are the first applicant's.
    """
    step = timedelta(days=365 * YEARS) / count
    instants = (until - step * (count - number) for number in range(count))
    people, left = _applicants(scene, count, busiest), count
    while left:
        some = min(BATCH, left)
        async with owner.transaction():
            await copy_rows(owner, await _batch(owner, scene, some, instants, people))
        left -= some
        told(some)


def _applicants(scene: Scene, count: int, busiest: int) -> Iterator[User]:
    """Return the applicants in turn, and the first one as often as told, evenly."""
    first, others = scene.applicants[0], cycle(scene.applicants[1:])
    due = (number * busiest // count != (number + 1) * busiest // count for number in range(count))
    return (first if is_due else next(others) for is_due in due)


async def _batch(
    owner: asyncpg.Connection, scene: Scene, count: int, instants: Iterator[datetime], people: Iterator[User]
) -> Batch:
    head = await owner.fetchrow(HEAD)
    assert head is not None
    given = {row["series"]: row["last_given"] for row in await owner.fetch("SELECT * FROM number_series")}
    batch = Batch(head["sequence"], head["hash"], last_given=given)
    for _ in range(count):
        await _add_one(batch, scene, next(instants), next(people))
    return batch


async def _add_one(batch: Batch, scene: Scene, sent_at: datetime, applicant: User) -> None:
    office, year = scene.chance.choice(scene.offices), numbering.year_of(sent_at)
    prefix = scene.tools.institution.number_prefix
    serial = batch.last_given.get(f"{prefix}-{year}", 0) + 1
    batch.last_given[f"{prefix}-{year}"] = serial
    calendar = await scene.calendar(office, sent_at)
    date = filed_on(sent_at, calendar)
    due = begin_terms(date.day, scene.tools.institution.desk_terms, calendar)
    number = numbering.format_number(prefix, year, serial)
    written = write_out(scene.tools, _document(scene, office, applicant, sent_at), date, due=due, number=number)
    batch.append(written.record)
    written.tramite.repeats = batch.sequence > 1  # all hand in the same file
    later = await _go_on(batch, scene, written.tramite, applicant)
    for row in (*written.belongings, *later):
        if isinstance(row, Notice):
            _send(row, sent_at)
    batch.add(written.tramite, *written.belongings, *later)


def _document(scene: Scene, office: Office, applicant: User, sent_at: datetime) -> Submission:
    chance = scene.chance
    return Submission(
        tramite_id=uuid.UUID(int=chance.getrandbits(128), version=4),
        channel=Channel.WEB,
        office=office,
        sent_at=sent_at,
        subject=f"{chance.choice(WHAT)} {chance.choice(WHOSE)} {chance.choice(WHY)} n.º {chance.randrange(1, 99_999)}",
        sender_name=applicant.full_name,
        files=(FiledFile(AttachmentRole.MAIN, "documento.pdf", scene.content.sha256, scene.content.size_bytes, 1),),
        applicant=applicant,
        document_kind=chance.choice(list(DocumentKind)),
        document_number=f"{chance.randrange(1, 999)}-{sent_at.year}" if chance.random() < 0.5 else None,
        folios=1,
        contact_email=applicant.email,
        contact_mobile=applicant.mobile,
        privacy_policy_version=scene.tools.institution.privacy_policy_version,
    )


async def _go_on(batch: Batch, scene: Scene, tramite: Tramite, applicant: User) -> list[Model]:
    """Take a trámite further, as far as it can have come by now; return the rows that this adds."""
    fate = scene.chance.random()
    at = tramite.sent_at + _some_time(scene.chance, FIRST_STEP_HOURS)
    if fate < 0.1 or at > scene.tools.clock():
        return []
    files = [FiledFile(AttachmentRole.MAIN, "documento.pdf", scene.content.sha256, scene.content.size_bytes, 1)]
    if fate < 0.15:
        tramite.status = TramiteStatus.VOIDED
        receipt = receipt_of(scene.tools, tramite, ReceiptKind.VOIDING, applicant=applicant, files=files, acted_at=at)
        tramite.status, detail = TramiteStatus.PENDING, {"facts": chain.facts_digest(receipt.facts)}
        _step(batch, scene, tramite, Step.VOID, Act.VOIDED, at=at, by=applicant, detail=detail)
        return [
            receipt,
            notice_of(scene.tools, NoticeKind.VOIDED, tramite=tramite, detail={"receipt": str(receipt.id)}),
        ]
    if fate < 0.2 and at > scene.tools.clock() - timedelta(days=1):
        tramite.observation = "Falta la firma del solicitante."
        tramite.observed_before = True
        term = count_term(at, working_days=2, calendar=await scene.calendar(tramite.office, at))
        tramite.correct_by, tramite.deadline_rule = term.day, term.to_json()
        detail = {"correctBy": term.day.isoformat()}
        _step(batch, scene, tramite, Step.OBSERVE, Act.OBSERVED, at=at, text=tramite.observation, detail=detail)
        return [notice_of(scene.tools, NoticeKind.OBSERVED, tramite=tramite)]
    return _answer(batch, scene, tramite, applicant, at=at, is_resolved=fate > 0.5)


def _answer(
    batch: Batch, scene: Scene, tramite: Tramite, applicant: User, *, at: datetime, is_resolved: bool
) -> list[Model]:
    """Refer a trámite, and resolve it if it is told and there was time; return the rows that this adds."""
    files = [FiledFile(AttachmentRole.MAIN, "documento.pdf", scene.content.sha256, scene.content.size_bytes, 1)]
    target = scene.chance.choice(scene.offices)
    referral = Referral(tramite_id=tramite.id, from_office_id=tramite.office_id, to_office_id=target.id, referred_at=at)
    detail = {"fromOffice": tramite.office.code, "toOffice": target.code, "referral": str(referral.id)}
    tramite.office, tramite.received_at = target, at
    tramite.status = TramiteStatus.REFERRED
    receipt = receipt_of(scene.tools, tramite, ReceiptKind.RECEPTION, applicant=applicant, files=files, acted_at=at)
    tramite.status = TramiteStatus.PENDING
    detail |= {"receipt": receipt.kind.value, "facts": chain.facts_digest(receipt.facts)}
    _step(batch, scene, tramite, Step.REFER, Act.REFERRED, at=at, detail=detail)
    brought = {"receipt": str(receipt.id)}
    notice = notice_of(scene.tools, NoticeKind.REFERRED, tramite=tramite, detail=brought)
    later: list[Model] = [referral, receipt, notice]
    at += _some_time(scene.chance, ANSWER_HOURS)
    if is_resolved and at <= scene.tools.clock():
        tramite.resolution = "Se atiende lo solicitado."
        _step(batch, scene, tramite, Step.RESOLVE, Act.RESOLVED, at=at, text=tramite.resolution)
        later.append(notice_of(scene.tools, NoticeKind.RESOLVED, tramite=tramite))
    return later


def _some_time(chance: random.Random, usual_hours: float) -> timedelta:
    """Return how long a step took: half of the times up to *usual_hours*, and now and then very much longer."""
    return timedelta(seconds=1 + int(3_600 * chance.lognormvariate(math.log(usual_hours), 1.2)))


def _step(
    batch: Batch,
    scene: Scene,
    tramite: Tramite,
    step: Step,
    act: Act,
    *,
    at: datetime,
    by: User | None = None,
    text: str | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Take a step by the table of the life cycle, the clerk's if nobody else's, and write its entry."""
    before, role = tramite.status, Role.APPLICANT if by else Role.CLERK
    facts = Facts(before, tramite.observed_before and step is not Step.OBSERVE)
    tramite.status = next_status(facts, step, role)
    tramite.revision += 1
    batch.append(
        Record(
            act,
            at=at,
            role=role,
            actor_id=(by or scene.clerk).id,
            tramite_id=tramite.id,
            from_status=before,
            to_status=tramite.status,
            text=text,
            detail=detail or {},
        )
    )


def _send(notice: Notice, at: datetime) -> None:
    """Take a mail as sent: nobody is written to about what is made up."""
    notice.state, notice.attempts = NoticeState.SENT, 1
    notice.created_at = notice.finished_at = at
    notice.next_try_at = None


async def people_for(tools: Tools, count: int, *, password_hash: str, chance: random.Random) -> list[User]:
    """Return so many applicants as *count* trámites need, made if they are not there; all have the same password."""
    numbers = [str(FIRST_DNI + number) for number in range(max(2, count // TRAMITES_EACH))]
    users = [
        User(
            identity_kind=IdentityKind.DNI,
            identity_number=number,
            given_names=chance.choice(NAMES),
            first_surname=chance.choice(SURNAMES),
            second_surname=chance.choice(SURNAMES),
            birth_date=date(1950 + chance.randrange(50), 1, 1),
            email=f"{number}@ciudadana.example",
            mobile="+51900000000",
            email_verified_at=tools.clock(),
            password_hash=password_hash,
            created_at=tools.clock(),
        )
        for number in numbers
    ]
    async with tx():
        await User.bulk_create(users, batch_size=1_000, ignore_conflicts=True)
    between = {"identity_number__gte": numbers[0], "identity_number__lte": numbers[-1]}  # a query names 32,767 at most
    return await User.filter(identity_kind=IdentityKind.DNI, **between).order_by("identity_number")


async def multiply(
    tools: Tools,
    owner_url: str,
    count: int,
    *,
    chance: random.Random,
    told: Callable[[int], None],
    busiest: int | None = None,
) -> None:
    """
    Make up *count* trámites in the database whose owner connects by *owner_url*.

    *busiest* of them are of one applicant, a hundredth if it is not told; the others have some twenty each.
    """
    import asyncpg

    stored = await tools.store.put_bytes(PDF)
    async with tx():
        await record_content(tools, stored, Judgement("pdf", pages=1))
    password_hash = await tools.hasher.hash(PASSWORD)
    applicants = await people_for(tools, count, password_hash=password_hash, chance=chance)
    scene = Scene(tools, await Office.all().order_by("position"), applicants, applicants[-1], stored, chance)
    owner = await asyncpg.connect(owner_url)
    try:
        most = count // 100 if busiest is None else busiest
        await add_tramites(owner, scene, count, busiest=most, until=tools.clock(), told=told)
        for table in ("tramites", "entries", "entry_texts", "attachments", "receipts", "notices", "users", "referrals"):
            await owner.execute(f"ANALYZE {table}")
    finally:
        await owner.close()
