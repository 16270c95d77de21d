"""Observations (observaciones): once, all that must be corrected, by points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rules.notices import NoticeKind
from tests.database.desk import mails

if TYPE_CHECKING:
    from tests.database.desk import Desk


async def test_an_observation_is_a_list_of_points_that_the_mail_numbers(desk: Desk) -> None:
    points = ["Falta la firma.", "El anexo 2\nno se puede leer."]

    observed = await desk.do(desk.clerk, "observeTramite", points=points, text="Revise lo siguiente.")

    said = "Revise lo siguiente.\n\n1. Falta la firma.\n2. El anexo 2\nno se puede leer."
    assert (observed["status"], observed["observationPoints"], observed["observation"]) == ("OBSERVED", points, said)
    assert observed["history"][-1] == {"act": "OBSERVED", "text": said, "actorRole": "CLERK"}
    assert [told["observation"] for told in await mails(NoticeKind.OBSERVED)] == [said]
    assert (await desk.seen(desk.maria))["observationPoints"] == points


@pytest.mark.parametrize(
    ("given", "said"), [({"points": ["Falta la firma."]}, "Falta la firma."), ({"text": "A"}, "A")]
)
async def test_one_point_or_words_alone_are_told_as_they_are(desk: Desk, given: dict[str, Any], said: str) -> None:
    assert (await desk.do(desk.clerk, "observeTramite", **given))["observation"] == said


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({}, "NOTHING_OBSERVED", ["input", "points"]),
        ({"text": " "}, "TEXT_MISSING", ["input", "text"]),
        ({"points": ["Falta.", " "]}, "TEXT_MISSING", ["input", "points", "1"]),
        ({"points": ["x" * 501]}, "TEXT_TOO_LONG", ["input", "points", "0"]),
        ({"points": ["Falta."] * 21}, "TOO_MANY_POINTS", ["input", "points"]),
        ({"points": ["Falta."], "text": "x" * 4001}, "TEXT_TOO_LONG", ["input", "text"]),
    ],
)
async def test_what_is_no_observation_is_refused_by_its_field(
    desk: Desk, given: dict[str, Any], code: str, path: list[str]
) -> None:
    answer = await desk.refused(desk.clerk, "observeTramite", **given)

    assert (answer["__typename"], answer["code"], answer["path"]) == ("InvalidInput", code, path)


async def test_twenty_points_of_500_characters_are_an_observation(desk: Desk) -> None:
    observed = await desk.do(desk.clerk, "observeTramite", points=["x" * 500] * 20)

    assert len(observed["observationPoints"]) == 20
