"""Mails taken apart: ordinary ones, broken ones, hostile ones, and any bytes at all."""

from __future__ import annotations

import base64
import email
import hashlib
import io
import json
import time
from email import policy
from email.message import Message
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intake.anatomy import Encoding, ParsedMail, Part, PartKind, Suspicion
from intake.decoding import decode_part
from intake.parsing import parse, parse_file, parse_json
from intake.tnef import SIGNATURE
from rules.files import HEAD_BYTES
from tests.unit.intake.mails import PDF, PNG, raw_mail, write_mail

SAMPLES = Path(__file__).parents[2] / "data" / "mail"
WEIRD = Path(__file__).parents[2] / "data" / "weird"


def files_of(mail: ParsedMail) -> list[tuple[str | None, bytes]]:
    return [(part.name, part.head) for part in mail.parts if part.kind is PartKind.FILE]


def test_an_ordinary_mail_is_read() -> None:
    data = write_mail(("Año 2026.pdf", PDF), ("anexo.png", PNG), text="Buenos días.\nAdjunto lo pedido.").as_bytes()

    mail = parse(data)

    assert mail == ParsedMail(
        sender_address="rosa@example.pe",
        sender_name="Rosa Ñaupari",
        from_addresses=("rosa@example.pe",),
        subject="Solicito copia",
        message_id="<1@example.pe>",
        media_type="multipart/mixed",
        header_names=frozenset({"from", "to", "subject", "message-id", "content-type", "mime-version"}),
        text="Buenos días. Adjunto lo pedido.",
        parts=mail.parts,
        recipients=("mesadepartes@example.pe",),
    )
    assert [(part.kind, part.name, part.size_bytes, part.head) for part in mail.parts] == [
        (PartKind.TEXT, None, 0, b""),
        (PartKind.FILE, "Año 2026.pdf", len(PDF), PDF),
        (PartKind.FILE, "anexo.png", len(PNG), PNG),
    ]


def test_the_answer_survives_its_way_out_of_the_jail(tmp_path: Path) -> None:
    mail = write_mail(("a.pdf", PDF))
    mail["Auto-Submitted"] = "auto-replied"
    mail["X-Loop"] = "mesadepartes@example.pe"
    (tmp_path / "mail").write_bytes(mail.as_bytes() + b"\0")

    answer = parse_json(json.dumps({"path": str(tmp_path / "mail")}).encode())

    assert ParsedMail.from_json(answer) == parse(mail.as_bytes() + b"\0")


def test_an_empty_file_is_an_empty_mail(tmp_path: Path) -> None:
    (tmp_path / "mail").touch()

    assert parse_file(tmp_path / "mail").parts[0].kind is PartKind.TEXT


def test_markers_of_automatic_mail_are_kept() -> None:
    mail = parse(
        raw_mail("""
        Return-Path: <>
        Auto-Submitted: auto-replied (vacation)
        Precedence: bulk
        Precedence: list
        Sender: "Sistema" <sistema@example.pe>
        X-Loop: mesadepartes@example.pe
        List-Id: <lista.example.pe>

        Estoy de vacaciones.
        """)
    )

    assert dict(mail.headers) == {
        "return-path": "",
        "auto-submitted": "auto-replied (vacation)",
        "precedence": "bulk, list",
        "sender": "sistema@example.pe",
    }
    assert mail.loops == ("mesadepartes@example.pe",)
    assert "list-id" in mail.header_names


def test_logos_are_no_files_and_photographs_are() -> None:
    mail = parse(
        raw_mail("""
        Content-Type: multipart/mixed; boundary=m

        --m
        Content-Type: multipart/related; boundary=r

        --r
        Content-Type: text/html

        <p>Buenos&nbsp;d\u00edas</p><img src="cid:logo">
        --r
        Content-Type: image/png; name=logo.png
        Content-ID: <logo>
        Content-Disposition: inline; filename=logo.png

        logo
        --r--
        --m
        Content-Type: image/jpeg
        Content-Disposition: inline; filename=IMG_1.jpg
        Content-ID: <photo>

        photo
        --m
        Content-Type: image/gif

        tracker
        --m--
        """)
    )

    kinds = [part.kind for part in mail.parts]
    assert kinds == [PartKind.TEXT, PartKind.INLINE_IMAGE, PartKind.FILE, PartKind.INLINE_IMAGE]
    assert "Buenos" in mail.text
    assert "<p>" not in mail.text


def test_forwarded_mails_and_signatures_are_not_opened() -> None:
    mail = write_mail()
    mail.add_attachment(write_mail(("a.pdf", PDF)))
    mail.add_attachment(b"signature", maintype="application", subtype="pgp-signature", filename="signature.asc")

    kinds = [part.kind for part in parse(mail.as_bytes()).parts]

    assert kinds == [PartKind.TEXT, PartKind.MESSAGE, PartKind.SIGNATURE]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="C:\\\\Users\\\\rosa\\\\a.pdf"', "a.pdf"),
        ("filename*=UTF-8''a%00b%0D%0A%E2%80%AEfdp.exe", "ab fdp.exe"),
        ('filename="CON.pdf"', "_CON.pdf"),
        ("filename*=utf-8''n%CC%83.pdf", "ñ.pdf"),
    ],
)
def test_file_names_are_made_safe(written: str, name: str) -> None:
    mail = parse(f"Content-Disposition: attachment; {written}\n\nx".encode())

    assert [part.name for part in mail.parts] == [name]


