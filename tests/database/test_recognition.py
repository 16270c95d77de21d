"""Scanned pages are recognized by a real Tesseract, where that is switched on, and found by their words."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from actions import texts
from actions.recognition import recognize_pages
from files.jail import JailFailed
from files.recognition import NotRecognized, Recognizer
from files.store import ContentDamaged
from models.texts import ContentText
from rules.access import Role
from rules.texts import TextProblem, TextState
from tests.database.test_finding_in_files import edges, snippet
from tests.database.test_texts import file_of, read_all, said
from tests.text_files import pdf_of, scan_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api import Api
    from tests.counter import Counter

TOLD = ("state", "problem", "pages_without_text", "pages_recognized")


async def told() -> tuple[Any, ...]:
    """Return how far the one content is."""
    row = await ContentText.get()
    return tuple(getattr(row, name) for name in TOLD)


async def look_at_all(counter: Counter) -> int:
    """Have all pages looked at; return how many."""
    pages = 0
    while await recognize_pages(counter.tools):
        pages += 1
    return pages


@dataclass
class Reader:
    """Says what the test says that a machine sees."""

    says: Callable[[int], str]

    async def recognize(self, _sha256: str, *, page: int) -> str:
        return self.says(page)


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="Tesseract is not installed")
async def test_a_scanned_page_is_recognized_in_spanish_and_found(counter: Counter, api: Api) -> None:
    boss, maria = await api.signed_in(counter, role=Role.SUPERVISOR), await counter.register()
    tools = counter.tools
    counter.tools = replace(tools, recognizer=Recognizer(tools.texts.runner, tools.store))
    letter = "Señor director:\nSolicito copia certificada de la resolución\ny pido la devolución del título."
    scan = await counter.upload(maria, data=scan_of("Carátula", letter))
    photo = await counter.upload(maria, name="foto.png", data=scan_of("El niño Ñaupari pagó la multa", form="PNG"))
    await counter.file(maria, main_upload=scan.id, annex_uploads=(photo.id,))
    await read_all(counter)
    before = await edges(boss, "devoluciones")

    assert await look_at_all(counter) == 5

    [edge] = await edges(boss, "devolucion titulo")
    [place] = edge["foundIn"]
    assert before == []
    assert (place["file"]["name"], place["page"], place["isRecognized"]) == ("solicitud.pdf", 2, True)
    assert "[devolución] del [título]" in snippet(place)
    assert [place["file"]["name"] for place in (await edges(boss, "naupari multa"))[0]["foundIn"]] == ["foto.png"]


async def test_only_pages_without_text_are_looked_at_and_none_where_it_is_off(counter: Counter) -> None:
    await file_of(counter, await counter.register(), pdf_of("uno", "", "tres", ""))
    await read_all(counter)
    assert await look_at_all(counter) == 0
    seen = list[int]()

    def says(page: int) -> str:
        seen.append(page)
        return f"visto {page}" if page == 2 else ""

    counter.tools = replace(counter.tools, recognizer=Reader(says))
    assert await look_at_all(counter) == 3
    assert await look_at_all(counter) == 0

    assert seen == [2, 4]
    assert await said() == [(1, 0, "uno"), (2, 0, "visto 2"), (3, 0, "tres")]
    assert await told() == (TextState.DONE, None, 2, 1)


async def test_pages_beyond_what_is_kept_are_not_looked_at(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MOST_CHARACTERS", 10)
    await file_of(counter, await counter.register(), pdf_of("", "uno dos tres cuatro", "cinco", "seis"))
    await read_all(counter)
    counter.tools = replace(counter.tools, recognizer=Reader(lambda page: f"visto {page}"))

    assert await look_at_all(counter) == 2

    assert await said() == [(1, 0, "visto 1"), (2, 0, "uno dos tr")]
    assert await told() == (TextState.DONE, None, 1, 1)


@pytest.mark.parametrize("error", [NotRecognized("timeout"), JailFailed("crash"), ContentDamaged("a")])
async def test_a_page_that_cannot_be_recognized_is_passed_over(counter: Counter, error: Exception) -> None:
    await file_of(counter, await counter.register(), pdf_of("", "", ""))
    await read_all(counter)

    def says(page: int) -> str:
        if page == 2:
            raise error
        return "algo"

    counter.tools = replace(counter.tools, recognizer=Reader(says))
    assert await look_at_all(counter) == 2
    between = await told()
    counter.clock.advance(minutes=1)
    assert await look_at_all(counter) == 3

    assert between == (TextState.NO_TEXT, TextProblem.SCANNED, 3, 1)
    assert await told() == (TextState.DONE, None, 3, 2)
    assert await said() == [(1, 0, "algo"), (3, 0, "algo")]


async def test_while_the_program_is_missing_nothing_is_given_up(counter: Counter) -> None:
    await file_of(counter, await counter.register(), pdf_of(""))
    await read_all(counter)

    def says(_page: int) -> str:
        raise FileNotFoundError

    counter.tools = replace(counter.tools, recognizer=Reader(says))
    for _ in range(4):
        with pytest.raises(FileNotFoundError):
            await recognize_pages(counter.tools)
    counter.tools = replace(counter.tools, recognizer=Reader(lambda _page: "algo"))

    assert await look_at_all(counter) == 2
    assert await told() == (TextState.DONE, None, 1, 1)
