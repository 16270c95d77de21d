"""What a dictionary of a PDF would do to whoever opens the document: programs, other files, sounds, files inside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pikepdf

from rules.verdicts import Finding

_ACTIONS: Final[Mapping[str, tuple[Finding, tuple[str, ...]]]] = {
    "/JavaScript": (Finding.JAVASCRIPT, ("/JS",)),
    "/Launch": (Finding.LAUNCH, ("/F", "/Win", "/Mac", "/Unix")),
    "/GoToR": (Finding.EXTERNAL_CONTENT, ("/F",)),
    "/Thread": (Finding.EXTERNAL_CONTENT, ("/F",)),
    "/SubmitForm": (Finding.EXTERNAL_CONTENT, ("/F",)),
    "/ImportData": (Finding.EXTERNAL_CONTENT, ("/F",)),
    "/GoToE": (Finding.EMBEDDED_FILES, ("/T", "/F")),
    "/Sound": (Finding.MULTIMEDIA, ("/Sound",)),
    "/Movie": (Finding.MULTIMEDIA, ("/Annotation", "/T", "/Operation")),
    "/Rendition": (Finding.MULTIMEDIA, ("/R", "/OP", "/JS")),
    "/MR": (Finding.MULTIMEDIA, ("/C",)),
    "/RichMediaExecute": (Finding.MULTIMEDIA, ("/TA",)),
    "/GoTo3DView": (Finding.MULTIMEDIA, ("/TA",)),
}
"""
What an action of each kind means, and the keys one of which it needs. Without any of them it does nothing; parts of
the document's structure tell their kind by the same key, and may be called anything.
"""

_ANNOTATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "/RichMedia": ("/RichMediaContent",),
    "/Movie": ("/Movie",),
    "/Sound": ("/Sound",),
    "/3D": ("/3DD",),
}

_HARMLESS: Final = frozenset({"/GoTo", "/GoToDp", "/Trans"})
_TURNS: Final = frozenset({"/NextPage", "/PrevPage", "/FirstPage", "/LastPage"})
"""What may happen by itself: going to a page of the same document, setting how it is seen."""

_BY_HAND: Final = frozenset({"/D", "/U", "/Fo", "/Bl", "/K", "/F", "/V"})
"""Triggers that need a click or a key."""

_MOST_CHAINED: Final = 50

_OTHER_KEYS: Final = ("/JS", "/AA", "/OpenAction", "/EF", "/OPI", "/Ref", "/FS")
WORDS: Final = frozenset(name[1:].encode() for name in (*_ACTIONS, *_ANNOTATIONS, *_OTHER_KEYS))
ODD_ADDRESS: Final = rb"(?!(?i:https?:|ftp:|mailto:|tel:))(?=[\s\\]|[A-Za-z][\w+.\\\s-]{0,99}:)"
"""How an address begins that is looked at closely: with a blank, an escape, or a protocol that is not a usual one."""
SUSPICIOUS: Final = re.compile(
    rb"/(?:" + b"|".join(sorted(WORDS)) + rb")(?![^\s/\[\]<>()])|/URI (?:<|\(" + ODD_ADDRESS + rb")"
)
"""Without any of these in its text no dictionary needs a closer look: sought in what qpdf writes, escapes resolved."""

_PASSED_OVER: Final = re.compile(r"^[\x00-\x20]+|[\t\n\r]")
_STARTS_PROGRAM: Final = re.compile(r"(?:ms-[\w.+-]+|search(?:-ms)?|shell):")
"""Windows starts one of its own programs for these, with what stands behind the colon."""

NAMES: Final = frozenset((*_ACTIONS, *_ANNOTATIONS, "/URL"))


def found_in(dictionary: Any) -> Iterator[Finding]:
    """Say what a dictionary, or that of a stream, is found to be. Those inside it are not looked at."""
    for rule in _RULES:
        yield from rule(dictionary)


def _of_action(dictionary: Any) -> Iterator[Finding]:
    kind = name_in(dictionary, "/S")
    finding, keys = _ACTIONS.get(kind, (None, ()))
    if finding and any(key in dictionary for key in keys):
        yield finding
    if _is_script(dictionary.get("/JS")):
        yield Finding.JAVASCRIPT
    if kind == "/URI":
        yield from _of_address(dictionary.get("/URI"))


def _is_script(value: Any) -> bool:
    """A picture may be called JS among the resources of a page."""
    if isinstance(value, pikepdf.Stream):
        return name_in(value, "/Subtype") == ""
    return isinstance(value, pikepdf.String)


def _of_address(value: Any) -> Iterator[Finding]:
    """
    A click on it must lead to the web or a mail, not to a program or to a file.

    As browsers do (WHATWG URL, 4.4), blanks in front are passed over, and breaks anywhere.
    """
    address = _PASSED_OVER.sub("", str(value)).lower() if isinstance(value, pikepdf.String) else ""
    if address.startswith(("javascript:", "vbscript:", "data:")):
        yield Finding.JAVASCRIPT
    if _STARTS_PROGRAM.match(address):
        yield Finding.LAUNCH
    if address.startswith(("file:", "\\\\")):
        yield Finding.EXTERNAL_CONTENT


def _of_annotation(dictionary: Any) -> Iterator[Finding]:
    keys = _ANNOTATIONS.get(name_in(dictionary, "/Subtype"), ())
    if any(key in dictionary for key in keys):
        yield Finding.MULTIMEDIA


def _of_triggers(dictionary: Any) -> Iterator[Finding]:
    if _acts(dictionary.get("/OpenAction")):
        yield Finding.AUTOMATIC_ACTION
    triggers = dictionary.get("/AA")
    if not isinstance(triggers, pikepdf.Dictionary):
        return
    # C is a page that is closed, or a field that is computed anew: this is told as a program.
    by_hand = _BY_HAND | ({"/C"} if "/FT" in dictionary or "/T" in dictionary else frozenset())
    if any(_acts(value) for key, value in triggers.items() if key not in by_hand):
        yield Finding.AUTOMATIC_ACTION


def _acts(action: Any) -> bool:
    """Say whether something other than turning pages happens: by this action or those that follow it."""
    waiting, looked_at = [action], 0
    while waiting and looked_at < _MOST_CHAINED:
        looked_at += 1
        action = waiting.pop()
        if isinstance(action, pikepdf.Array):
            waiting += [item for item in list(action)[:_MOST_CHAINED] if isinstance(item, pikepdf.Dictionary)]
        elif isinstance(action, pikepdf.Dictionary):
            if not _turns_pages(action):
                return True
            waiting.append(action.get("/Next"))
    return bool(waiting)


def _turns_pages(action: Any) -> bool:
    kind = name_in(action, "/S")
    if kind == "/Named":
        return name_in(action, "/N") in _TURNS
    return kind in _HARMLESS or kind == "" or (kind == "/Thread" and "/F" not in action)


def _of_files(dictionary: Any) -> Iterator[Finding]:
    files = dictionary.get("/EF")
    if isinstance(files, pikepdf.Dictionary) and any(isinstance(each, pikepdf.Stream) for _, each in files.items()):
        yield Finding.EMBEDDED_FILES
    if name_in(dictionary, "/FS") == "/URL" and "/F" in dictionary:
        yield Finding.EXTERNAL_CONTENT


def _of_stream(dictionary: Any) -> Iterator[Finding]:
    """A stream, or what is drawn by it, may lie in another file."""
    if not isinstance(dictionary, pikepdf.Stream):
        return
    reference = dictionary.get("/Ref")
    if (isinstance(reference, pikepdf.Dictionary) and "/F" in reference) or "/OPI" in dictionary or "/F" in dictionary:
        yield Finding.EXTERNAL_CONTENT


def name_in(dictionary: Any, key: str) -> str:
    """Return the name that is said there, with its slash; empty if there is none."""
    value = dictionary.get(key)
    return text_of(value) if isinstance(value, pikepdf.Name) else ""


def text_of(name: Any) -> str:
    """Return a name with its slash; not each is UTF-8, as it should be."""
    return bytes(name).decode(errors="surrogateescape")


_RULES: Final[tuple[Callable[[Any], Iterator[Finding]], ...]] = (
    _of_action,
    _of_annotation,
    _of_triggers,
    _of_files,
    _of_stream,
)
