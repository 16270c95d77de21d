"""The API as front ends use it: what clerks do, and who sees what."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import pytest_asyncio

from models.register import Entry
from rules.access import Role
from rules.numbering import format_number
from tests.api import Api, filing
from tests.database.asking import LIST, NOBODYS, ONE, TRAMITE, file, update

if TYPE_CHECKING:
    from tests.counter import Counter


async def test_a_clerk_observes_refers_and_resolves(api: Api, counter: Counter) -> None:
    maria = await api.signed_in(counter)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    first, second = (await file(maria, counter))["tramite"], (await file(maria, counter))["tramite"]
    steps = f"query {{ tramite(number: {json.dumps(first['number'])}) {{ allowedSteps lookupKey }} }}"
    assert (await clerk.data(steps))["tramite"] == {
        "allowedSteps": ["RECEIVE", "OBSERVE", "REFER", "RESOLVE", "CORRECT_FOLIOS"],
        "lookupKey": None,
    }

    observed = await clerk.mutate(
        "observeTramite", f"tramite {{ {TRAMITE} }}", id=first["id"], text="Falta la firma en la última hoja."
    )
    referred = await clerk.mutate(
        "referTramite", "tramite { status office { code } }", id=second["id"], officeCode="CUSCO", text="Con urgencia."
    )
    cusco = await api.signed_in(counter, role=Role.CLERK, office="CUSCO")
    resolved = await cusco.mutate(
        "resolveTramite", "tramite { status resolution }", id=second["id"], text="Se atendió su pedido."
    )

    assert observed["tramite"]["status"] == "OBSERVED"
    assert observed["tramite"]["correctBy"] == "2026-03-11"
    assert referred["tramite"] == {"status": "REFERRED", "office": {"code": "CUSCO"}}
    assert resolved["tramite"] == {"status": "RESOLVED", "resolution": "Se atendió su pedido."}
    seen = (await maria.data(ONE, number=second["number"]))["tramite"]
    assert [(each["act"], each["text"], each["actorRole"]) for each in seen["history"]] == [
        ("FILED", None, "APPLICANT"),
        ("REFERRED", None, "CLERK"),
        ("RESOLVED", "Se atendió su pedido.", "CLERK"),
    ]
    history = "query($number: String!) { tramite(number: $number) { history(last: 2) { act text } } }"
    assert (await cusco.data(history, number=second["number"]))["tramite"]["history"] == [
        {"act": "REFERRED", "text": "Con urgencia."},
        {"act": "RESOLVED", "text": "Se atendió su pedido."},
    ]
    again = await clerk.mutate("observeTramite", id=first["id"], text="Otra vez.")
    assert (again["__typename"], again["path"]) == ("WrongStep", [])


@pytest.mark.parametrize(
    ("name", "field", "value", "kind", "code"),
    [
        ("observeTramite", "text", " ", "InvalidInput", "TEXT_MISSING"),
        ("observeTramite", "id", NOBODYS, "NotFound", "TRAMITE_NOT_FOUND"),
        ("referTramite", "officeCode", "NINGUNA", "InvalidInput", "OFFICE_UNKNOWN"),
        ("referTramite", "text", "x" * 20_000, "InvalidInput", "TEXT_TOO_LONG"),
        ("referTramite", "id", NOBODYS, "NotFound", "TRAMITE_NOT_FOUND"),
        ("resolveTramite", "text", "", "InvalidInput", "TEXT_MISSING"),
        ("resolveTramite", "id", NOBODYS, "NotFound", "TRAMITE_NOT_FOUND"),
    ],
)
async def test_a_wrong_field_of_a_clerks_step_is_named(
    api: Api, counter: Counter, name: str, field: str, value: str, kind: str, code: str
) -> None:
    maria = await api.signed_in(counter)
    clerk = await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL")
    tramite = (await file(maria, counter))["tramite"]
    asked = {"id": tramite["id"], "text": "Falta la firma."}
    if name == "referTramite":
        asked |= {"officeCode": "CUSCO"}

    answer = await clerk.mutate(name, **asked | {field: value})

    assert (answer["__typename"], answer["code"]) == (kind, code)
    assert answer["path"] in (["input", field], [] if field == "id" else None)
    assert (await maria.data(ONE, number=tramite["number"]))["tramite"] == tramite


WHO_SEES = {
    "applicant": True,
    "stranger": False,
    "clerk": True,
    "other_clerk": False,
    "supervisor": True,
    "auditor": True,
    "administrator": False,
    "nobody": None,
}


@pytest_asyncio.fixture
async def people(api: Api, counter: Counter) -> dict[str, Api]:
    return {
        "applicant": await api.signed_in(counter),
        "stranger": await api.signed_in(counter),
        "clerk": await api.signed_in(counter, role=Role.CLERK, office="SEDE-CENTRAL"),
        "other_clerk": await api.signed_in(counter, role=Role.CLERK, office="PUNO"),
        "supervisor": await api.signed_in(counter, role=Role.SUPERVISOR, office="PUNO"),
        "auditor": await api.signed_in(counter, role=Role.AUDITOR),
        "administrator": await api.signed_in(counter, role=Role.ADMINISTRATOR),
        "nobody": api,
    }


async def test_everybody_sees_and_does_exactly_what_is_theirs(people: dict[str, Api], counter: Counter) -> None:
    tramite = (await file(people["applicant"], counter))["tramite"]
    upload = await counter.upload(people["applicant"].viewer)
    before = await Entry.all().count()
    for name, person in people.items():
        sees = WHO_SEES[name]
        found = await person.answer(ONE, number=tramite["number"])
        listed = await person.answer(LIST, first=10)
        if sees is None:
            assert [each["errors"][0]["extensions"]["code"] for each in (found, listed)] == ["NOT_SIGNED_IN"] * 2
        else:
            assert (found["data"]["tramite"] is not None) == sees, name
            assert (len(listed["data"]["tramites"]["edges"]) == 1) == sees, name
            has_key = bool((found["data"]["tramite"] or {}).get("lookupKey"))
            assert has_key == (name == "applicant"), name
            steps = (found["data"]["tramite"] or {}).get("allowedSteps")
            assert bool(steps) == (name in {"applicant", "clerk"}), name
        refusal = "NotSignedIn" if sees is None else "NotAllowed" if sees else "NotFound"
        for verb, given in (
            ("observeTramite", {"text": "Falta."}),
            ("referTramite", {"officeCode": "PUNO"}),
            ("resolveTramite", {"text": "Listo."}),
        ):
            if name != "clerk":
                answer = await person.mutate(verb, id=tramite["id"], **given)
                assert answer["__typename"] == refusal, (name, verb)
        for verb, given in (
            ("updateTramite", update(subject="Otro asunto")),
            ("voidTramite", {}),
            ("correctTramite", {"clientKey": str(uuid4()), "text": "Corregido."}),
        ):
            if name != "applicant":
                answer = await person.mutate(verb, id=tramite["id"], **given)
                assert answer["__typename"] == refusal, (name, verb)
        if name != "applicant":
            answer = await person.mutate("fileTramite", **filing(upload.id))
            assert answer["__typename"] == ("NotSignedIn" if sees is None else "NotFound"), name
    assert await Entry.all().count() == before


async def test_absent_and_hidden_trámites_are_answered_alike(people: dict[str, Api], counter: Counter) -> None:
    tramite = (await file(people["applicant"], counter))["tramite"]
    stranger = people["stranger"]

    hidden = await stranger.answer(ONE, number=tramite["number"])
    absent = await stranger.answer(ONE, number=format_number("MPD", 2026, 999))

    assert hidden == absent == {"data": {"tramite": None}}
    steps = [await stranger.mutate("observeTramite", id=id_, text="x") for id_ in (tramite["id"], str(uuid4()))]
    assert steps[0] == steps[1]
