"""Mail as it leaves: whole messages compared, and what strangers must not be able to put into them."""

from __future__ import annotations

import email
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from actions.tools import Institution
from delivery.messages import Enclosure, Letter, Mail, compose
from intake import wording
from rules.notices import COURTESY, TELLS_STATUS, NoticeKind
from rules.people import InvalidEmail

INSTITUTION = Institution(
    name="Institución de Ejemplo",
    unit="Mesa de Partes",
    public_url="https://tramites.ejemplo.gob.pe",
    number_prefix="MPD",
    intake_address="mesa@ejemplo.gob.pe",
    privacy_policy_version="2026-1",
    privacy_policy="",
)
GOLDEN = Path(__file__).parent / "golden"
PDF = Enclosure("constancia-MPD-2026-000001-K.pdf", b"%PDF-1.7\n" + bytes(range(256)) + b"\n%%EOF\n")
ENCODED_WORD = "=?utf-8?q?x=0d=0aBcc:_victim@evil.test?="


WITH_RECEIPT = {
    NoticeKind.SUBMISSION_RECEIPT,
    NoticeKind.VOIDED,
    NoticeKind.CORRECTED,
    NoticeKind.COMPLETED,
    NoticeKind.RECEIPT_AGAIN,
}
ANSWERS = {NoticeKind.MAIL_REFUSED, NoticeKind.MAIL_STATUS, NoticeKind.MAIL_STATUS_UNTOLD}
REASONS = {
    NoticeKind.MAIL_REFUSED: (wording.EMPTY,),
    NoticeKind.MAIL_STATUS_UNTOLD: (wording.STATUS_ELSEWHERE,),
}
TEMPLATE_VALUES = {
    "number": "MPD-2026-000001-K",
    "lookup_key": "7YKM-3F9Q-X2ZD-84TB",
    "office": "Sede Central",
    "subject": "Solicito copia del expediente N.º 12",
    "sent_at": "10/03/2026 16:29:05",
    "filed_on": "10/03/2026",
    "correct_by": "12/03/2026",
    "received_at": "11/03/2026 09:15:00",
    "given_names": "Rosa María",
    "appointment": "personal de mesa de partes en Sede Central",
    "left": "9",
    "secret": "48213906",
    "written_at": "10/03/2026 16:29:05",
    "folios_before": "3",
    "folios_after": "5",
    "takes_effect": "desde el 11/03/2026 a las 16:29:05",
    "day": "10/03/2026",
    "status": "pendiente de validación",
    "receipt": "Cargo de recepción",
    "verification_code": "K7QM-2F9X-8ZRD-4TBW",
    "links_until": "17/03/2026 a las 16:29 (hora de Lima)",
}


def make_letter(kind: NoticeKind, **changes: Any) -> Letter:
    values: dict[str, Any] = {
        "kind": kind,
        "address": "rosa@ejemplo.pe",
        "message_id": f"<{kind.value.lower()}.0123456789abcdef@ejemplo.gob.pe>",
        "written_at": datetime(2026, 3, 10, 21, 29, 5, tzinfo=UTC),
        "lines": TEMPLATE_VALUES,
        "can_be_switched_off": kind in COURTESY,
        "is_answer": kind in ANSWERS,
        "missing": REASONS.get(kind, ()),
        "paragraphs": {
            "observation": "Falta la firma.\nEl anexo 2 no se puede leer.",
            "resolution": "Se entrega la copia solicitada.",
            "reason": "El documento que mostró no es el suyo.",
            "answer": "Su documento ya fue derivado.\nNo hace falta que lo envíe otra vez.",
            "changes": "Asunto: Solicito copia del expediente N.º 13\nFolios: 4",
            "correction": "Adjunto la solicitud firmada.",
            "anchors": f"2026-03-10 acts 1234 {'0123456789abcdef' * 4}\n2026-03-10 reads 56 {'fedcba9876543210' * 4}",
            "files": f"Solicitud firmada.pdf\n{'0123456789abcdef' * 4}",
        },
    }
    return Letter(**values | changes)


