"""A clerk and a mail that was kept: seen, fetched, let in over HTTP; its sender has the receipt, with its date."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from models.mail import MailItem
from models.tramites import Tramite
from rules.access import Role
from rules.mail import MailOutcome
from tests.api import in_process, make_feed
from tests.counter import MONDAY, PDF
from tests.journeys.mail_damage import HELD
from tests.journeys.test_bounces import delivering
from tests.journeys.test_intake import Desk, desk, password_pool
from tests.unit.intake.mails import write_mail

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.api import Api
    from tests.servers.postgres import Database
    from tests.servers.sink import Sink

__all__ = ["desk", "password_pool"]

ANA = "ana@example.pe"
FRIDAY = MONDAY - timedelta(days=2, hours=20)
"""6 March 2026, 14:00 in Lima."""

LIST = """{ mails(outcome: QUARANTINED) { edges { node {
    id outcome reason reasonText receivedAt sizeBytes tramite { number } decisions { kind } } } } }"""
SAFE = {
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


def hostile() -> bytes:
    """Return a mail that is kept, with a document, whose HTML would run and fetch."""
    mail = write_mail(sender=f"Ana <{ANA}>", subject="Solicito copia")
    mail.add_alternative("<p>Hola</p><script>alert(1)</script><img src=//evil.example/x.png>", subtype="html")
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="pedido.pdf")
    return HELD.encode() + mail.as_bytes()


async def test_a_clerk_lets_a_kept_mail_in_and_its_sender_has_the_receipt_with_the_date_it_came(
    desk: Desk, database: Database, sink: Sink, tmp_path: Path, pdf_text: Callable[[Path], str]
) -> None:
    content = hostile()
    await desk.account.deliver(content, internal_date=FRIDAY)
    async with desk.working():
        await desk.until_placed(Cuarentena=1)
    assert sink.attempts == [], "who sent it is told nothing until somebody has decided"

    async with in_process(desk.counter, make_feed(database)) as api:
        clerk = await api.signed_in(desk.counter, role=Role.CLERK, office="SEDE-CENTRAL")
        [mail] = [edge["node"] for edge in (await clerk.data(LIST))["mails"]["edges"]]
        assert (mail["receivedAt"], mail["tramite"], mail["decisions"]) == (FRIDAY.isoformat(), None, [])
        assert "libérelo o rechácelo" in mail["reasonText"]
        assert await fetched(clerk, mail["id"], "raw") == content
        text = (await fetched(clerk, mail["id"], "text")).decode()
        assert ("Solicito copia" in text, "<script" in text, "evil.example" in text) == (True, False, False)

        selection = "mail { outcome tramite { number sentAt filedOn status } decisions { kind } }"
        released = (await clerk.mutate("releaseMail", selection, id=mail["id"]))["mail"]
        async with delivering(desk, sink.port):
            receipt = await sink.wait_for(lambda sent: ANA in sent.recipients)
        again = await clerk.mutate("releaseMail", id=mail["id"])

    tramite = await Tramite.get()
    assert released == {
        "outcome": "FILED",
        "tramite": {
            "number": tramite.number,
            "sentAt": FRIDAY.isoformat(),
            "filedOn": "2026-03-06",
            "status": "PENDING",
        },
        "decisions": [{"kind": "RELEASED"}],
    }
    assert (again["code"], (await MailItem.get()).outcome) == ("MAIL_NOT_QUARANTINED", MailOutcome.FILED)
    told = words_of(receipt.message)
    assert tramite.number in told
    assert re.search(r"confirm", told, re.IGNORECASE), "nobody has proven who sent it"
    [constancia] = receipt.message.iter_attachments()
    (tmp_path / "constancia.pdf").write_bytes(constancia.get_content())
    printed = pdf_text(tmp_path / "constancia.pdf")
    assert "06/03/2026" in printed
    assert printed.count("09/03/2026") == printed.count("Emitida el 09/03/2026") == 1, "it is issued then, no more"


async def fetched(by: Api, mail_id: str, form: str) -> bytes:
    """Return a mail as it is downloaded: to be saved, never to be shown in place."""
    response = await by.http.get(f"/mails/{mail_id}/{form}", headers={"authorization": f"Bearer {by.token}"})
    assert response.status_code == 200
    assert response.headers["content-disposition"].startswith(f'attachment; filename="correo-{mail_id}.')
    assert {name: response.headers.get(name) for name in SAFE} == SAFE
    assert "html" not in response.headers["content-type"]
    return response.content


def words_of(message: Any) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return body.get_content()
