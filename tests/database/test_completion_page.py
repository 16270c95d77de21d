"""Completing by the page of the link, and by the API: nobody needs to sign in, and looking uses nothing up."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING

from intake.wording import FORWARDED
from mesadepartes.completing import DONE, QUESTION, UNREADABLE
from models.register import Entry
from models.tramites import Attachment, Tramite
from rules.mail_links import LinkPurpose
from rules.mail_missing import WITHOUT_SUBJECT
from rules.register import Act
from rules.verdicts import Finding, say_finding
from tests.api import Api
from tests.counter import PDF
from tests.database.mailing import file_mail
from tests.database.mailing import link_of as link_of_mail
from tests.database.test_completing import MAIL_AT, arrive, link_of
from tests.hostile import launching_pdf

if TYPE_CHECKING:
    from tests.counter import Counter

COMPLETE = """
mutation C($input: CompleteFilingInput!) { completeFiling(input: $input) {
    __typename ... on Refusal { code path } ... on CompleteFilingSuccess { filing { number missing } } } }
"""


async def test_the_page_tells_what_is_missing_and_nothing_of_the_person(api: Api, counter: Counter) -> None:
    link = await link_of(await arrive(counter))

    for _ in range(2):
        page = await api.http.get(f"/completar/{link}")

        assert (page.status_code, QUESTION in page.text) == (200, True)
        assert "Falta el documento principal" in page.text
        assert "María" not in page.text
        assert "maria@" not in page.text
        assert "form-action 'self'" in page.headers["content-security-policy"]
        assert page.headers["referrer-policy"] == "no-referrer"


async def test_the_form_completes_once(api: Api, counter: Counter) -> None:
    link = await link_of(await arrive(counter))
    files = {"main": ("carta.pdf", PDF, "application/pdf"), "annexes": ("foto.png", b"\x89PNG\r\n\x1a\n" + b"x", "x/y")}

    first = await api.http.post(f"/completar/{link}", data={"subject": "Solicito copia"}, files=files)
    again = await api.http.post(f"/completar/{link}", data={"subject": "Otro"}, files=files)

    assert (first.status_code, DONE in first.text) == (200, True)
    assert again.status_code == 409
    tramite = await Tramite.get()
    assert (tramite.subject, tramite.missing, tramite.sent_at) == ("Solicito copia", [], MAIL_AT)
    assert [file.name for file in await Attachment.all().order_by("position")] == ["carta.pdf", "foto.png"]


async def test_what_is_wrong_is_told_beside_the_form_and_the_link_stays_good(api: Api, counter: Counter) -> None:
    link = await link_of(await arrive(counter))

    empty = await api.http.post(f"/completar/{link}", files={"main": ("", b"", "x/y")}, data={"subject": ""})
    broken = await api.http.post(f"/completar/{link}", content=b"x=1")
    fake = await api.http.post(f"/completar/{link}", files={"main": ("carta.pdf", b"MZ" * 9, "x/y")})

    assert (empty.status_code, broken.status_code, fake.status_code) == (422, 400, 422)
    assert UNREADABLE in broken.text
    assert all("<form" in page.text for page in (empty, broken, fake))
    assert await Attachment.all().count() == 0
    assert (await api.http.get(f"/completar/{link}")).status_code == 200


async def test_it_is_told_which_of_the_files_is_refused(api: Api, counter: Counter) -> None:
    link = await link_of(await arrive(counter))
    hostile = ("ficha & copia.pdf", launching_pdf(), "application/pdf")
    files = [("main", ("carta.pdf", PDF, "application/pdf")), ("annexes", ("a.pdf", PDF, "x/y")), ("annexes", hostile)]

    page = await api.http.post(f"/completar/{link}", files=files)

    assert page.status_code == 422
    assert f"{html.escape('«ficha & copia.pdf»')}: {say_finding(Finding.LAUNCH)}" in page.text


async def test_a_document_that_is_there_is_not_asked_for_and_not_replaced(api: Api, counter: Counter) -> None:
    tramite = await file_mail(counter, missing=(FORWARDED,))
    link = await link_of_mail(tramite, LinkPurpose.COMPLETE)

    page = await api.http.get(f"/completar/{link}")
    refused = await api.http.post(f"/completar/{link}", files={"main": ("carta.pdf", PDF, "application/pdf")})
    done = await api.http.post(f"/completar/{link}", files={"annexes": ("carta.pdf", PDF, "application/pdf")})

    assert ('name="main"' in page.text, 'name="annexes"' in page.text) == (False, True)
    assert (refused.status_code, 'name="annexes"' in refused.text) == (409, True)
    assert (done.status_code, DONE in done.text) == (200, True)
    assert (await Tramite.get()).missing == []


async def test_a_wrong_link_is_answered_alike(api: Api, counter: Counter) -> None:
    await arrive(counter)

    pages = [await api.http.get(f"/completar/{token}") for token in ("x", "A" * 43)]

    assert [page.status_code for page in pages] == [404, 404]
    assert pages[0].text == pages[1].text


async def test_by_the_api_without_a_session_files_come_with_the_link(api: Api, counter: Counter) -> None:
    link = await link_of(await arrive(counter))
    operation = {"query": COMPLETE, "variables": {"input": {"link": link, "mainUpload": None}}}
    form = {"operations": json.dumps(operation), "map": json.dumps({"0": ["variables.input.mainUpload"]})}
    files = [*((name, (None, value)) for name, value in form.items()), ("0", ("carta.pdf", PDF, "application/pdf"))]

    ours = {"x-mesa-client": "test"}

    refused = await api.http.post("/graphql", files=files, headers=ours)
    done = await api.http.post("/graphql", files=files, headers={**ours, "x-filing-link": link})

    assert refused.status_code >= 400
    assert done.status_code == 200, done.text
    answer = done.json()["data"]["completeFiling"]
    assert answer["__typename"] == "CompleteFilingSuccess"
    assert answer["filing"]["missing"] == ["Falta el asunto: su correo llegó sin él."]
    assert (await Attachment.get()).name == "carta.pdf"


async def test_by_the_api_with_a_session_files_are_uploads(api: Api, counter: Counter) -> None:
    link = await link_of(await arrive(counter))
    rosa = await api.signed_in(counter)
    upload = await counter.upload(rosa.viewer)

    seen = await api.data("query($l: String!) { filingToComplete(link: $l) { number missing officeName } }", l=link)
    given = {"link": link, "mainUpload": str(upload.id), "subject": "Solicito copia"}
    answer = (await rosa.data(COMPLETE, input=given))["completeFiling"]
    gone = await api.data("query($l: String!) { filingToComplete(link: $l) { number } }", l=link)

    assert len(seen["filingToComplete"]["missing"]) == 2
    assert answer["filing"]["missing"] == []
    assert gone["filingToComplete"] is None
    assert (await Tramite.get()).applicant_id is None
    assert (await Entry.get(act=Act.COMPLETED)).actor_id == rosa.viewer.user_id


async def test_what_is_refused_by_the_api_changes_nothing(api: Api, counter: Counter) -> None:
    link = await link_of(await arrive(counter))

    answers = [
        (await api.data(COMPLETE, input={"link": given, "subject": "Hola"}))["completeFiling"] for given in (link, "x")
    ]

    assert [answer["code"] for answer in answers] == ["MAIN_STILL_MISSING", "LINK_NOT_FOUND"]
    assert (await Tramite.get()).subject == WITHOUT_SUBJECT