MULTIPART = "Content-Type: multipart/mixed; boundary=b\n\n"


@pytest.mark.parametrize(
    ("text", "suspicions"),
    [
        ("From: a@example.pe\nFrom: b@example.pe\n\nx", {Suspicion.TWO_FROM}),
        ("Content-Type: text/plain\nContent-Type: text/html\n\nx", {Suspicion.TWO_CONTENT_TYPES}),
        ("Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n\nx", {Suspicion.TWO_ENCODINGS}),
        ('Content-Type: multipart/mixed; boundary=b; boundary="c"\n\n--b\n\nx\n--b--', {Suspicion.TWO_BOUNDARIES}),
        ("Content-Type: multipart/mixed\n\nx", {Suspicion.NO_BOUNDARY}),
        ('Content-Type: multipart/mixed; boundary=""\n\n--\n\nx', {Suspicion.NO_BOUNDARY}),
        (f"{MULTIPART}--b\nContent-Type: a/b\nContent-Type: c/d\n\nx\n--b--", {Suspicion.TWO_CONTENT_TYPES}),
        (f"{MULTIPART}--b\nContent-Type: a/b\0\n\nx\n--b--", {Suspicion.NUL_IN_HEADER}),
        (MULTIPART + "--b\n\n" * 1100, {Suspicion.TOO_MANY_PARTS}),
        (MULTIPART + "\n--bx" * 21_000, {Suspicion.TOO_MANY_PARTS}),
        ("Content-Type: message/partial; number=1; total=3; id=x\n\nx", {Suspicion.FRAGMENT}),
        ("Content-Type: multipart/encrypted; boundary=b\n\n--b\n\nx\n--b--", {Suspicion.ENCRYPTED}),
        ("Content-Type: application/pkcs7-mime; name=smime.p7m\n\nx", {Suspicion.ENCRYPTED}),
        (f"{MULTIPART}--b\nContent-Type: multipart/mixed; boundary=b\n\n--b--", {Suspicion.REPEATED_BOUNDARY}),
        (f"{MULTIPART}--b\n\nx\n--b--\n--b\n\nhidden", {Suspicion.REPEATED_BOUNDARY}),
        ("no header at all", {Suspicion.BROKEN_HEADER}),
        (f"{MULTIPART}--b\nno empty line before the text\n--b--", set()),
        (f"{MULTIPART}no delimiter anywhere", set()),
        ("", set()),
    ],
)
def test_what_can_be_read_in_two_ways_is_noticed(text: str, suspicions: set[Suspicion]) -> None:
    assert parse(text.encode()).suspicions == suspicions


def nested(depth: int) -> bytes:
    opening = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(depth)
    )
    return opening + b"\nx\n"


def test_nesting_is_followed_thirty_deep_and_no_deeper() -> None:
    assert not parse(nested(30)).suspicions
    assert parse(nested(31)).suspicions == {Suspicion.TOO_DEEP}


@pytest.mark.parametrize(
    "data",
    [
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b \r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--\r\n.",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--bb\n--b\n\ntwo\n--b--\n--b\n\nthree",
    ],
)
def test_delimiters_are_found_where_they_stand(data: bytes) -> None:
    texts = [data[part.start : part.end] for part in parse(data).parts]

    assert [text.split(b"\n")[0].strip() for text in texts] == [b"one", b"two"]