def make_mail(kind: NoticeKind, **changes: Any) -> Mail:
    return compose(make_letter(kind, **changes), INSTITUTION, PDF if kind in WITH_RECEIPT else None)


def make_answer(**changes: Any) -> Mail:
    values: dict[str, Any] = {"is_answer": True, "missing": ("Indique la dependencia de destino.",)} | changes
    return make_mail(NoticeKind.SUBMISSION_RECEIPT, **values)


def parse(mail: Mail) -> Message:
    return email.message_from_bytes(mail.content)


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_mail_of_each_kind_is_as_agreed(kind: NoticeKind) -> None:
    expected = (GOLDEN / f"{kind.value.lower()}.eml").read_bytes()

    assert make_mail(kind).content.replace(b"\r\n", b"\n") == expected


def make_answered() -> Mail:
    names = ("Resolución 12.pdf", "Anexo.xlsx")
    letter = make_letter(NoticeKind.RESOLVED, brings_reception=True, answer_files=names, can_be_switched_off=False)
    return compose(letter, INSTITUTION, PDF)


def test_mail_about_an_answer_with_files_says_where_they_are_and_brings_the_cargo() -> None:
    expected = (GOLDEN / "answered_with_files.eml").read_bytes()

    assert make_answered().content.replace(b"\r\n", b"\n") == expected


def test_answer_to_a_mail_is_as_agreed() -> None:
    mail = make_answer(in_reply_to="<CAF1x=abc+d@mail.ejemplo.pe>")

    assert mail.content.replace(b"\r\n", b"\n") == (GOLDEN / "answer.eml").read_bytes()
    assert mail.sender == ""
    assert mail.recipient == "rosa@ejemplo.pe"


def test_mail_composed_again_is_the_same_bytes() -> None:
    assert make_answer() == make_answer()


def test_mail_that_answers_nothing_may_bounce_to_us() -> None:
    assert make_mail(NoticeKind.OBSERVED).sender == "mesa@ejemplo.gob.pe"


def test_every_line_ends_in_crlf_and_fits() -> None:
    for kind in NoticeKind:
        lines = make_mail(kind).content.split(b"\r\n")

        assert not any(b"\r" in line or b"\n" in line for line in lines)
        assert max(map(len, lines)) <= 998


def test_enclosure_arrives_as_it_was_given() -> None:
    message = email.message_from_bytes(make_mail(NoticeKind.SUBMISSION_RECEIPT).content, policy=default)

    (attached,) = message.iter_attachments()

    assert attached.get_content_type() == "application/pdf"
    assert attached.get_filename() == PDF.name
    assert attached.get_content() == PDF.content


def test_receipt_tells_the_lookup_key_and_what_is_missing() -> None:
    message = email.message_from_bytes(make_answer().content, policy=default)

    body = message.get_body(("plain",))

    assert body is not None
    assert "7YKM-3F9Q-X2ZD-84TB" in body.get_content()
    assert "- Indique la dependencia de destino." in body.get_content()


@pytest.mark.parametrize(
    "forged",
    [
        "<a@b>\r\nBcc: victim@evil.test",
        "<a@b>\nBcc: victim@evil.test",
        f"<{ENCODED_WORD}@evil.test>",
        f"<a@b> {ENCODED_WORD}",
        "<a b@c>",
        "<a@b> <c@d>",
        "a@b",
        "<ñ@b>",
        "<" + "a" * 300 + "@b>",
        "",
    ],
)
def test_in_reply_to_that_is_no_plain_message_id_is_left_out(forged: str) -> None:
    mail = make_answer(in_reply_to=forged)

    assert mail == make_answer(in_reply_to=None)


