"""An old telephone can use the pages: they need nothing that browsers of early 2021 lack, or have another way."""

from __future__ import annotations

import re

import pytest

from mesadepartes.web_files import WebFiles

FILES = {path: served.content for path, served in WebFiles().served.items()}
SCRIPTS = {path: content.decode() for path, content in FILES.items() if path.endswith(".js")}
STYLES = {path: content.decode() for path, content in FILES.items() if path.endswith(".css")}

YOUNGER = {
    "await outside a function": r"^(?=\S)(?!.*\basync\b).*\bawait\b",
    "static block": r"\bstatic\s*\{",
    "private name": r"(?:^\s+(?:static |async |get |set )*|\bthis\.)#\w",
    "lookbehind": r"\(\?<[=!]",
    "flag v": r"/[dgimsuy]*v[dgimsuy]*(?=[,;).\s]*$)",
    "import attributes": r"^import .* with \{",
    "at()": r"\.at\(-",
    "findLast()": r"\.findLast(?:Index)?\(",
    "copies of arrays": r"\.to(?:Sorted|Reversed|Spliced)\(|\.with\(\d|\bArray\.fromAsync",
    "groupBy()": r"\b(?:Object|Map)\.groupBy\(",
    "hasOwn()": r"\bObject\.hasOwn\(",
    "structuredClone()": r"\bstructuredClone\(",
    "withResolvers()": r"\bPromise\.(?:withResolvers|try)\(",
    "sets": r"\.(?:union|intersection|difference|isSubsetOf)\(",
    "iterators": r"\b(?:values|keys|entries)\(\)\.(?:map|filter|take|drop|some|every|find|reduce|toArray)\(",
    "64 bits of a DataView": r"\b[sg]etBig(?:Ui|I)nt64\(",
    "signals of signals": r"\bAbortSignal\.(?:timeout|any|abort)\(|\.throwIfAborted\(",
    "listener until a signal": r"\baddEventListener\(.*\bsignal\b",
    "randomUUID()": r"\brandomUUID\b",
    "dialogs": r"\bshowModal\b",
    "streams that unpack": r"\b(?:De)?[cC]ompressionStream\b",
    "forms that send themselves": r"\.requestSubmit\(|\.submitter\b",
    "pickers": r"\bshow(?:Picker|OpenFilePicker|SaveFilePicker|DirectoryPicker)\(",
    "talk between windows": r"\bBroadcastChannel\b|\bnavigator\.locks\b",
    "whole URLs": r"\bURL\.(?:canParse|parse)\(",
    "words and lengths of time": r"\bIntl\.(?:Segmenter|DurationFormat|supportedValuesOf)\b|\.formatRange",
    "what is out of reach": r"\binert=|\.inert\b|\bpopover=|Popover\(|\.checkVisibility\(",
    "markup": r"\.setHTML|\bSanitizer\b",
}
"""What lacks in Safari 14.1, Chrome 88 or Firefox 85, and would end a script there."""

OTHER_WAY = {
    ("app/api.js", "randomUUID()"),
    ("app/parts/dialog.js", "dialogs"),
    ("app/receipt-file.js", "streams that unpack"),
}
"""Modules that ask whether it is there, and go on without it."""

YOUNGER_STYLES = {
    "nesting": r"&",
    "layers, scopes, containers": r"@(?:layer|scope|container|starting-style|position-try)\b",
    "made colours": r"\b(?:color-mix|light-dark|oklch|oklab|lch|lab|hwb)\(",
    "transforms by name": r"(?<![\w-])(?:translate|rotate|scale)\s*:",
    "heights of what is seen, alone": r"^(?!.*\dvh\b.*\d[dsl]vh).*\d[dsl]vh",
    "subgrid": r"\bsubgrid\b",
    "ranges of widths": r"@media[^{]*[<>]=?",
}
"""A rule that is not understood is left out as a whole."""

ONLY_LOOKS = {
    "#app:has(main .waiting) .footer",
    ".choose:has(:focus-visible)",
    "@supports not selector(:has(a))",
    "html:has(.notice.ended)",
    ".facts > div:has(.change)",
    "body:has(.desk)",
    "main:has(.desk)",
}
"""Where `:has()` may stand: without the rule, the page can be used as well."""


def younger_in(code: str, names: dict[str, str]) -> set[str]:
    """Return the names of what is too young in a file, comments left out."""
    said = re.sub(r"/\*.*?\*/|(?:^|(?<=\s))//.*?$", "", code, flags=re.DOTALL | re.MULTILINE)
    return {name for name, pattern in names.items() if re.search(pattern, said, re.MULTILINE)}


@pytest.mark.parametrize("path", SCRIPTS)
def test_no_script_needs_a_browser_that_is_younger(path: str) -> None:
    assert {name for name in younger_in(SCRIPTS[path], YOUNGER) if (path, name) not in OTHER_WAY} == set()


@pytest.mark.parametrize("path", STYLES)
def test_no_style_is_lost_on_an_old_browser(path: str) -> None:
    rules = re.sub(r"/\*.*?\*/", "", STYLES[path], flags=re.DOTALL)
    has = re.findall(r"^\s*([^{}]*:has\([^{}]*?)\s*\{", rules, re.MULTILINE)

    assert younger_in(STYLES[path], YOUNGER_STYLES) == set()
    assert set(has) <= ONLY_LOOKS


def test_who_has_another_way_still_needs_one() -> None:
    assert {(path, name) for path, code in SCRIPTS.items() for name in younger_in(code, YOUNGER)} == OTHER_WAY


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("await styled;", "await outside a function"),
        ("export const texts = await import('./a.js');", "await outside a function"),
        ("class A {\n  #kept = 1;\n}", "private name"),
        ("class A {\n  async #keep() {}\n}", "private name"),
        ("class A { static { begin(); } }", "static block"),
        ("text.replace(/(?<=a)b/, '')", "lookbehind"),
        ("const letters = /[\\p{L}--[a-z]]/v;", "flag v"),
        ("parts.at(-1)", "at()"),
        ("fetch(address, { signal: AbortSignal.timeout(1) })", "signals of signals"),
        ("box.addEventListener('click', press, { signal })", "listener until a signal"),
        ("view.setBigUint64(0, 1n)", "64 bits of a DataView"),
        ("box.showModal()", "dialogs"),
    ],
)
def test_what_is_younger_is_found(code: str, name: str) -> None:
    assert younger_in(code, YOUNGER) == {name}


@pytest.mark.parametrize(
    "code",
    [
        "const load = async () => { await styled; };",
        "export async function ask() {\n  await fetch(a);\n}",
        "html`<a href=${`#${id}`}>`",
        "// A browser without showModal() shows it where it stands.",
        "const find = /(?<name>a)/u;",
    ],
)
def test_what_is_old_enough_is_not(code: str) -> None:
    assert younger_in(code, YOUNGER) == set()


@pytest.mark.parametrize(
    ("style", "name"),
    [
        (".a { &:hover { color: red; } }", "nesting"),
        (".a { height: 100dvh; }", "heights of what is seen, alone"),
        (".a { rotate: 40deg; }", "transforms by name"),
        ("@layer base { .a { color: red; } }", "layers, scopes, containers"),
        (".a { color: color-mix(in srgb, red, blue); }", "made colours"),
        ("@media (width < 40rem) { .a { color: red; } }", "ranges of widths"),
    ],
)
def test_a_younger_style_is_found(style: str, name: str) -> None:
    assert younger_in(style, YOUNGER_STYLES) == {name}
    assert younger_in(".a { height: 100vh; height: 100dvh; transform: rotate(40deg); }", YOUNGER_STYLES) == set()
