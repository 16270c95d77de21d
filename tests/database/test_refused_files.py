"""A file that is not taken is refused at every door of the web and by its name; a mail that brings one is kept."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import pytest_asyncio

from actions import completing, corrections, filing, tramites, uploads
from actions.completing import Completion
from actions.contents import sweep_contents
from actions.corrections import CorrectedAnnex, Correction
from intake.proof import OwnServers
from intake.wording import FORWARDED
from models.files import Content, Upload
from models.receipts import Notice
from models.tasks import Task
from models.tramites import Attachment, Tramite
from rules.access import Role
from rules.catalogue import AttachmentRole
from rules.file_rules import FileRefused
from rules.lifecycle import TramiteStatus
from rules.mail import MailOutcome
from rules.mail_links import LinkPurpose
from rules.mail_reasons import HELD
from rules.tasks import TaskKind
from rules.throttling import Client
from rules.verdicts import REFUSED_BY_DEFAULT, Finding, Judgement, Scan, in_order, say_finding
from tests.database.administering import decide
from tests.database.desk import HERE
from tests.database.mailing import file_mail
from tests.database.mailing import link_of as link_of_mail
from tests.database.test_completing import arrive, link_of
from tests.database.test_mail_releases import PASS, SERVER
from tests.database.test_mail_releases import observed as asked
from tests.hostile import escaping_zip, form_pdf, launching_pdf, plain_pdf
from tests.mails import EARLIER, Postman
from tests.stores import path_of
from tests.unit.intake.mails import write_mail

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
    from pathlib import Path
    from uuid import UUID

    from reading.access import Viewer
    from tests.counter import Counter
    from tests.database.desk import Desk
    from tests.lasting_jail import LastingJail

Made = tuple[Tramite | None, "Callable[[UUID], Awaitable[object]]"]

FILES = "attachments { name kind findings { code message } fitness malwareName pages }"


async def bytes_of(data: bytes) -> AsyncIterator[bytes]:
    """Yield all bytes at once."""
    yield data


async def observed(counter: Counter, maria: Viewer) -> Tramite:
    """Return a trámite of María's that she may correct."""
    clerk = await counter.register(role=Role.CLERK, office=HERE)
    filed = await counter.file(maria)
    return await tramites.observe_tramite(counter.tools, clerk, filed.id, text="Falta la firma")


async def as_main(counter: Counter, maria: Viewer) -> Made:
    """File with it as the main document."""

    async def file(upload: UUID) -> object:
        return await filing.file_tramite(counter.tools, maria, await counter.form(maria, main_upload=upload))

    return None, file


async def as_annex(counter: Counter, maria: Viewer) -> Made:
    """File with it as an annex."""

    async def file(upload: UUID) -> object:
        return await filing.file_tramite(counter.tools, maria, await counter.form(maria, annex_uploads=(upload,)))

    return None, file


async def as_correction(counter: Counter, maria: Viewer) -> Made:
    """Correct with it."""
    tramite = await observed(counter, maria)

    async def correct(upload: UUID) -> object:
        form = Correction(uuid4(), annexes=(CorrectedAnnex(upload),))
        return await corrections.correct_tramite(counter.tools, maria, tramite.id, form)

    return tramite, correct


async def as_completion(counter: Counter, maria: Viewer) -> Made:
    """Complete a mail with it, signed in."""
    tramite = await arrive(counter)
    link = await link_of(tramite)

    async def complete(upload: UUID) -> object:
        form = Completion(main_upload=upload)
        return await completing.complete_filing(counter.tools, link, form, client=Client("192.0.2.1"), viewer=maria)

    return tramite, complete


@pytest.mark.parametrize(
    ("door", "path"),
    [
        (as_main, ("mainUpload",)),
        (as_annex, ("annexUploads", "0")),
        (as_correction, ("annexes", "0", "upload")),
        (as_completion, ("mainUpload",)),
    ],
)
async def test_a_refused_file_comes_through_no_door_and_a_remarked_one_does(
    counter: Counter, door: Callable[[Counter, Viewer], Awaitable[Made]], path: tuple[str, ...]
) -> None:
    maria = await counter.register()
    tramite, hand_in = await door(counter, maria)
    hostile = await counter.upload(maria, data=launching_pdf())
    remarked = await counter.upload(maria, data=form_pdf())
    before = await Attachment.all().count()

    with pytest.raises(FileRefused) as refused:
        await hand_in(hostile.id)
    left = await Attachment.all().count()
    await hand_in(remarked.id)

    assert (refused.value.code, refused.value.path) == ("FILE_LAUNCH", path)
    assert refused.value.message == say_finding(Finding.LAUNCH)
    assert left == before
    assert (await Upload.get(id=hostile.id)).used_at is None
    assert await Attachment.filter(content_id=remarked.content_id).count() == 1
    assert tramite is None or (await Tramite.get(id=tramite.id)).revision > tramite.revision


