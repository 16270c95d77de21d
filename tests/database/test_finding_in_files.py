"""Finding by the words of files: what is found, who may, where it stands, and what of it leaves a trace."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from actions import tramites as desk
from actions.texts import extract_texts
from models.register import ReadEntry
from models.texts import ContentText
from models.tramites import Attachment, Tramite
from rules.access import Role
from rules.reads import ReadKind
from rules.texts import TextProblem, TextState
from tests.api import Api
from tests.database.looking import refusal
from tests.database.test_texts import file_of
from tests.statements import Statements
from tests.text_files import docx_of, pdf_of, xlsx_of

if TYPE_CHECKING:
    from reading.access import Viewer
    from tests.counter import Counter

FIND = """query($filter: TramiteFilter) { tramites(filter: $filter) { totalCount { count } edges {
    node { number } foundIn { file { name } page isRecognized snippet { text isMatch } } } } }"""
NUMBERS = "query($filter: TramiteFilter) { tramites(filter: $filter) { edges { node { number } } } }"
LETTER = (
    "Señor Ñaupari:\nPor la presente solicito copia de las notificaciones del expediente 00123-2026.",
    "Invoco el silencio administrativo. La resolución de la Superintendencia no se me comunicó.",
)


async def read_all(counter: Counter) -> None:
    """Take out the text of all files."""
    while await extract_texts(counter.tools):
        pass


async def edges(api: Api, words: str, **more: Any) -> list[dict[str, Any]]:
    """Return what is found by words in files."""
    return (await api.data(FIND, filter={"inFiles": words, **more}))["tramites"]["edges"]


def snippet(place: dict[str, Any]) -> str:
    """Return a snippet, with what was looked for in brackets."""
    return "".join(f"[{part['text']}]" if part["isMatch"] else part["text"] for part in place["snippet"])


WORDS = {
    "notificación": True, "NOTIFICACION": True, "notificaciones": True, "notificar": True, "notificad": True,
    "ñaupari": True, "naupari": True, "señor": True, "senor": True, "00123-2026": True, "123": False, "0012": True,
    "expediente silencio": True, "expediente zarzuela": False, "silencio expedient": True,
    '"silencio administrativo"': True, "«administrativo silencio»": False, '"copia de las notificaciones"': True,
    '"copia notificaciones"': False, '"expediente silencio"': False, "resolucion": True, "resoluciones": True,
    '"silencio administrativo" copia': True, "si": False, "sil": True, "de la": False,
    "a & b | !c:* <-> (silencio)": False, "silencio' OR '1'='1": False, "silencio') OR true --": False,
}  # fmt: skip


async def test_words_are_found_as_they_are_meant(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.SUPERVISOR)
    await file_of(counter, await counter.register(), pdf_of(*LETTER))
    await read_all(counter)

    found = {words: bool(await edges(clerk, words)) for words in WORDS}

    assert found == WORDS


@pytest.mark.parametrize("words", ["", "  ¿?  ", "x" * 201])
async def test_what_holds_no_word_is_refused(counter: Counter, api: Api, words: str) -> None:
    refused = await refusal(await api.signed_in(counter), filter={"inFiles": words})

    assert (refused["code"], refused["path"]) == ("TEXT_UNSEARCHABLE", ["filter", "inFiles"])


async def test_it_is_told_in_which_file_and_where(counter: Counter, api: Api) -> None:
    clerk = await api.signed_in(counter, role=Role.SUPERVISOR)
    maria = await counter.register()
    sheet = await counter.upload(maria, name="cuadro.xlsx", data=xlsx_of([["Superintendencia", "<b>silencio</b>"]]))
    letter = await counter.upload(maria, data=pdf_of(*LETTER))
    filed = await counter.file(maria, main_upload=letter.id, annex_uploads=(sheet.id,))
    await read_all(counter)

    [edge] = await edges(clerk, "silencio superintendencia")
    [only] = await edges(clerk, "resoluciones")

    assert edge["node"]["number"] == filed.number
    first, second = edge["foundIn"]
    assert (first["file"]["name"], first["page"], first["isRecognized"]) == ("solicitud.pdf", 2, False)
    assert snippet(first).startswith("Invoco el [silencio] administrativo. La resolución de la [Superintendencia]")
    assert (second["file"]["name"], second["page"]) == ("cuadro.xlsx", None)
    assert snippet(second) == "Hoja [Superintendencia] [silencio]"
    assert "[resolución]" in snippet(only["foundIn"][0])


async def test_it_is_combined_with_all_else_that_is_looked_for(counter: Counter, api: Api) -> None:
    clerk, maria = await api.signed_in(counter, role=Role.SUPERVISOR), await counter.register()
    for office in ("LIMA", "PUNO"):
        data = pdf_of(f"zarzuela en {office}")
        await counter.file(
            maria,
            office_code=office,
            subject=f"Pedido {office}",
            main_upload=(await counter.upload(maria, data=data)).id,
        )
    await read_all(counter)

    counts = [
        len(await edges(clerk, "zarzuela", **more))
        for more in ({}, {"officeCodes": ["PUNO"]}, {"text": "pedido lima"}, {"text": "zarzuela"}, {"isLate": True})
    ]

    assert counts == [2, 1, 1, 0, 0]


SEEN = {
    (Role.CLERK, "PUNO"): {"mine"},
    (Role.CLERK, "LIMA"): {"mine", "in Lima"},
    (Role.CLERK, "SEDE-CENTRAL"): {"mine", "referred"},
    (Role.CLERK, "HUANCAYO"): {"mine", "referred"},
    (Role.SUPERVISOR, None): {"mine", "in Lima", "referred", "another's"},
    (Role.AUDITOR, None): {"mine", "in Lima", "referred", "another's"},
    (Role.ADMINISTRATOR, None): {"mine"},
    (Role.APPLICANT, None): {"mine"},
}


async def test_nobody_finds_what_they_may_not_see(counter: Counter, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    maria, names = await counter.register(), dict[str, str]()
    people = {who: await api.signed_in(counter, role=who[0], office=who[1]) for who in SEEN}
    for name, office in (("in Lima", "LIMA"), ("referred", "SEDE-CENTRAL")):
        names[(await _filed(counter, maria, office)).number] = name
        last = await Tramite.all().order_by("-sent_at", "-number").first()
    assert last is not None
    clerk = people[Role.CLERK, "SEDE-CENTRAL"].viewer
    await desk.refer_tramite(counter.tools, clerk, last.id, office_code="HUANCAYO", text=None)
    own = {(await _filed(counter, person.viewer, "CHICLAYO")).number: who for who, person in people.items()}
    await read_all(counter)

    seen = dict[Any, set[str]]()
    for most, (who, person) in product((5_000, 0), people.items()):
        monkeypatch.setattr("reading.in_files.MOST_LOOKED_UP", most)
        found = [edge["node"]["number"] for edge in await edges(person, "zarzuela")]
        seen[most, who] = {names.get(each) or ("mine" if own[each] == who else "another's") for each in found}

    assert seen == {(most, who): what for most in (5_000, 0) for who, what in SEEN.items()}


async def _filed(counter: Counter, viewer: Viewer, office: str) -> Tramite:
    counter.clock.advance(minutes=1)
    upload = await counter.upload(viewer, data=pdf_of("zarzuela secreta"))
    return await counter.file(viewer, office_code=office, main_upload=upload.id)


@pytest.mark.parametrize("most_looked_up", [0, 5_000])
async def test_a_file_that_is_past_its_time_is_no_longer_found_though_others_have_the_same(
    counter: Counter, api: Api, monkeypatch: pytest.MonkeyPatch, most_looked_up: int
) -> None:
    monkeypatch.setattr("reading.in_files.MOST_LOOKED_UP", most_looked_up)
    clerk, maria = await api.signed_in(counter, role=Role.SUPERVISOR), await counter.register()
    old, new = [await _filed(counter, maria, "LIMA") for _ in range(2)]
    await read_all(counter)
    await Attachment.filter(tramite_id=old.id).update(erased_at=counter.clock())

    found = [edge["node"]["number"] for edge in await edges(clerk, "zarzuela")]

    assert found == [new.number]


async def test_three_that_are_found_cost_as_many_statements_as_one(
    counter: Counter, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, maria = await api.signed_in(counter, role=Role.SUPERVISOR), await counter.register()
    for words in ("zarzuela uno", "zarzuela dos", "zarzuela tres"):
        await file_of(counter, maria, docx_of(words))
    await read_all(counter)
    statements = Statements(monkeypatch)

    one = await statements.of(edges(clerk, "zarzuela dos"))
    three = await statements.of(edges(clerk, "zarzuela"))
    none = await statements.of(clerk.data(NUMBERS, filter={"inFiles": "zarzuela"}))

    assert one == three == none + 3  # the places, their files, how far their texts are
    assert len(await edges(clerk, "zarzuela")) == 3


async def test_who_looks_into_the_files_of_others_leaves_a_trace(counter: Counter, api: Api) -> None:
    clerk, maria = await api.signed_in(counter, role=Role.SUPERVISOR), await api.signed_in(counter)
    filed = await _filed(counter, maria.viewer, "LIMA")
    await read_all(counter)

    await maria.data(NUMBERS, filter={"inFiles": "zarzuela"})
    await clerk.data(NUMBERS, filter={"inFiles": "nada"})
    await clerk.data(NUMBERS, filter={"inFiles": "zarzuela"})

    [trace] = await ReadEntry.all()
    assert (trace.kind, trace.detail) == (ReadKind.TEXTS, {"ids": [str(filed.id)], "byPerson": False})
    assert "zarzuela" not in trace.record


async def test_each_file_says_how_far_it_can_be_searched(counter: Counter, api: Api) -> None:
    clerk, maria = await api.signed_in(counter, role=Role.SUPERVISOR), await counter.register()
    told = (
        "{ tramites { edges { node { attachments { text { state problem explanation pagesWithoutText isCut } } } } } }"
    )

    async def files() -> list[dict[str, Any]]:
        found = (await clerk.data(told))["tramites"]["edges"]
        return [file["text"] for edge in reversed(found) for file in edge["node"]["attachments"]]

    for data in (pdf_of("uno", ""), pdf_of("", ""), pdf_of("uno", password="clave")):
        counter.clock.advance(minutes=1)
        await file_of(counter, maria, data)
    before = [file["state"] for file in await files()]
    await read_all(counter)

    assert before == ["PENDING"] * 3
    assert await files() == [
        {"state": "DONE", "problem": None, "explanation": "1 página escaneada sin texto.", "pagesWithoutText": 1,
         "isCut": False},
        {"state": "NO_TEXT", "problem": "SCANNED", "explanation": "Escaneado sin texto: no se puede buscar en él.",
         "pagesWithoutText": 2, "isCut": False},
        {"state": "NO_TEXT", "problem": "ENCRYPTED",
         "explanation": "Tiene clave de apertura: no se puede buscar en su texto.", "pagesWithoutText": 0,
         "isCut": False},
    ]  # fmt: skip


async def test_staff_see_how_much_waits_and_administrators_have_what_failed_tried_again(
    counter: Counter, api: Api
) -> None:
    maria, boss = await api.signed_in(counter), await api.signed_in(counter, role=Role.ADMINISTRATOR)
    for words in ("uno", "dos", "tres"):
        await file_of(counter, maria.viewer, pdf_of(words))
    await extract_texts(counter.tools)
    failed = await ContentText.filter(state=TextState.PENDING).first()
    assert failed is not None
    failed.state, failed.problem, failed.done_at = TextState.FAILED, TextProblem.NOT_READ, counter.clock()
    await failed.save()
    progress = "{ textProgress { waiting failed unrecognized } }"
    retry = "mutation { retryTexts { __typename ... on Refusal { code } ... on RetryTextsSuccess { count } } }"

    before, theirs = await boss.data(progress), await maria.data(progress)
    refused, retried = await maria.data(retry), await boss.data(retry)
    after = await boss.data(progress)

    assert before == {"textProgress": {"waiting": 1, "failed": 1, "unrecognized": 0}}
    assert theirs == {"textProgress": None}
    assert refused["retryTexts"]["code"] == "NOT_YOUR_DUTY"
    assert retried["retryTexts"]["count"] == 1
    assert after == {"textProgress": {"waiting": 2, "failed": 0, "unrecognized": 0}}
