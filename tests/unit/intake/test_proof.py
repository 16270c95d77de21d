"""Who sent a mail: only what our own server found, or a signature that holds, makes a From more than a claim."""

from __future__ import annotations

import random
from time import process_time

import pytest

from intake.anatomy import AuthenticationResults, ParsedMail, Suspicion
from intake.authentication import LONGEST, Result, Verdict, read_verdict
from intake.parsing import parse
from intake.proof import NO_SERVERS, OwnServers, is_aligned, judge_sender
from rules.mail import Proof

OURS = OwnServers(frozenset({"mx.mesa.pe"}), frozenset({"mesa.pe", "mx.google.com"}))
OWN_HOP = "from mx.mesa.pe (mx.mesa.pe [10.0.0.2]) by imap.mesa.pe with LMTP id 1; Mon, 9 Mar 2026 10:00:00 -0500"
BORDER = "from mail.banco.pe (mail.banco.pe [192.0.2.1]) by mx.mesa.pe (Postfix) with ESMTPS id 2; Mon, 9 Mar 2026"
FOREIGN = "from pc (unknown [198.51.100.7]) by mail.banco.pe (Postfix) with ESMTPA id 3; Mon, 9 Mar 2026 09:59:58 -0500"

NONE, BY_SERVER, FAILED = Proof.NONE, Proof.PROVEN_BY_SERVER, Proof.FAILED


def mail(*values: str, above: tuple[str, ...] = (BORDER,), address: str | None = "ana@banco.pe") -> ParsedMail:
    return ParsedMail(
        sender_address=address,
        from_addresses=(address,) if address else (),
        received=(*above, FOREIGN),
        authentication_results=tuple(AuthenticationResults(value, len(above)) for value in values),
    )


@pytest.mark.parametrize(
    ("proof", "field"),
    [
        # As servers write it
        (BY_SERVER, "mx.mesa.pe; dmarc=pass (p=reject dis=none) header.from=banco.pe"),
        (BY_SERVER, "MX.Mesa.PE 1; dmarc=PASS header.from=Banco.PE"),
        (BY_SERVER, "mx.mesa.pe; dmarc = pass\theader.from = banco.pe;"),
        (BY_SERVER, "mx.mesa.pe; dmarc=pass action=none header.from=banco.pe;compauth=pass reason=100"),
        (BY_SERVER, 'mx.mesa.pe (a (nested) remark); spf=none; dmarc/1=pass reason="a; (b)" header.from=banco.pe'),
        (BY_SERVER, "mx.mesa.pe; dkim=pass header.i=@gmail.com header.b=\"ab/c\"; dmarc=pass header.from=banco.pe"),
        (BY_SERVER, "mx.mesa.pe; dmarc=pass header.from=x@banco.pe"),
        (FAILED, "mx.mesa.pe; dkim=pass header.d=banco.pe; dmarc=fail (p=none) header.from=banco.pe"),
        (FAILED, "mx.mesa.pe; dmarc=fail"),
        # Where no policy is published
        (BY_SERVER, "mx.mesa.pe; dmarc=none header.from=banco.pe; dkim=pass header.d=banco.pe header.s=1"),
        (BY_SERVER, "mx.mesa.pe; dkim=fail header.d=other.pe; dkim=pass header.i=@banco.pe"),
        (BY_SERVER, "mx.mesa.pe; spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=bounces+1=x=y.pe@banco.pe"),
        (BY_SERVER, "mx.mesa.pe; spf=pass smtp.mailfrom=banco.pe"),
        (NONE, "mx.mesa.pe; spf=softfail smtp.mailfrom=banco.pe; dkim=neutral header.d=banco.pe"),
        (NONE, "mx.mesa.pe; spf=pass smtp.helo=banco.pe; dkim=pass"),
        (NONE, "mx.mesa.pe; dkim=pass header.d=banco.pe header.i=@other.pe"),
        (NONE, "mx.mesa.pe; dkim=pass header.d=pe"),
        (NONE, "mx.mesa.pe; dkim=pass header.d=mail.banco.pe"),
        (NONE, "mx.mesa.pe; spf=pass smtp.mailfrom=<>"),
        (NONE, "mx.mesa.pe; arc=pass header.d=banco.pe; iprev=pass policy.iprev=192.0.2.1"),
        (NONE, "mx.mesa.pe; none"),
        (NONE, "mx.mesa.pe 1; none"),
        # Of another domain, or of none
        (NONE, "mx.mesa.pe; dmarc=pass header.from=other.pe"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=mail.banco.pe"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=banco.pe.evil.pe"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=evilbanco.pe"),
        (NONE, "mx.mesa.pe; dmarc=pass"),
        (NONE, "mx.mesa.pe; dmarc=pass smtp.mailfrom=banco.pe"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from="),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=banco.pe header.from=banco.pe"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=banco.pe; dmarc=pass header.from=other.pe"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=banco.pe; dmarc=fail header.from=banco.pe"),
        # Cut off, quoted, commented: words of the sender in the server's
        (NONE, 'mx.mesa.pe; dmarc=pass header.from="ana@banco.pe'),
        (NONE, 'mx.mesa.pe; dmarc=pass header.from="banco.pe"'),
        (NONE, 'mx.mesa.pe; dmarc=pass header.from="banco.pe".evil.pe'),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=banco.pe(.evil.pe)"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=banco.pe(.evil.pe"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=banco.pe (x).evil.pe"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=banco.pe (x"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=banco.pe x)"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=banco.pe, evil.pe"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=banco.pe evil.pe"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=banco.pe\\"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=banco.pe\0"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=banco.pe\x80"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=banco.pe."),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=@evil.pe@banco.pe"),
        (NONE, "mx.mesa.pe; dmarc=passheader.from=banco.pe"),
        (NONE, "mx.mesa.pe; dmarc=pass (\"x) header.from=evil.pe (\" y) header.from=banco.pe"),
        (NONE, "mx.mesa.pe; dmarc/2=pass header.from=banco.pe"),
        (NONE, "mx.mesa.pe 2; dmarc=pass header.from=banco.pe"),
        (NONE, "mx.mesa.pe dmarc=pass header.from=banco.pe"),
        (NONE, "mx.mesa.pe;; dmarc=pass header.from=banco.pe"),
        (NONE, "mx.mesa.pe; (dmarc=pass header.from=banco.pe)"),
        (NONE, "mx.mesa.pe; ((((deep)))) dmarc=pass header.from=banco.pe"),
        (NONE, "mx.mesa.pe; spf=pass smtp.mailfrom=@banco.pe(.evil.pe"),
        (NONE, "mx.mesa.pe; spf=pass smtp.mailfrom=@banco.pe(.evil.pe)"),
        (NONE, 'mx.mesa.pe; spf=pass smtp.mailfrom="@banco.pe,x"@evil.pe'),
        (NONE, "mx.mesa.pe; spf=pass smtp.mailfrom=a@banco.pe,@evil.pe"),
        (NONE, 'mx.mesa.pe; spf=pass smtp.mailfrom="; dmarc=pass header.from=banco.pe'),
        (NONE, "mx.mesa.pe; spf=pass (a; dmarc=pass header.from=banco.pe) smtp.mailfrom=evil.pe"),
        (NONE, "mx.mesa.pe; dmarc=pass header.from=banco.pe" + " " * LONGEST),
        # Not ours
        (NONE, "mx.evil.pe; dmarc=pass header.from=banco.pe"),
        (NONE, "mesa.pe; dmarc=pass header.from=banco.pe"),
        (NONE, "mx.mesa.pe.evil.pe; dmarc=pass header.from=banco.pe"),
        (NONE, '"mx.mesa.pe"; dmarc=pass header.from=banco.pe'),
        (NONE, "dmarc=pass header.from=banco.pe"),
        (NONE, ""),
    ],
)  # fmt: skip
def test_a_sender_is_proven_by_what_our_server_found(proof: Proof, field: str) -> None:
    assert judge_sender(mail(field), servers=OURS) is proof