async def test_what_whoever_holds_a_link_sends_is_judged_as_it_arrives(counter: Counter) -> None:
    tramite = await arrive(counter)
    link = await link_of(tramite)
    main = await completing.receive_file(counter.tools, "pedido.pdf", bytes_of(launching_pdf()))

    with pytest.raises(FileRefused) as refused:
        await completing.complete_filing(counter.tools, link, Completion(main=main), client=Client("192.0.2.1"))
    await completing.give_up(counter.tools, [main])

    assert (refused.value.code, refused.value.path) == ("FILE_LAUNCH", ("mainUpload",))
    assert await Attachment.all().count() == 0
    good = await completing.receive_file(counter.tools, "pedido.pdf", bytes_of(plain_pdf(3)))
    await completing.complete_filing(counter.tools, link, Completion(main=good), client=Client("192.0.2.1"))
    content = await Content.get(attachments__tramite_id=tramite.id)
    assert (content.pages, content.findings) == (3, [])


async def test_a_refused_annex_is_told_by_its_place_in_the_form_whatever_was_there(counter: Counter) -> None:
    tramite = await file_mail(counter, missing=(FORWARDED,))
    await Attachment.filter(tramite=tramite).update(position=1, role=AttachmentRole.ANNEX)
    link = await link_of_mail(tramite, LinkPurpose.COMPLETE)
    good, bad = [
        await completing.receive_file(counter.tools, "a.pdf", bytes_of(made())) for made in (plain_pdf, launching_pdf)
    ]

    with pytest.raises(FileRefused) as refused:
        form = Completion(main=good, annexes=(bad,))
        await completing.complete_filing(counter.tools, link, form, client=Client("192.0.2.1"))

    assert refused.value.path == ("annexUploads", "0")


async def test_staff_answer_with_no_such_file_either(desk: Desk) -> None:
    hostile = await desk.counter.upload(desk.clerk.viewer, name="respuesta.zip", data=escaping_zip())

    answer = await desk.refused(desk.clerk, "resolveTramite", text="Va.", files=[str(hostile.id)])

    assert (answer["code"], answer["path"]) == ("FILE_ESCAPING_NAME", ["input", "files", "0"])


async def test_a_review_tells_what_is_refused_as_a_problem_and_the_rest_as_doubts(desk: Desk) -> None:
    maria, counter = desk.maria, desk.counter
    main = await counter.upload(maria.viewer, name="pedido.pdf", data=launching_pdf())
    annex = await counter.upload(maria.viewer, name="ficha.pdf", data=form_pdf())
    ask = """query($input: FilingInput!) { reviewFiling(input: $input) {
        isReady problems { code path } doubts { code message path } } }"""

    reviewed = (await maria.data(ask, input={"mainUpload": str(main.id), "annexUploads": [str(annex.id)]}))[
        "reviewFiling"
    ]

    of_files = [each for each in reviewed["problems"] if each["code"].startswith("FILE_")]
    assert of_files == [{"code": "FILE_LAUNCH", "path": ["input", "mainUpload"]}]
    assert [each for each in reviewed["doubts"] if each["code"].startswith("FILE_")] == [
        {
            "code": "FILE_AUTOMATIC_ACTION",
            "message": f"«pedido.pdf»: {say_finding(Finding.AUTOMATIC_ACTION)}",
            "path": ["input", "mainUpload"],
        },
        {
            "code": "FILE_FORM",
            "message": f"«ficha.pdf»: {say_finding(Finding.FORM)}",
            "path": ["input", "annexUploads", "0"],
        },
    ]
    assert reviewed["isReady"] is False


async def test_a_policy_that_refuses_nothing_lets_all_in_and_one_that_refuses_more_keeps_it_out(
    counter: Counter,
) -> None:
    maria, boss = await counter.register(), await counter.register(role=Role.ADMINISTRATOR)
    hostile, remarked = [(await counter.upload(maria, data=made())).id for made in (launching_pdf, form_pdf)]

    await decide(counter, boss, refused_findings=[Finding.FORM])
    with pytest.raises(FileRefused) as refused:
        await counter.file(maria, main_upload=remarked)
    await counter.file(maria, main_upload=hostile)
    await decide(counter, boss, refused_findings=[])
    await counter.file(maria, main_upload=remarked)

    assert refused.value.code == "FILE_FORM"
    assert await Tramite.all().count() == 2


WORD = b"malo-malo-malo"