HOSTILE = {
    "group": b"From: :from;f\n\n",
    "bad word": b"To: =?utf-8?b?!?=\n\n",
    "open id": b"Message-ID: <\n\n",
    "microsoft id": b"Message-ID: <[0123]@microsoft.com>\n\n",
    "lone star": b"Content-Type: text/plain; name*\n\nx",
    "comments": b"From: " + b"(" * 5000 + b"\n\n",
    "multiparts": nested(5000),
    "messages": b"Content-Type: message/rfc822\n\n" * 5000,
    "many headers": b"X: y\n" * 50_000 + b"\n",
    "many addresses": b"To: " + b"a@b.pe, " * 50_000 + b"\n\n",
    "many words": b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n\n",
    "long subject": b"Subject: " + b"x" * 10_000_000 + b"\n\n",
    "dots": b"From: " + b"." * 50_000 + b"\n\n",
    "empty parts": MULTIPART.encode() + b"--b\n\n" * 100_000,
    "false delimiters": MULTIPART.encode() + b"\n--b" * 5_000_000,
    "long charset": b"Content-Type: text/plain; charset=" + b"x" * 100_000 + b"\n\nx",
    "charsets": b'Content-Type: text/plain; charset="utf-8\\0"\nSubject: =?zlib?q?a?= =?utf-7?q?+ADw-?=\n\nx',
    "odd utf-16": b"Content-Type: text/plain; charset=utf-16\n\nabc",
    "quoted-printable": b"Content-Transfer-Encoding: quoted-printable\nContent-Type: a/b\n\n" + b"=C3=B1" * 5_000_000,
    "one line": b"Content-Transfer-Encoding: base64\nContent-Type: a/b\n\n" + b"QUJD" * 5_000_000,
    "white space": b"Content-Transfer-Encoding: base64\nContent-Type: a/b\n\n" + b" " * 20_000_000 + b"QUJD",
    "only padding": b"Content-Transfer-Encoding: base64\nContent-Type: a/b\n\n" + b"=" * 5_000_000,
    "tags": b"Content-Type: text/html\n\n" + b"<" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mails_are_read_in_bounded_time_and_room(name: str) -> None:
    began = time.process_time()

    answer = parse(HOSTILE[name]).to_json()

    assert time.process_time() - began < 10
    assert len(answer) < 4_000_000


FRAGMENTS = st.sampled_from(
    [
        b"From: ", b"Subject: ", b"Content-Type: ", b"multipart/mixed; boundary=b", b"message/rfc822", b"\n",
        b"\r\n", b"--b", b"--b--", b"=?utf-8?q?", b"?=", b"Content-Transfer-Encoding: base64", b"begin 644 a\n",
        b"Content-Disposition: attachment", b"; filename*0*=utf-8''%", b'; name="', b"\0", b"\r", b" ", b"(", b"<",
        b">", b"a@b.pe", b"\xff",
    ]
)  # fmt: skip


@given(st.lists(FRAGMENTS | st.binary(max_size=8), max_size=60).map(b"".join))
@example(b"")
@example(b"\n")
@example(b"\r\n\r\n")
def test_any_bytes_are_read(data: bytes) -> None:
    mail = parse(data)

    assert ParsedMail.from_json(mail.to_json()) == mail
    assert all(0 <= part.start <= part.end <= len(data) for part in mail.parts)


def stdlib_leaves(message: Message) -> list[str]:
    within = [part for part in message.walk() if part.get_content_maintype() == "message"]
    opened = {id(part) for outer in within for part in outer.walk()}
    leaves = [
        part.get_payload(decode=True) for part in message.walk() if id(part) not in opened and not part.is_multipart()
    ]
    return [hashlib.sha256(leaf).hexdigest() for leaf in leaves if isinstance(leaf, bytes)]


def our_leaves(path: Path, parts: tuple[Part, ...]) -> list[str]:
    digests: list[str] = []
    for part in parts:
        if part.media_type.startswith("message/"):
            continue
        content = io.BytesIO()
        decode_part(path, part, content, limit_bytes=2**30)
        digests.append(hashlib.sha256(content.getvalue()).hexdigest())
    return digests


PLAIN_FILES = st.binary(max_size=3000).filter(lambda content: not content.startswith(SIGNATURE))


@given(st.lists(PLAIN_FILES, min_size=1, max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_decoded_files_are_those_of_the_standard_library(contents: list[bytes], line_end: str) -> None:
    mail = write_mail(*((f"{place}.pdf", content) for place, content in enumerate(contents)))
    data = mail.as_bytes(policy=mail.policy.clone(linesep=line_end))

    heads = [part.head for part in parse(data).parts if part.kind is PartKind.FILE]

    assert heads == [content[:HEAD_BYTES] for content in contents]


STDLIB_READS_LESS = {
    "base64-padded-in-the-middle",
    "base64-url-safe-alphabet",
    "base64-with-text-behind-it",
    "boundary-of-raw-utf-8",
    "content-type-is-multipart-without-parts",
    "encoding-in-quotes",
    "encoding-with-comment",
    "encoding-with-parameter",
    "nothing-at-all",
    "starts-with-a-byte-order-mark",
    "two-files-uuencoded",
    "uuencoded-pdf-in-the-text",
    "uuencoded-without-content-type",
    "yenc-pdf-in-the-text",
}
"""Where the standard library takes encoded content for content, or stops sooner."""


def read_in_one_way() -> list[Path]:
    """Return the mails that go to no person: of those, readers agree what is in them."""
    weird = [path for path in sorted(WEIRD.glob("*.eml")) if path.stem not in STDLIB_READS_LESS]
    return sorted(SAMPLES.glob("*.eml")) + [path for path in weird if not parse_file(path).suspicions]


@pytest.mark.parametrize("path", read_in_one_way(), ids=lambda path: path.stem)
def test_samples_have_the_leaves_of_the_standard_library(path: Path) -> None:
    theirs = email.message_from_bytes(path.read_bytes(), policy=policy.compat32)

    ours = tuple(part for part in parse_file(path).parts if part.cut is None)
    assert our_leaves(path, ours) == stdlib_leaves(theirs)


def test_a_part_says_how_it_is_encoded() -> None:
    mail = parse(b"Content-Transfer-Encoding:  BASE64 (really); x\nContent-Type: a/b\n\n" + base64.b64encode(PDF))

    assert [(part.encoding, part.head) for part in mail.parts] == [(Encoding.BASE64, PDF)]