PASS = "mx.mesa.pe; dmarc=pass header.from=banco.pe"
OTHER_ID = "mx.evil.pe; dmarc=fail header.from=banco.pe"


@pytest.mark.parametrize(
    ("proof", "judged"),
    [
        (BY_SERVER, mail(PASS, above=())),
        (BY_SERVER, mail(PASS, above=(OWN_HOP,))),
        (BY_SERVER, mail(PASS, above=(OWN_HOP, BORDER))),
        (BY_SERVER, mail(PASS, above=("by 2002:a05:6a10 with SMTP id 1; Mon, 9 Mar 2026", BORDER))),
        (NONE, mail(PASS, above=(BORDER, FOREIGN))),
        (NONE, mail(PASS, above=("from mx.mesa.pe by mail.mesa.pe.evil.pe with SMTP id 1",))),
        (NONE, mail(PASS, above=("from a (by mx.mesa.pe) by evil.pe with SMTP id 1",))),
        (NONE, mail(PASS, above=("from a; a date",))),
        (NONE, mail(PASS, above=("from a (b (c) by mx.mesa.pe ) by evil.pe with SMTP id 1",))),
        (BY_SERVER, mail(OTHER_ID, PASS)),
        (FAILED, mail("mx.mesa.pe; dmarc=fail header.from=banco.pe", PASS)),
        (NONE, mail("mx.mesa.pe; spf=none", PASS)),
        (NONE, mail("mx.mesa.pe; spf=pass smtp.mailfrom=x(", PASS)),
        (NONE, mail("mx.mesa.pe;" + " " * LONGEST, PASS)),
        (NONE, mail(PASS, address=None)),
        (NONE, mail()),
        (NONE, ParsedMail(sender_address="ana@banco.pe", from_addresses=("ana@banco.pe", "x@evil.pe"))),
    ],
)
def test_only_the_first_field_of_our_server_counts_and_nothing_below_a_foreign_one(
    proof: Proof, judged: ParsedMail
) -> None:
    assert judge_sender(judged, servers=OURS) is proof