class Scanner:
    """An antivirus that knows one word, and calls what holds it by its name."""

    async def scan(self, paths: Sequence[Path], judgements: Sequence[Judgement]) -> list[tuple[Scan, str | None]]:
        """Return what is said of each file."""
        assert len(paths) == len(judgements)
        return [
            (Scan.INFECTED, "Mesa.Test.UNOFFICIAL") if WORD in path.read_bytes() else (Scan.CLEAN, None)
            for path in paths
        ]


def infected() -> bytes:
    """Return a document in which the antivirus finds its word."""
    return plain_pdf() + b"\n%" + WORD + b"\n"


async def test_malware_is_told_to_everybody_and_its_name_to_staff(desk: Desk) -> None:
    counter, maria, clerk = desk.counter, desk.maria, desk.clerk
    object.__setattr__(counter.tools, "antivirus", Scanner())
    boss = await counter.register(role=Role.ADMINISTRATOR)
    upload = await counter.upload(maria.viewer, name="pedido.pdf", data=infected())
    with pytest.raises(FileRefused):
        await counter.file(maria.viewer, main_upload=upload.id)
    await decide(counter, boss, refused_findings=sorted(REFUSED_BY_DEFAULT - {Finding.MALWARE}))
    filed = await counter.file(maria.viewer, main_upload=upload.id)
    await decide(counter, boss, refused_findings=in_order(REFUSED_BY_DEFAULT))
    ask = f"query($number: String!) {{ tramite(number: $number) {{ {FILES} }} }}"

    seen = [(await by.data(ask, number=filed.number))["tramite"]["attachments"][0] for by in (maria, clerk)]

    told = {"code": "MALWARE", "message": say_finding(Finding.MALWARE)}
    assert [each["findings"] for each in seen] == [[told], [told]]
    assert [each["malwareName"] for each in seen] == [None, "Mesa.Test.UNOFFICIAL"]
    assert [(each["kind"], each["fitness"], each["pages"]) for each in seen] == [("pdf", "REFUSED", 1)] * 2
    assert (await Content.get(sha256=upload.content_id)).scanned_at == counter.clock()


class Says(Scanner):
    """An antivirus that says one thing of everything."""

    def __init__(self, scan: Scan) -> None:
        self._scan = scan

    async def scan(self, paths: Sequence[Path], judgements: Sequence[Judgement]) -> list[tuple[Scan, str | None]]:
        """Say it."""
        return [(self._scan, None)] * len(paths)


async def test_a_content_that_was_found_infected_stays_so_at_every_door(counter: Counter) -> None:
    maria, data, seen = await counter.register(), infected(), list[Any]()

    for antivirus in (Says(Scan.PENDING), Scanner(), Says(Scan.PENDING), Says(Scan.CLEAN), None):
        object.__setattr__(counter.tools, "antivirus", antivirus)
        await counter.upload(maria, data=data)
        content = await Content.get()
        seen.append((content.scan, content.signature, content.scan_after is not None, content.scanned_at is not None))

    assert seen == [(Scan.PENDING, None, True, False), *[(Scan.INFECTED, "Mesa.Test.UNOFFICIAL", False, True)] * 4]


async def test_the_same_file_uploaded_twice_at_once_is_one_content_judged(counter: Counter) -> None:
    maria, jose, data = await counter.register(), await counter.register(), launching_pdf()

    both = await asyncio.gather(*(counter.upload(by, data=data) for by in (maria, jose, maria, jose)))

    assert len({upload.content_id for upload in both}) == 1
    assert (await Content.get()).findings == ["LAUNCH", "AUTOMATIC_ACTION"]


async def test_an_upload_says_what_was_found_of_it(desk: Desk) -> None:
    maria, counter = desk.maria, desk.counter
    of_upload = "{ kind findings { code } fitness }"
    draft = f"draft {{ mainUpload {of_upload} annexUploads {of_upload} }}"
    form = await counter.upload(maria.viewer, data=form_pdf())
    photo = await counter.upload(maria.viewer, name="foto.png", data=launching_pdf())
    awaited = await uploads.open_upload(counter.tools, maria.viewer, name="b.pdf", size_bytes=9)

    given = {"mainUpload": str(form.id), "annexUploads": [str(photo.id), str(awaited.id)]}
    saved = (await maria.mutate("saveDraft", draft, form=given))["draft"]

    assert saved["mainUpload"] == {"kind": "pdf", "findings": [{"code": "FORM"}], "fitness": "REMARKED"}
    codes = [{"code": "OTHER_KIND"}, {"code": "LAUNCH"}, {"code": "AUTOMATIC_ACTION"}]
    assert saved["annexUploads"] == [
        {"kind": "pdf", "findings": codes, "fitness": "REFUSED"},
        {"kind": None, "findings": [], "fitness": None},
    ]


