"""Finding: by words and by each field, only what may be seen."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from actions import tramites as desk
from actions.applicant import void_tramite
from reading.access import visible_tramites
from reading.typed_words import search_words
from rules.access import Role
from rules.catalogue import DocumentKind
from rules.workdays import LIMA
from tests.api import in_process, make_feed
from tests.database.looking import ORDERS, find, refusal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from tests.api import Api
    from tests.counter import Counter
    from tests.servers.postgres import Database


@pytest.fixture
async def api(counter: Counter, database: Database) -> AsyncGenerator[Api]:
    async with in_process(counter, make_feed(database)) as made:
        yield await made.signed_in(counter)


async def subjects(api: Api, **wanted: Any) -> list[str]:
    return [edge["node"]["subject"] for edge in (await find(api, filter=wanted))["edges"]]


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ("construcción", True),
        ("construccion", True),
        ("CONSTRUCCIÓN", True),
        ("licencias construcciones", True),
        ("construcción licencia", True),
        ("constru", True),
        ("licencia constr", True),
        ("lic construcción", False),
        ("señora", True),
        ("Muñoz", True),
        ("munoz", True),
        ("12-2026", True),
        ("012 2026", False),
        ("servicios generales", True),
        ("demolición", False),
        ("a & b | !c:* <-> (construcción)", False),
        ("'; DROP TABLE tramites; --", False),
        ("construcción' OR '1'='1", False),
    ],
)
async def test_words_are_found_with_and_without_accents(counter: Counter, api: Api, typed: str, is_found: bool) -> None:
    await counter.file(
        api.viewer,
        subject="Licencia de construcción de la señora Muñoz",
        document_number="12-2026",
        organization_ruc="20131257750",
        organization_name="Servicios Generales S.A.C.",
    )
    await counter.file(api.viewer, subject="Otra cosa")

    assert (await subjects(api, text=typed) == ["Licencia de construcción de la señora Muñoz"]) is is_found


async def test_one_and_many_are_found_by_either_word_with_and_without_accents(counter: Counter, api: Api) -> None:
    alike = (
        ("notificación", "notificaciones", "notificacion", "NOTIFICACIÓN", "Notificaciones"),
        ("resolución", "resoluciones", "RESOLUCION"),
        ("interés", "intereses", "interes"),
        ("examen", "exámenes", "examenes"),
        ("orden", "órdenes", "ordenes"),
        ("joven", "jóvenes"),
        ("pensión", "pensiones", "PENSION"),
        ("mes", "meses"),
    )
    for words in alike:
        for word in words:
            await counter.file(api.viewer, subject=f"Pido {word} ahora")

    for words in alike:
        written = {f"Pido {word} ahora" for word in words}
        for typed in words:
            assert set(await subjects(api, text=typed)) == set(await subjects(api, text=f"{typed} ahora")) == written
    assert len(await subjects(api, text="notificaci")) == 5
    assert len(await subjects(api, text="notificacione")) == 5


async def test_what_stands_in_angle_brackets_is_found(counter: Counter, api: Api) -> None:
    await counter.file(api.viewer, subject="Solicito <copia> fedateada a<b")

    for typed in ("copia", "<copia>", "solicito <-> copia", "a <2> b", "a<b", "fedateada"):
        assert len(await subjects(api, text=typed)) == (typed != "a <2> b"), typed


@pytest.mark.parametrize("text", ["", "   ", "...", "x" * 201])
async def test_a_text_without_words_or_too_long_is_refused(api: Api, text: str) -> None:
    assert await refusal(api, filter={"text": text}) == {"code": "TEXT_UNSEARCHABLE", "path": ["filter", "text"]}


def test_nothing_that_is_typed_becomes_syntax() -> None:
    assert search_words("a&b|!c (d):*'") == "a & b & c & d:*"
    assert search_words("ñandú " * 30).count("&") == 9


async def test_each_field_of_the_filter_narrows_down(counter: Counter, api: Api) -> None:
    sent = datetime(2026, 3, 6, 23, 59, 59, tzinfo=LIMA).astimezone(UTC)
    counter.clock.at = sent
    await counter.file(api.viewer, subject="Viernes", document_kind=DocumentKind.LETTER, office_code="PUNO")
    counter.clock.advance(seconds=1)
    saturday = await counter.file(
        api.viewer, subject="Sábado", organization_ruc="20131257750", organization_name="Seguro Social"
    )

    for wanted, expected in (
        ({"documentKinds": ["LETTER"]}, ["Viernes"]),
        ({"documentKinds": ["LETTER", "APPLICATION"]}, ["Sábado", "Viernes"]),
        ({"officeCodes": ["PUNO"]}, ["Viernes"]),
        ({"officeCodes": ["NADA"]}, []),
        ({"officeCodes": ["X" * 20]}, []),
        ({"officeCodes": ["PUNO", "LIMA"]}, ["Viernes"]),
        ({"channel": "EMAIL"}, []),
        ({"organizationRuc": "20131257750"}, ["Sábado"]),
        ({"number": saturday.number}, ["Sábado"]),
        ({"number": saturday.number.replace("-", "").lower()}, ["Sábado"]),
        ({"number": "mpd-2026-0000"}, ["Sábado", "Viernes"]),
        ({"number": "MPD-2025"}, []),
        ({"sentTo": "2026-03-06"}, ["Viernes"]),
        ({"sentFrom": "2026-03-07"}, ["Sábado"]),
        ({"sentFrom": "2026-03-06", "sentTo": "2026-03-07"}, ["Sábado", "Viernes"]),
        ({"filedTo": "2026-03-06"}, ["Viernes"]),
        ({"filedFrom": "2026-03-09", "filedTo": "2026-03-09"}, ["Sábado"]),
        ({"sentTo": "9999-12-31"}, ["Sábado", "Viernes"]),
        ({"text": "viernes", "documentKinds": ["LETTER"], "statuses": ["PENDING"]}, ["Viernes"]),
        ({"text": "viernes", "documentKinds": ["APPLICATION"]}, []),
    ):
        assert await subjects(api, **wanted) == expected, wanted


@pytest.mark.parametrize(
    ("wanted", "code", "field"),
    [
        ({"number": "%"}, "NUMBER_UNSEARCHABLE", "number"),
        ({"number": ""}, "NUMBER_UNSEARCHABLE", "number"),
        ({"organizationRuc": "20131257751"}, "INVALID_RUC", "organizationRuc"),
        ({"officeCodes": ["PUNO"] * 21}, "TOO_MANY_CHOICES", "officeCodes"),
        ({"officeCodes": ["X" * 21]}, "TEXT_TOO_LONG", "officeCodes"),
        ({"statuses": ["PENDING"] * 21}, "TOO_MANY_CHOICES", "statuses"),
        ({"sentFrom": "2018-02-29"}, "NO_SUCH_DAY", "sentFrom"),
    ],
)
async def test_a_filter_that_holds_nonsense_says_where(api: Api, wanted: dict[str, Any], code: str, field: str) -> None:
    assert await refusal(api, filter=wanted) == {"code": code, "path": ["filter", field]}


async def test_voided_ones_are_shown_only_when_they_are_asked_for(counter: Counter, api: Api) -> None:
    await counter.file(api.viewer, subject="Queda")
    voided = await counter.file(api.viewer, subject="Anulado")
    await void_tramite(counter.tools, api.viewer, voided.id)

    assert await subjects(api) == ["Queda"]
    assert await subjects(api, statuses=["VOIDED"]) == ["Anulado"]
    assert set(await subjects(api, statuses=["VOIDED", "PENDING"])) == {"Queda", "Anulado"}


async def test_whatever_is_asked_for_only_what_may_be_seen_is_found(counter: Counter, api: Api) -> None:
    chance = random.Random(7)
    people = [api.viewer, *[await counter.register() for _ in range(3)]]
    clerk = await api.signed_in(counter, role=Role.CLERK, office="PUNO")
    supervisor = await api.signed_in(counter, role=Role.SUPERVISOR)
    auditor = await api.signed_in(counter, role=Role.AUDITOR)
    administrator = await api.signed_in(counter, role=Role.ADMINISTRATOR)
    for number in range(24):
        counter.clock.advance(minutes=chance.choice([0, 7]))
        filed = await counter.file(
            chance.choice([*people, clerk.viewer]),
            subject=f"Común {number}",
            office_code=chance.choice(["PUNO", "LIMA"]),
        )
        if (
            filed.office_id in clerk.viewer.office_ids
            and chance.random() < 0.5
            and filed.applicant_id != clerk.viewer.user_id
        ):
            await desk.refer_tramite(counter.tools, clerk.viewer, filed.id, office_code="LIMA", text=None)

    for seer in (api, clerk, supervisor, auditor, administrator):
        allowed = {tramite.number for tramite in await visible_tramites(seer.viewer)}
        for wanted in (
            {},
            {"text": "comun"},
            {"number": "MPD"},
            {"sentFrom": "2026-03-01"},
            {"statuses": ["PENDING", "REFERRED"]},
        ):
            for order in ORDERS[:3]:
                found = {
                    edge["node"]["number"]
                    for edge in (await find(seer, first=100, filter=wanted, order=order))["edges"]
                }
                assert found == allowed, (seer.viewer.role, wanted, order)


async def test_nobody_finds_anything_without_signing_in(counter: Counter, database: Database) -> None:
    async with in_process(counter, make_feed(database)) as nobody:
        assert (await refusal(nobody))["code"] == "NOT_SIGNED_IN"