def test_a_hop_that_was_not_kept_is_nobody_of_ours() -> None:
    cut = ParsedMail("ana@banco.pe", "", ("ana@banco.pe",), authentication_results=(AuthenticationResults(PASS, 60),))

    assert judge_sender(cut, servers=OURS) is NONE


def test_without_a_server_of_ours_nobody_is_proven() -> None:
    assert judge_sender(mail(PASS), servers=NO_SERVERS) is NONE


@pytest.mark.parametrize("suspicion", [Suspicion.TWO_FROM, Suspicion.BARE_CR_IN_HEADER, Suspicion.NUL_IN_HEADER])
def test_a_header_that_can_be_read_in_two_ways_proves_nothing(suspicion: Suspicion) -> None:
    judged = ParsedMail(
        sender_address="ana@banco.pe",
        from_addresses=("ana@banco.pe",),
        authentication_results=(AuthenticationResults(PASS, 0),),
        suspicions=frozenset({suspicion}),
    )

    assert judge_sender(judged, servers=OURS, signers=frozenset({"banco.pe"})) is NONE


@pytest.mark.parametrize(
    ("proof", "field", "signers"),
    [
        (Proof.PROVEN_BY_DKIM, "mx.mesa.pe; none", {"banco.pe"}),
        (Proof.PROVEN_BY_DKIM, "mx.evil.pe; none", {"other.pe", "banco.pe"}),
        (NONE, "mx.mesa.pe; none", {"other.pe"}),
        (NONE, "mx.mesa.pe; none", set[str]()),
        (FAILED, "mx.mesa.pe; dmarc=fail header.from=banco.pe", {"banco.pe"}),
        (BY_SERVER, PASS, set[str]()),
    ],
)
def test_our_own_check_is_a_second_opinion(proof: Proof, field: str, signers: set[str]) -> None:
    assert judge_sender(mail(field), servers=OURS, signers=frozenset(signers)) is proof


@pytest.mark.parametrize(
    ("expected", "domain", "signer"),
    [
        (True, "banco.pe", "banco.pe"),
        (True, "lima.banco.pe", "banco.pe"),
        (False, "banco.pe", "lima.banco.pe"),
        (False, "mibanco.pe", "banco.pe"),
        (False, "banco.pe", "pe"),
        (False, "banco.pe", ""),
    ],
)
def test_who_has_a_domain_speaks_for_what_lies_below(expected: bool, domain: str, signer: str) -> None:
    assert is_aligned(domain, signer) is expected


def test_a_verdict_is_read_whole_or_not_at_all() -> None:
    value = 'mx.mesa.pe; dkim=pass header.d=a.pe (ok); spf=none reason="no; way"'

    assert read_verdict(value) == Verdict(
        "mx.mesa.pe",
        (Result("dkim", "pass", (("header.d", "a.pe"),)), Result("spf", "none", (("reason", '"'),))),
    )
    assert read_verdict(value[:-1]) == Verdict("mx.mesa.pe", None)


def test_a_mail_is_judged_from_its_bytes() -> None:
    forged = f"Authentication-Results: {PASS}\r\nFrom: <ana@banco.pe>\r\n\r\nHola"
    below = f"Received: {BORDER}\r\nReceived: {FOREIGN}\r\n{forged}".encode()
    folded = PASS.replace(" header", "\r\n\theader")
    ours = f"Received: {OWN_HOP}\r\nAuthentication-Results: {folded}\r\n".encode() + below

    assert judge_sender(parse(below), servers=OURS) is NONE
    assert judge_sender(parse(ours), servers=OURS) is BY_SERVER


def test_a_field_of_ours_that_is_too_long_hides_what_was_forged_below_it() -> None:
    long = "mx.mesa.pe" + "; dkim=fail header.d=evil.pe" * 200
    data = f"Authentication-Results: {long}\r\nAuthentication-Results: {PASS}\r\nFrom: <ana@banco.pe>\r\n\r\n".encode()

    assert judge_sender(parse(data), servers=OURS) is NONE


def test_no_bytes_raise_or_stall() -> None:
    rolled, began = random.Random(7), process_time()
    pieces = [
        "mx.mesa.pe",
        ";",
        " ",
        "\t",
        "=",
        "dmarc",
        "pass",
        '"',
        "(",
        ")",
        "\\",
        "header.from",
        "banco.pe",
        "@",
        "é",
        "\0",
    ]

    for _ in range(3_000):
        text = "".join(rolled.choices(pieces, k=rolled.randrange(40)))
        assert judge_sender(mail(text), servers=OURS) in Proof
    for unit in ("(", '"', ";", "a=b ", "a =", "\t", "(x) ", 'a="" '):
        read_verdict("mx.mesa.pe; dmarc=pass " + unit * 100_000)
        read_verdict("mx.mesa.pe; dmarc=pass " + (unit * LONGEST)[: LONGEST - 30])

    assert process_time() - began < 5