@pytest_asyncio.fixture
async def postman(desk: Desk, lasting_jail: LastingJail, tmp_path: Path) -> Postman:
    """Return who brings mails to the desk's counter."""
    return Postman(desk.counter, lasting_jail, tmp_path)


def hostile_mail() -> bytes:
    """Return a mail with a document that is taken, and annexes that are not."""
    return write_mail(
        ("pedido.pdf", plain_pdf()), ("anexo.zip", escaping_zip()), ("ficha.pdf", launching_pdf())
    ).as_bytes()


async def test_a_mail_with_hostile_files_waits_for_people_who_are_told_what_it_brings(
    desk: Desk, postman: Postman
) -> None:
    item = await postman.bring(hostile_mail(), office=HERE)

    assert (item.outcome, item.reason) == (MailOutcome.QUARANTINED, "FILE_LAUNCH, FILE_ESCAPING_NAME")
    assert (item.received_at, item.notice_id) == (EARLIER, None)
    assert await Tramite.filter(mails__id=item.id).count() == 0
    advice = (await desk.clerk.data("{ mails(first: 1) { edges { node { reasonText } } } }"))["mails"]["edges"]
    [said] = [edge["node"]["reasonText"] for edge in advice]
    assert said.startswith("Trae un archivo que intenta abrir otro programa, y así no se recibe.")
    assert said.endswith(HELD["FILE_ESCAPING_NAME"])


def put_long_ago(counter: Counter) -> None:
    """Make all that is in the store old enough to be swept."""
    for path in path_of(counter.tools.store, "0" * 64).parents[2].rglob("*"):
        os.utime(path, (0, 0))


async def test_a_mail_with_hostile_files_is_released_with_its_date_and_its_files_marked(
    desk: Desk, postman: Postman
) -> None:
    item = await postman.bring(hostile_mail(), office=HERE)
    desk.counter.clock.advance(hours=7)
    put_long_ago(desk.counter)
    assert await sweep_contents(desk.counter.tools) == 3

    answer = await desk.clerk.mutate("releaseMail", f"mail {{ outcome tramite {{ sentAt {FILES} }} }}", id=str(item.id))

    tramite = answer["mail"]["tramite"]
    assert (answer["mail"]["outcome"], tramite["sentAt"]) == ("FILED", EARLIER.isoformat())
    files = tramite["attachments"]
    told = [(each["name"], [found["code"] for found in each["findings"]], each["fitness"]) for each in files]
    assert told == [
        ("pedido.pdf", [], "FIT"),
        ("anexo.zip", ["ESCAPING_NAME"], "REFUSED"),
        ("ficha.pdf", ["LAUNCH", "AUTOMATIC_ACTION"], "REFUSED"),
    ]
    assert await Notice.filter(tramite__mails__id=item.id).count() == 1


async def test_a_mail_is_held_for_what_was_refused_when_it_came(desk: Desk, postman: Postman) -> None:
    boss = await desk.counter.register(role=Role.ADMINISTRATOR)
    await decide(desk.counter, boss, refused_findings=[])

    early = await postman.bring(hostile_mail(), office=HERE)
    late = await postman.bring(hostile_mail(), office=HERE, received_at=desk.counter.clock())

    assert (early.outcome, late.outcome) == (MailOutcome.QUARANTINED, MailOutcome.FILED)
    assert (await Tramite.get(mails__id=late.id)).status is TramiteStatus.PENDING


async def test_a_correction_by_mail_with_a_hostile_file_waits_too_and_the_desk_is_told(
    desk: Desk, postman: Postman
) -> None:
    postman.means = replace(postman.means, servers=OwnServers(frozenset({SERVER})))
    tramite, question = await asked(desk, desk.clerk)
    assert tramite.contact_email is not None
    mail = write_mail(("pedido.pdf", launching_pdf()), sender=f"María <{tramite.contact_email}>")
    above = PASS + f"In-Reply-To: {question}\r\n"

    item = await postman.bring(above.encode() + mail.as_bytes(), office=HERE)
    waiting = await Tramite.get(id=tramite.id)
    told = await Task.get(tramite_id=tramite.id)
    answer = await desk.clerk.mutate("releaseMail", "mail { outcome tramite { number } }", id=str(item.id))

    assert (item.outcome, item.reason, waiting.status) == (
        MailOutcome.QUARANTINED,
        "FILE_LAUNCH",
        TramiteStatus.OBSERVED,
    )
    assert told.kind is TaskKind.REPLY_QUARANTINED
    assert answer["mail"] == {"outcome": "REPLY", "tramite": {"number": tramite.number}}
    assert (await Tramite.get(id=tramite.id)).status is TramiteStatus.PENDING
