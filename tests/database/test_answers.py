"""Answers (atenciones): words and files for the applicant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.receipts import Receipt
from models.register import Entry
from rules.access import Role
from rules.chain import facts_digest
from rules.notices import NoticeKind
from rules.register import Act
from tests.database.desk import HERE, fetch, mails

if TYPE_CHECKING:
    from tests.database.desk import Desk


async def test_an_answer_brings_files_that_the_applicant_fetches_and_the_mail_names(desk: Desk) -> None:
    stranger = await desk.person(Role.APPLICANT, None)
    uploads = [await desk.upload(desk.clerk, name=name) for name in ("resolución.pdf", "segunda.pdf")]

    resolved = await desk.do(desk.clerk, "resolveTramite", text="Se entrega la copia.", files=uploads)

    files = resolved["answerFiles"]
    assert [(file["role"], file["position"], file["version"], file["name"]) for file in files] == [
        ("ANSWER", 101, 1, "resolución.pdf"),
        ("ANSWER", 102, 1, "segunda.pdf"),
    ]
    assert [file["name"] for file in resolved["attachments"]] == ["solicitud.pdf"]
    assert [(await fetch(desk.maria, file["url"]))[:5] for file in files] == [b"%PDF-"] * 2
    assert await fetch(stranger, files[0]["url"]) == b""
    [told] = await mails(NoticeKind.RESOLVED)
    assert told["answerFiles"] == ["resolución.pdf", "segunda.pdf"]
    facts = (await Receipt.get(kind="RECEPTION")).facts
    assert (await Entry.get(act=Act.RESOLVED)).detail == {
        "files": [{"sha256": file["sha256"]} for file in files],
        "receipt": "RECEPTION",
        "facts": facts_digest(facts),
    }
    assert [file["name"] for file in facts["files"]] == ["solicitud.pdf"]


async def test_a_second_answer_keeps_the_files_of_the_first(desk: Desk) -> None:
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    await desk.do(desk.clerk, "resolveTramite", text="Va.", files=[await desk.upload(desk.clerk, name="a.pdf")])
    await desk.do(supervisor, "reopenTramite", reason="Faltó una hoja.")

    again = await desk.do(desk.clerk, "resolveTramite", text="Va.", files=[await desk.upload(desk.clerk, name="b.pdf")])

    assert [(file["version"], file["name"]) for file in again["answerFiles"]] == [(1, "a.pdf"), (2, "b.pdf")]


async def test_files_of_an_answer_are_the_clerks_own_whole_and_at_most_five(desk: Desk) -> None:
    hers = await desk.upload(desk.maria)
    own = await desk.upload(desk.clerk)
    program = await desk.upload(desk.clerk, name="tabla.xlsx")

    for files, code, path in (
        ([hers], "UPLOAD_NOT_FOUND", ["input", "files", "0"]),
        ([own, hers], "UPLOAD_NOT_FOUND", ["input", "files", "1"]),
        ([own, own], "UPLOAD_NAMED_TWICE", ["input", "files"]),
        ([own] * 6, "TOO_MANY_FILES", ["input", "files"]),
    ):
        answer = await desk.refused(desk.clerk, "resolveTramite", text="Va.", files=files)
        assert (answer["code"], answer["path"]) == (code, path)

    assert len((await desk.do(desk.clerk, "resolveTramite", text="Va.", files=[own, program]))["answerFiles"]) == 2


async def test_a_correction_after_which_it_is_answered_keeps_its_places(desk: Desk) -> None:
    """Files of answers have places of their own: a later version of what was handed in does not meet them."""
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    await desk.do(desk.clerk, "resolveTramite", text="Va.", files=[await desk.upload(desk.clerk)])
    await desk.do(supervisor, "reopenTramite", reason="Falta la firma.")
    await desk.do(desk.clerk, "observeTramite", points=["Falta la firma."])
    annex = await desk.upload(desk.maria, name="firma.pdf")

    corrected = await desk.do(
        desk.maria, "correctTramite", clientKey="5a8b2f7e-52c0-4c1c-a2a6-1d9b6b0d1b11", annexes=[{"upload": annex}]
    )

    assert [file["name"] for file in corrected["attachments"]] == ["solicitud.pdf", "firma.pdf"]
    assert [file["name"] for file in corrected["answerFiles"]] == ["respuesta.pdf"]
