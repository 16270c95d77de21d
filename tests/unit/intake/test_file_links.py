"""Files behind links are told apart from links to other places."""

from __future__ import annotations

import time

import pytest

from intake.file_links import has_file_link
from intake.parsing import parse
from intake.triage import decide
from rules.mail import MailOutcome
from rules.mail_missing import NO_MAIN, ONLY_LINKS
from tests.unit.intake.mails import PDF, raw_mail, write_mail

OUTLOOK = "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2F1drv.ms%2Fb%2Fs%21Abc&data=05%7C01"


@pytest.mark.parametrize(
    "text",
    [
        "Le comparto https://drive.google.com/file/d/1aB/view?usp=sharing gracias",
        "https://docs.google.com/document/d/1aB/edit",
        "https://1drv.ms/b/s!Abc",
        "https://empresa-my.sharepoint.com/:b:/g/personal/x",
        "<https://onedrive.live.com/?id=1>",
        "https://we.tl/t-Abc123",
        "https://empresa.wetransfer.com/downloads/1",
        "WWW.DROPBOX.COM/s/1/solicitud.pdf?dl=0",
        "(https://mega.nz/file/1)",
        OUTLOOK,
    ],
)
def test_a_link_to_files_is_known(text: str) -> None:
    assert has_file_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Uso Dropbox y drive.google.com para mis archivos",
        "https://www.google.com/maps/place/Lima",
        "https://notdropbox.com/x",
        "https://drive.google.com.example.pe/x",
        "https://mi-dropbox.com/x",
        "persona@dropbox.com",
    ],
)
def test_other_links_are_none(text: str) -> None:
    assert not has_file_link(text)


def test_a_hostile_text_is_read_at_once() -> None:
    started = time.perf_counter()

    assert not has_file_link("dropbox.com" * 100_000)
    assert not has_file_link("%25" * 100_000)

    assert time.perf_counter() - started < 1


LINKED = "From: rosa@example.pe\nSubject: Solicito copia\n"


@pytest.mark.parametrize(
    "content",
    [
        f"{LINKED}\nMi documento: https://drive.google.com/file/d/1/view\n",
        f"{LINKED}Content-Type: text/html\n\n<p>Mi documento: <a title='x' href='https://1drv.ms/b/s!A'>aquí</a></p>\n",
    ],
)
def test_a_mail_with_a_link_instead_of_a_document_is_received_and_told_so(content: str) -> None:
    decision = decide(parse(raw_mail(content)), own_addresses=frozenset())

    assert (decision.outcome, decision.missing) == (MailOutcome.FILED, (ONLY_LINKS,))


def test_a_link_beside_a_document_is_no_matter() -> None:
    mail = write_mail(("a.pdf", PDF), text="También está en https://drive.google.com/file/d/1/view")

    assert decide(parse(mail.as_bytes()), own_addresses=frozenset()).missing == ()


def test_a_link_to_another_place_is_not_a_document() -> None:
    content = f"{LINKED}Content-Type: text/html\n\n<p>Vea <a href='https://example.pe/drive'>aquí</a></p>\n"

    decision = decide(parse(raw_mail(content)), own_addresses=frozenset())

    assert decision.missing == (NO_MAIN,)
