"""Encoded words and parameters, well-formed and not."""

from __future__ import annotations

import pytest

from intake.encoded_words import decode_text, read_parameters

WORDS = [
    ("plain", "plain"),
    ("=?utf-8?q?a=C3=B1o_nuevo?=", "año nuevo"),
    ("=?UTF-8?B?YcOxbw==?= y =?iso-8859-1?Q?a=F1o?=", "año y año"),
    ("=?utf-8?b?w7E=?=\r\n =?utf-8?b?w7E=?=", "ññ"),
    ("=?utf-8?q?=C3?= =?utf-8?q?=B1?=", "ñ"),  # a character split over two words
    ("=?utf-8*es?q?=C3=B1?=", "ñ"),
    ("=?utf-8?b?!?=", ""),
    ("=?utf-8?b?w7?=", "\ufffd"),
    ("=?x-unknown?q?a=F1o?=", "año"),
    ("=?rot13?q?abc?=", "abc"),
    ("=?unicode_escape?q?=5Cu0041?=", "\\u0041"),
    ("=?iso-2022-jp?b?GyRCJCIbKEI=?=", "あ"),
    ("=?gb2312?b?xOO6ww==?=", "你好"),
    ("a\xf1o", "año"),  # raw Latin-1
    ("a\xc3\xb1o", "año"),  # raw UTF-8
    ("=?utf-8?q?not closed", "=?utf-8?q?not closed"),
]


@pytest.mark.parametrize(("value", "text"), WORDS)
def test_text_is_decoded(value: str, text: str) -> None:
    assert decode_text(value) == text


PARAMETERS = [
    ('a/b; filename="x.pdf"', "x.pdf"),
    ("a/b; filename=x.pdf; size=3", "x.pdf"),
    ("a/b; FileName*=UTF-8''a%C3%B1o.pdf", "año.pdf"),
    ("a/b; filename*0*=UTF-8'es'a%C3; filename*1*=%B1o; filename*2=.pdf", "año.pdf"),
    ("a/b; filename*1=b.pdf; filename*0=a", "ab.pdf"),
    ("a/b; filename*=x'y'a%F1o.pdf; filename=ano.pdf", "año.pdf"),
    ('a/b; filename="=?utf-8?q?a=C3=B1o=2Epdf?="', "año.pdf"),
    ('a/b; filename="a\\"b;c.pdf"', 'a"b;c.pdf'),
    ('a/b; filename="never closed', "never closed"),
    ("a/b; filename=a\xf1o.pdf", "año.pdf"),
    ("a/b; filename*=broken%ZZ%", "broken%ZZ%"),
    ("a/b; name*; filename=x.pdf", "x.pdf"),
    ("a/b (c; d); ; ;filename = x.pdf (e)", "x.pdf (e)"),
]


@pytest.mark.parametrize(("value", "name"), PARAMETERS)
def test_file_names_are_read(value: str, name: str) -> None:
    main, parameters = read_parameters(value)

    assert (main, dict(reversed(parameters))["filename"]) == ("a/b", name)


def test_thousands_of_segments_and_words_are_bounded() -> None:
    segments = ";".join(f"filename*{place}=x" for place in range(3000))

    assert len(dict(read_parameters(f"a/b;{segments}")[1])["filename"]) == 200
    assert len(decode_text("=?utf-8?q?a?= " * 20_000)) < 20_000