@pytest.mark.parametrize(
    "text",
    [
        "Juan\r\nBcc: victim@evil.test",
        ENCODED_WORD,
        "\x00\x1b[2J",
        "a\u202eb",
        "a\u2028Bcc: victim@evil.test",
        "{number.__class__}",
    ],
)
def test_what_strangers_write_reaches_no_header_and_no_template(text: str) -> None:
    ours = {name: TEMPLATE_VALUES[name] for name in ("number", "filed_on", "receipt")}
    strange = dict.fromkeys(TEMPLATE_VALUES, text) | ours
    plain = make_answer()

    mail = make_answer(lines=strange, paragraphs={"observation": text}, missing=(text,))

    assert parse(mail).items() == parse(plain).items()
    assert "victim" not in str(parse(mail).get("Bcc"))


def test_address_that_looks_like_an_encoded_word_injects_nothing() -> None:
    mail = make_mail(NoticeKind.OBSERVED, address="=?utf-8?q?x=0d=0aBcc=3a_v?=@evil.test")

    assert parse(mail)["Bcc"] is None
    assert mail.content.count(b"\r\nTo: =?utf-8?q?x=0d=0aBcc=3a_v?=@evil.test\r\n") == 1


@pytest.mark.parametrize("address", ["a@b.pe\r\nRCPT TO:<c@d.pe>", "a@b.pe, c@d.pe", "<a@b.pe>", "a@localhost", ""])
def test_address_that_is_not_one_mailbox_is_not_written_to(address: str) -> None:
    with pytest.raises(InvalidEmail):
        make_mail(NoticeKind.OBSERVED, address=address)


def test_words_of_the_clerk_cannot_pass_for_ours() -> None:
    mail = make_mail(NoticeKind.RESOLVED, paragraphs={"resolution": "Procede.\n\n--\nOtra entidad"})

    body = email.message_from_bytes(mail.content, policy=default).get_body(("plain",))
    assert body is not None
    assert "\r\n    --\r\n    Otra entidad\r\n" in body.get_content()


def test_an_address_that_was_left_behind_is_not_told_the_key() -> None:
    assert b"7YKM" not in make_mail(NoticeKind.CONTACT_CHANGED).content


@pytest.mark.parametrize("kind", sorted(TELLS_STATUS))
def test_mail_about_a_tramite_says_where_its_status_is_seen_and_keeps_the_key_out_of_addresses(
    kind: NoticeKind,
) -> None:
    body = email.message_from_bytes(make_mail(kind).content, policy=default).get_body(("plain",))

    assert body is not None
    lines = body.get_content().splitlines()
    assert "https://tramites.ejemplo.gob.pe/estado" in lines
    assert "    Clave de consulta: 7YKM-3F9Q-X2ZD-84TB" in lines


def test_only_what_may_be_switched_off_says_how() -> None:
    told = {kind for kind in NoticeKind if b"Si no quiere recibir avisos" in make_mail(kind).content}

    assert told == COURTESY


def test_long_name_of_the_institution_is_folded() -> None:
    institution = replace(INSTITUTION, name="Dirección de " + "Administración y Organización " * 5)

    mail = compose(make_letter(NoticeKind.WELCOME), institution)

    assert str(make_header(decode_header(parse(mail)["From"]))) == f"{institution.name}<mesa@ejemplo.gob.pe>"
    assert all(len(line) <= 78 for line in mail.content.partition(b"\r\n\r\n")[0].split(b"\r\n"))


def test_a_long_message_id_of_ours_and_the_address_for_answers_stay_on_their_lines() -> None:
    token = "a" * 42
    long_id = f"<submission_receipt.{'0' * 32}.{token}@ejemplo.gob.pe>"
    institution = replace(INSTITUTION, takes_plus_addresses=True)

    mail = compose(make_letter(NoticeKind.OBSERVED, message_id=long_id, reply_token=token), institution)
    plain = compose(make_letter(NoticeKind.OBSERVED, message_id=long_id, reply_token=token), INSTITUTION)

    assert f"\r\nMessage-ID: {long_id}\r\n".encode() in mail.content
    assert f"\r\nReply-To: mesa+{token}@ejemplo.gob.pe\r\n".encode() in mail.content
    assert b"Reply-To" not in plain.content
