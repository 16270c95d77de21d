"""What becomes of a mail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from intake import wording
from intake.anatomy import Encoding, ParsedMail, Part, PartKind, Suspicion
from intake.parsing import parse_file
from intake.triage import EMPTY, Decision, Known, Thread, decide
from rules.catalogue import AttachmentRole
from rules.file_rules import FileRules
from rules.files import MEGABYTE
from rules.lifecycle import TramiteStatus
from rules.mail import MailOutcome, Proof, SuppressionReason
from tests.unit.intake.mails import PDF, PNG, ZIP

SAMPLES = Path(__file__).parents[2] / "data" / "mail"
OWN = frozenset({"mesadepartes@example.pe"})

MAIN, ANNEX = AttachmentRole.MAIN, AttachmentRole.ANNEX


def file(name: str | None, head: bytes = PDF, *, size: int | None = None, media_type: str = "a/b") -> Part:
    return Part(PartKind.FILE, media_type, name, 0, 1, Encoding.AS_IS, None, len(head) if size is None else size, head)


def mail(*parts: Part, **changes: object) -> ParsedMail:
    plain = ParsedMail(
        sender_address="rosa@example.pe", from_addresses=("rosa@example.pe",), subject="Solicito copia", text="Hola."
    )
    return replace(plain, parts=parts, **changes)  # pyright: ignore[reportArgumentType]


def decided(*parts: Part, **changes: object) -> Decision:
    return decide(mail(*parts, **changes), own_addresses=OWN)


def filed(decision: Decision) -> list[tuple[AttachmentRole, str]]:
    return [(chosen.role, chosen.name) for chosen in decision.files]


@pytest.mark.parametrize(
    ("sample", "outcome", "suppression"),
    [
        ("pdf-and-three-annexes", MailOutcome.FILED, None),
        ("text-and-html-with-pdf", MailOutcome.FILED, None),
        ("outlook-names-in-encoded-words", MailOutcome.FILED, None),
        ("only-text", MailOutcome.FILED, None),
        ("vacation-answer", MailOutcome.AUTOMATIC, SuppressionReason.AUTO_SUBMITTED),
        ("bounce-with-our-receipt", MailOutcome.BOUNCE, SuppressionReason.BOUNCE),
        ("two-from", MailOutcome.QUARANTINED, SuppressionReason.NO_SINGLE_SENDER),
    ],
)
def test_each_sample_has_its_outcome(sample: str, outcome: MailOutcome, suppression: SuppressionReason | None) -> None:
    decision = decide(parse_file(SAMPLES / f"{sample}.eml"), own_addresses=OWN)

    assert (decision.outcome, decision.suppression) == (outcome, suppression)


def test_a_pdf_and_three_annexes_are_filed_in_order() -> None:
    decision = decide(parse_file(SAMPLES / "pdf-and-three-annexes.eml"), own_addresses=OWN)

    assert filed(decision) == [
        (MAIN, "Solicitud de copias.pdf"),
        (ANNEX, "Anexo 1 - DNI.png"),
        (ANNEX, "Anexo 2 - Boleta.pdf"),
        (ANNEX, "Anexo 3.zip"),
    ]
    assert decision.missing == ()


def test_the_main_document_is_known_by_its_content() -> None:
    decision = decided(file("solicitud.pdf", b"MZ\x90"), file("escaneo", PDF), file("logo.png", PNG))

    assert filed(decision) == [(MAIN, "escaneo.pdf"), (ANNEX, "logo.png")]
    assert [sentence.partition("»")[0] for sentence in decision.missing] == ["El archivo «solicitud.pdf"]


@pytest.mark.parametrize("names", [("Anexo 1.pdf", "solicitud.pdf"), ("anexo_dni.pdf", "oficio.pdf")])
def test_of_several_pdfs_the_main_one_does_not_call_itself_an_annex(names: tuple[str, str]) -> None:
    assert filed(decided(*(file(name) for name in names))) == [(MAIN, names[1]), (ANNEX, names[0])]


def test_a_mail_without_a_document_is_received_and_told_what_is_missing() -> None:
    decision = decided(subject="", text="Solicito copia de mi expediente.")

    assert (decision.outcome, decision.missing) == (MailOutcome.FILED, (wording.NO_MAIN, wording.NO_SUBJECT))


def test_one_large_annex_gets_the_first_place_and_no_second_one_does() -> None:
    large = [file(f"plano {n}.zip", ZIP, size=6 * MEGABYTE) for n in (1, 2)]

    decision = decided(file("a.pdf"), file("b.png", PNG), *large)

    assert filed(decision) == [(MAIN, "a.pdf"), (ANNEX, "plano 1.zip"), (ANNEX, "b.png")]
    assert [sentence.partition("»")[0] for sentence in decision.missing] == ["El archivo «plano 2.zip"]


def test_the_sixth_annex_is_left_out() -> None:
    decision = decided(file("a.pdf"), *(file(f"{n}.png", PNG) for n in range(1, 7)))

    assert filed(decision)[1:] == [(ANNEX, f"{n}.png") for n in range(1, 6)]
    assert len(decision.missing) == 1


def test_what_the_institution_refuses_is_left_out_and_the_rest_is_filed() -> None:
    rules = FileRules(annex_kinds=("png",), other_annex_max_bytes=MEGABYTE, max_annexes=2)
    parts = [file("a.pdf"), file("b.zip", ZIP), file("c.png", PNG, size=MEGABYTE + 1), file("d.png", PNG)]

    decision = decide(mail(*parts, file("e.png", PNG)), own_addresses=OWN, rules=rules)

    assert filed(decision) == [(MAIN, "a.pdf"), (ANNEX, "c.png"), (ANNEX, "d.png")]
    assert [sentence.partition("»")[0] for sentence in decision.missing] == [
        "El archivo «b.zip",
        "El archivo «e.png",
    ]


@pytest.mark.parametrize(
    ("megabytes", "role"), [(20, MAIN), (20 + 1 / MEGABYTE, ANNEX), (30, ANNEX), (30 + 1 / MEGABYTE, None)]
)
def test_a_pdf_too_large_for_the_main_document_may_be_an_annex(megabytes: float, role: AttachmentRole | None) -> None:
    decision = decided(file("a.pdf", size=round(megabytes * MEGABYTE)))

    assert [role for role, _ in filed(decision)] == ([role] if role else [])
    assert (wording.NO_MAIN in decision.missing) == (role is not MAIN)


def test_a_file_without_a_name_is_named_by_its_kind() -> None:
    parts = (file(None, PDF), file(None, PNG, media_type="image/png"))

    assert filed(decided(*parts)) == [(MAIN, "documento.pdf"), (ANNEX, "documento.png")]


def test_a_forwarded_mail_is_told_not_to_have_been_opened() -> None:
    decision = decided(file("a.pdf"), Part(PartKind.MESSAGE, "message/rfc822", None, 0, 1, Encoding.AS_IS))

    assert decision.missing == (wording.FORWARDED,)


@pytest.mark.parametrize(
    ("changes", "outcome", "suppression"),
    [
        ({"headers": (("auto-submitted", "auto-replied"),)}, MailOutcome.FILED, SuppressionReason.AUTO_SUBMITTED),
        ({"headers": (("return-path", ""),)}, MailOutcome.FILED, SuppressionReason.NULL_RETURN_PATH),
        ({"header_names": frozenset({"list-id"})}, MailOutcome.FILED, SuppressionReason.MAILING_LIST),
        ({"from_addresses": ("a@b.pe", "c@d.pe")}, MailOutcome.FILED, SuppressionReason.NO_SINGLE_SENDER),
        ({"media_type": "multipart/report"}, MailOutcome.BOUNCE, SuppressionReason.BOUNCE),
        ({"loops": ("mesadepartes@example.pe",)}, MailOutcome.QUARANTINED, SuppressionReason.OWN_MAIL),
        ({"from_addresses": ("MesaDePartes@example.pe",)}, MailOutcome.QUARANTINED, SuppressionReason.OWN_MAIL),
    ],
)
def test_automatic_mail_with_a_document_is_never_answered(
    changes: dict[str, object], outcome: MailOutcome, suppression: SuppressionReason
) -> None:
    decision = decided(file("a.pdf"), **changes)

    assert (decision.outcome, decision.suppression) == (outcome, suppression)


def test_what_can_be_read_in_two_ways_goes_to_a_person() -> None:
    suspicions = frozenset({Suspicion.TWO_FROM, Suspicion.NUL_IN_HEADER})

    assert decided(file("a.pdf"), suspicions=suspicions) == Decision(MailOutcome.QUARANTINED, "NUL_IN_HEADER, TWO_FROM")


def test_a_broken_bounce_is_still_a_bounce() -> None:
    suspicions = frozenset({Suspicion.NO_BOUNDARY})

    assert decided(suspicions=suspicions, media_type="multipart/report").outcome is MailOutcome.BOUNCE


def test_only_an_empty_mail_is_rejected() -> None:
    assert decided(subject="", text="") == Decision(MailOutcome.REJECTED, EMPTY)
    assert decided(file("a.exe", b"MZ"), subject="", text="").outcome is MailOutcome.FILED


def test_many_files_left_out_are_summed_up() -> None:
    decision = decided(*(file(f"{n}.exe", b"MZ") for n in range(50)))

    assert len(decision.missing) == 22
    assert decision.missing[-1] == wording.more_left_out(30)


ACCOUNT, TRAMITE = UUID(int=1), UUID(int=2)
OBSERVED, PENDING = TramiteStatus.OBSERVED, TramiteStatus.PENDING
SERVER, DKIM, UNKNOWN, FALSE = Proof.PROVEN_BY_SERVER, Proof.PROVEN_BY_DKIM, Proof.NONE, Proof.FAILED
DOCUMENT = (file("a.pdf"),)


def thread(status: TramiteStatus, *, is_party: bool = True) -> Thread:
    return Thread(TRAMITE, status, is_party)


@pytest.mark.parametrize(
    ("known", "parts", "outcome", "owner", "about"),
    [
        (Known(), DOCUMENT, MailOutcome.FILED, None, None),
        (Known(SERVER, ACCOUNT), DOCUMENT, MailOutcome.FILED, ACCOUNT, None),
        (Known(DKIM, ACCOUNT), DOCUMENT, MailOutcome.FILED, ACCOUNT, None),
        (Known(UNKNOWN, ACCOUNT), DOCUMENT, MailOutcome.FILED, None, None),
        (Known(FALSE, ACCOUNT), DOCUMENT, MailOutcome.FILED, None, None),
        (Known(SERVER), DOCUMENT, MailOutcome.FILED, None, None),
        # Token and proven party, both
        (Known(SERVER, ACCOUNT, thread(OBSERVED)), DOCUMENT, MailOutcome.REPLY, None, TRAMITE),
        (Known(SERVER, None, thread(OBSERVED)), (), MailOutcome.REPLY, None, TRAMITE),
        (Known(DKIM, None, thread(PENDING)), (), MailOutcome.REPLY, None, TRAMITE),
        (Known(SERVER, ACCOUNT, thread(PENDING)), DOCUMENT, MailOutcome.FILED, ACCOUNT, TRAMITE),
        (Known(SERVER, ACCOUNT, thread(OBSERVED, is_party=False)), DOCUMENT, MailOutcome.FILED, ACCOUNT, TRAMITE),
        (Known(SERVER, None, thread(OBSERVED, is_party=False)), (), MailOutcome.FILED, None, TRAMITE),
        (Known(UNKNOWN, ACCOUNT, thread(OBSERVED)), DOCUMENT, MailOutcome.FILED, None, TRAMITE),
        (Known(FALSE, ACCOUNT, thread(OBSERVED)), DOCUMENT, MailOutcome.FILED, None, TRAMITE),
    ],
)
def test_a_mail_is_linked_to_what_its_sender_is_proven_to_be_part_of(
    known: Known, parts: tuple[Part, ...], outcome: MailOutcome, owner: UUID | None, about: UUID | None
) -> None:
    decision = decide(mail(*parts), own_addresses=OWN, known=known)

    assert (decision.outcome, decision.owner, decision.about) == (outcome, owner, about)


@pytest.mark.parametrize(
    ("changes", "parts", "outcome"),
    [
        ({"media_type": "multipart/report"}, DOCUMENT, MailOutcome.BOUNCE),
        ({"loops": ("mesadepartes@example.pe",)}, DOCUMENT, MailOutcome.QUARANTINED),
        ({"loops": ("mesadepartes@example.pe",)}, (file("a.png", PNG),), MailOutcome.AUTOMATIC),
        ({"headers": (("auto-submitted", "auto-replied"),)}, (), MailOutcome.AUTOMATIC),
        ({"headers": (("auto-submitted", "auto-replied"),)}, DOCUMENT, MailOutcome.REPLY),
        ({"suspicions": frozenset({Suspicion.BARE_CR_IN_HEADER})}, DOCUMENT, MailOutcome.QUARANTINED),
    ],
)
def test_a_token_makes_no_reply_of_what_is_none(
    changes: dict[str, object], parts: tuple[Part, ...], outcome: MailOutcome
) -> None:
    known = Known(SERVER, ACCOUNT, thread(OBSERVED))

    assert decide(mail(*parts, **changes), own_addresses=OWN, known=known).outcome is outcome


@pytest.mark.parametrize(
    ("proof", "headers", "suppression"),
    [
        (FALSE, (), SuppressionReason.FORGED),
        (FALSE, (("precedence", "bulk"),), SuppressionReason.BULK),
        (UNKNOWN, (), None),
        (SERVER, (), None),
    ],
)
def test_a_forged_sender_is_received_and_not_answered(
    proof: Proof, headers: tuple[tuple[str, str], ...], suppression: SuppressionReason | None
) -> None:
    decision = decide(mail(*DOCUMENT, headers=headers), own_addresses=OWN, known=Known(proof))

    assert (decision.outcome, decision.suppression) == (MailOutcome.FILED, suppression)


def test_a_reply_needs_no_main_document_and_says_what_was_left_out() -> None:
    known = Known(SERVER, None, thread(OBSERVED))

    decision = decide(mail(file("a.exe", b"MZ"), subject=""), own_addresses=OWN, known=known)

    assert (decision.outcome, decision.files, len(decision.missing)) == (MailOutcome.REPLY, (), 1)
    assert "a.exe" in decision.missing[0]


def shown(size: int) -> Part:
    return replace(file(None, PNG, size=size, media_type="image/png"), kind=PartKind.INLINE_IMAGE)


def test_photographs_in_the_text_are_the_document_where_nothing_is_attached() -> None:
    decision = decided(shown(200_000), shown(5_000))

    assert filed(decision) == [(ANNEX, "documento.png")]


def test_logos_stay_logos_where_something_is_attached() -> None:
    assert filed(decided(file("solicitud.pdf"), shown(200_000))) == [(MAIN, "solicitud.pdf")]


@pytest.mark.parametrize("part", [shown(5_000), replace(file("oficio.eml"), kind=PartKind.MESSAGE)])
def test_a_mail_of_nothing_but_an_image_or_a_mail_is_received(part: Part) -> None:
    assert decided(part, subject="", text="").outcome is MailOutcome.FILED


def test_what_only_reads_automatic_waits_for_a_person_and_what_says_so_does_not() -> None:
    words = frozenset({Suspicion.READS_AUTOMATIC})

    assert decided(suspicions=words).outcome is MailOutcome.QUARANTINED
    assert decided(suspicions=words, headers=(("auto-submitted", "auto-replied"),)).outcome is MailOutcome.AUTOMATIC


@pytest.mark.parametrize(
    ("suspicions", "parts", "is_about"),
    [
        ({Suspicion.TWO_FROM}, (), True),
        ({Suspicion.READS_AUTOMATIC}, (), False),
        ({Suspicion.READS_AUTOMATIC}, (file("firmado.pdf"),), True),
    ],
)
def test_a_reply_in_quarantine_names_what_it_answers_unless_it_reads_like_an_absence(
    suspicions: set[Suspicion], parts: tuple[Part, ...], is_about: bool
) -> None:
    thread = Thread(UUID(int=7), TramiteStatus.OBSERVED, is_party=True)

    decision = decide(mail(*parts, suspicions=frozenset(suspicions)), own_addresses=OWN, known=Known(thread=thread))

    assert (decision.outcome, decision.about) == (MailOutcome.QUARANTINED, UUID(int=7) if is_about else None)
