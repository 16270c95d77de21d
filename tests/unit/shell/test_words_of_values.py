"""Values of the API's enumerations that the pages show: each has words of its own in the catalogue."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import GraphQLEnumType, build_schema

from mesadepartes.web_files import WebFiles

ROOT = Path(__file__).resolve().parents[3]
SERVED = {
    path: served.content.decode()
    for path, served in WebFiles().served.items()
    if path.startswith(("app/", "texts/es-PE"))
}
SCHEMA = build_schema((ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8"))
KEYS = {
    key
    for path, text in SERVED.items()
    if path.startswith("texts/es-PE")
    for key in re.findall(r"^  '((?:[^'\\]|\\.)+)': ", text, re.MULTILINE)
}
LOOKED_UP = {
    begin
    for path, text in SERVED.items()
    if path.startswith("app/")
    for begin in re.findall(r"`([a-z][\w./-]*)\.\$\{", text)
}
"""How keys begin that end with a value."""

STAFF = {"APPLICANT", "SYSTEM", "PROGRAM"}
SHOWN: dict[str, tuple[str, set[str]]] = {
    "chain.role": ("Role", set()),
    "file": ("AttachmentRole", set()),
    "finding": ("Finding", {"NOT_JUDGED", "NOT_SCANNED", "PARTLY_SCANNED"}),
    "identity.claim": ("ClaimState", set()),
    "identity.kind": ("IdentityKind", set()),
    "identity.recovery": ("RecoveryState", {"IGNORED"}),
    "kind": ("DocumentKind", set()),
    "mail.decision": ("MailDecisionKind", set()),
    "mail.outcome": ("MailOutcome", set()),
    "mailbox": ("MailboxFailure", set()),
    "next": ("TramiteStatus", set()),
    "policy.dating": ("FilingPolicy", set()),
    "program.scope": ("Scope", set()),
    "read": ("ReadKind", set()),
    "receipt": ("ReceiptKind", set()),
    "report.group": ("ReportGroup", set()),
    "report.step": ("ReportStep", {"ANSWER", "ANSWER_AGAIN"}),
    "role": ("Role", {"ADMINISTRATOR", "AUDITOR", "PROGRAM"}),
    "staff.role": ("Role", STAFF),
    "staff.state": ("StaffState", set()),
    "status": ("TramiteStatus", set()),
    "status.means": ("TramiteStatus", set()),
    "template.kind": ("TemplateKind", set()),
}
"""The enumeration behind each, and which of its values are never shown there."""

OTHERS = {"act", "acts", "change.act", "detail.value", "identity"}
"""Acts of a trámite, of the register and of the administration, and two that are of the pages."""


def values_of(name: str) -> set[str]:
    """Return the values of an enumeration of the API."""
    found = SCHEMA.type_map[name]
    assert isinstance(found, GraphQLEnumType)
    return set(found.values)


def keyed(begin: str) -> set[str]:
    """Return the values that have words."""
    return {key.removeprefix(f"{begin}.") for key in KEYS if re.fullmatch(rf"{re.escape(begin)}\.[A-Z][A-Z_]*", key)}


@pytest.mark.parametrize("begin", SHOWN)
def test_every_value_has_its_words_and_no_words_are_left_of_one_that_is_gone(begin: str) -> None:
    name, never = SHOWN[begin]

    assert keyed(begin) == values_of(name) - never


def test_every_look_up_by_a_value_is_held_to_its_enumeration() -> None:
    assert {begin for begin in LOOKED_UP if keyed(begin)} == set(SHOWN) | OTHERS


def test_acts_have_words_where_the_register_shows_them_all() -> None:
    assert keyed("acts") == values_of("Act")
    assert keyed("act") < values_of("Act")
    assert keyed("change.act") < values_of("Act")
