"""Of two who change a trámite at once, the second is told what changed, and nothing of theirs is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from actions.lapsing import lapse_overdue
from models.register import Entry
from models.tramites import Tramite
from rules.access import Role
from rules.register import Act
from tests.database.desk import HERE, THERE, record

if TYPE_CHECKING:
    from tests.api import Api
    from tests.database.desk import Desk

CHANGED = """
    __typename ... on Refusal { code message path }
    ... on TramiteChanged { revision changes { act at actorRole } }"""

DEEDS: dict[str, dict[str, Any]] = {
    "receiveTramite": {},
    "observeTramite": {"text": "Falta la firma."},
    "referTramite": {"officeCode": THERE},
    "resolveTramite": {"text": "Se entregó."},
    "correctFolios": {"folios": 9, "reason": "Son nueve."},
    "reopenTramite": {"reason": "Error."},
    "takeTramite": {},
    "assignTramite": {},
    "releaseTramite": {},
}
"""What staff do with a trámite, and what they give for it."""


async def try_it(desk: Desk, by: Api, name: str, **given: Any) -> dict[str, Any]:
    document = f"mutation($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{ {CHANGED} }} }}"
    return (await by.data(document, input={"id": desk.tramite["id"], **given}))[name]


@pytest.mark.parametrize("deed", DEEDS)
async def test_the_second_of_two_is_told_what_the_first_did(desk: Desk, deed: str) -> None:
    second = await desk.person(Role.SUPERVISOR, HERE)
    seen = (await desk.seen(second))["revision"]
    desk.counter.clock.advance(minutes=5)
    await desk.do(desk.clerk, "correctFolios", folios=5, reason="Son cinco.")
    given = DEEDS[deed] | ({"userId": str(second.viewer.user_id)} if deed == "assignTramite" else {})
    before = await record()

    answer = await try_it(desk, second, deed, **given, expectedRevision=seen)

    assert await record() == before
    assert answer == {
        "__typename": "TramiteChanged",
        "code": "TRAMITE_CHANGED",
        "message": "El trámite cambió mientras usted lo tenía abierto, y no se hizo lo que pidió. Desde entonces: "
        "09/03/2026 10:05, se corrigieron los folios (personal de mesa de partes). Revise cómo quedó y, si todavía "
        "corresponde, vuelva a enviarlo.",
        "path": ["input", "expectedRevision"],
        "revision": seen + 1,
        "changes": [{"act": "FOLIOS_CORRECTED", "at": "2026-03-09T15:05:00+00:00", "actorRole": "CLERK"}],
    }


async def test_whoever_saw_it_as_it_is_goes_on(desk: Desk) -> None:
    for place, (name, given) in enumerate(
        [
            ("receiveTramite", {}),
            ("takeTramite", {}),
            ("correctFolios", {"folios": 9, "reason": "Son nueve."}),
            ("releaseTramite", {}),
            ("referTramite", {"officeCode": HERE}),
            ("resolveTramite", {"text": "Se entregó."}),
        ],
        1,
    ):
        assert (await desk.do(desk.clerk, name, **given, expectedRevision=place))["revision"] == place + 1


async def test_what_the_applicant_and_the_counter_change_counts_too(desk: Desk) -> None:
    revisions = [(await desk.seen(desk.maria))["revision"]]
    await desk.do(desk.maria, "updateTramite", folios=4)
    revisions.append((await desk.seen(desk.maria))["revision"])
    await desk.do(desk.clerk, "observeTramite", text="Falta la firma.")
    await desk.do(desk.maria, "correctTramite", clientKey="5a8b2f7e-52c0-4c1c-a2a6-1d9b6b0d1b11", text="Ya está.")
    revisions.append((await desk.seen(desk.maria))["revision"])
    await desk.do(desk.maria, "voidTramite")
    revisions.append((await desk.seen(desk.maria))["revision"])

    assert revisions == [1, 2, 4, 5]
    answer = await try_it(desk, desk.clerk, "observeTramite", text="Falta.", expectedRevision=1)
    assert [(each["act"], each["actorRole"]) for each in answer["changes"]] == [
        ("UPDATED", "APPLICANT"),
        ("OBSERVED", "CLERK"),
        ("CORRECTED", "APPLICANT"),
        ("VOIDED", "APPLICANT"),
    ]


async def test_a_lapse_is_a_change_by_the_counter_itself(desk: Desk) -> None:
    await desk.do(desk.clerk, "observeTramite", text="Falta la firma.")
    await desk.counter.deliver()
    desk.counter.clock.advance(days=9)
    await lapse_overdue(desk.counter.tools)
    supervisor = await desk.person(Role.SUPERVISOR, HERE)

    answer = await try_it(desk, supervisor, "reopenTramite", reason="Error.", expectedRevision=2)

    assert [(each["act"], each["actorRole"]) for each in answer["changes"]] == [("LAPSED", "SYSTEM")]
    assert "se tuvo por no presentado (el propio sistema)" in answer["message"]


async def test_who_meanwhile_lost_it_to_another_office_is_told_so(desk: Desk) -> None:
    other = await desk.person(Role.CLERK, HERE)
    await desk.do(desk.clerk, "referTramite", officeCode=THERE, text="Para ustedes.")

    answer = await try_it(desk, other, "resolveTramite", text="Se entregó.", expectedRevision=1)

    assert (answer["__typename"], [each["act"] for each in answer["changes"]]) == ("TramiteChanged", ["REFERRED"])
    assert "Para ustedes." not in answer["message"]


async def test_a_note_changes_nothing_and_comes_between_nobody(desk: Desk) -> None:
    await desk.do(desk.clerk, "addNote", text="Esperar al jefe.")

    assert (await desk.do(desk.clerk, "receiveTramite", expectedRevision=1))["revision"] == 2
    await desk.do(desk.clerk, "addNote", text="Ya vino.")
    answer = await try_it(desk, desk.clerk, "takeTramite", expectedRevision=1)
    assert [each["act"] for each in answer["changes"]] == ["RECEIVED"]


async def test_applicants_are_told_nothing_that_their_history_does_not_show(desk: Desk) -> None:
    await desk.do(desk.clerk, "takeTramite")
    await desk.do(desk.clerk, "receiveTramite")

    answer = await try_it(desk, desk.maria, "observeTramite", text="Falta.", expectedRevision=1)

    assert [each["act"] for each in answer["changes"]] == ["RECEIVED"]
    assert "responsable" not in answer["message"]


async def test_at_most_twenty_changes_are_told(desk: Desk) -> None:
    for folios in range(4, 26):
        await desk.do(desk.clerk, "correctFolios", folios=folios, reason="Otra cuenta.")

    answer = await try_it(desk, desk.clerk, "receiveTramite", expectedRevision=1)

    assert (answer["revision"], len(answer["changes"])) == (23, 20)


@pytest.mark.parametrize("expected", [0, -1, 2, 2**31 - 1])
async def test_a_revision_that_never_was_is_not_the_present_one(desk: Desk, expected: int) -> None:
    answer = await try_it(desk, desk.clerk, "receiveTramite", expectedRevision=expected)

    assert answer["__typename"] == "TramiteChanged"


async def test_every_revision_has_its_act(desk: Desk) -> None:
    """What tells of the changes counts on it: the latest acts are those of the latest revisions."""
    supervisor = await desk.person(Role.SUPERVISOR, HERE)
    await desk.do(desk.maria, "updateTramite", officeCode=HERE, subject="Otro asunto")
    for name in ("observeTramite", "receiveTramite", "takeTramite", "addNote", "assignTramite"):
        given = {"observeTramite": {"text": "Falta."}, "addNote": {"text": "Nota."}}.get(name, {})
        given |= {"userId": str(supervisor.viewer.user_id)} if name == "assignTramite" else {}
        await supervisor.mutate(name, id=desk.tramite["id"], **given)

    revision = (await Tramite.get(id=desk.tramite["id"])).revision

    acts = Entry.filter(tramite_id=desk.tramite["id"]).exclude(act=Act.NOTE_ADDED)
    assert await acts.count() == revision == 4
