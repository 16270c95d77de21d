"""Trámites found by the words of their files; how far the text of files is, and another try."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actions.texts import extract_texts
from models.texts import ContentText
from rules.texts import TextProblem, TextState
from tests.matrix.asking import Fields, mutation, query
from tests.matrix.tramites import IN_OFFICE, placed, thing_of
from tests.text_files import pdf_of

if TYPE_CHECKING:
    from tests.matrix.world import Person, Thing, World


async def worded(world: World, person: Person, relation: int) -> Thing:
    """Return one with a file whose words can be found."""
    tramite = await placed(world, person, relation, pdf_of("zarzuela"))
    while await extract_texts(world.counter.tools):
        pass
    return await thing_of(tramite)


async def failed(world: World, person: Person, _relation: int) -> Thing:
    """Return one with a file whose text could not be taken out."""
    it = await worded(world, person, IN_OFFICE)
    await ContentText.all().update(state=TextState.FAILED, problem=TextProblem.NOT_READ)
    return it


@query("tramites", "by the words of their files", about=worded)
def _(it: Thing) -> str:
    wanted = f'{{ inFiles: "zarzuela", number: "{it["number"]}" }}'
    return f"(filter: {wanted}) {{ edges {{ node {{ id }} foundIn {{ page }} }} }}"


@query("textProgress")
def _(_it: Thing) -> str:
    return " { waiting failed }"


@mutation("retryTexts", about=failed, has_input=False)
def _(_it: Thing) -> Fields:
    return {}
