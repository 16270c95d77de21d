"""The link by which a sender says that a mail is theirs: in the receipt that brings it, and in no other mail."""

from __future__ import annotations

import email
from email.policy import default

import pytest

from delivery.letters import letter_of
from models.receipts import Notice
from rules.notices import SECRET, NoticeKind
from tests.counter import MONDAY
from tests.unit.delivery.test_messages import make_answer

LINK = "/confirmar/un-token"


def words(content: bytes) -> str:
    body = email.message_from_bytes(content, policy=default).get_body(("plain",))
    assert body is not None
    return body.get_content()


def test_a_receipt_brings_the_link_on_a_line_of_its_own() -> None:
    lines = words(make_answer(confirmation="un-token").content).splitlines()

    assert [line.endswith(LINK) for line in lines if "/confirmar/" in line] == [True]


def test_a_receipt_without_a_link_says_nothing_of_one() -> None:
    assert "confirmar" not in words(make_answer().content)


@pytest.mark.parametrize(
    ("detail", "token"),
    [({SECRET: {"confirm": "un-token"}}, "un-token"), ({SECRET: {"complete": "otro"}}, None), ({}, None)],
)
def test_the_token_is_that_of_its_purpose(detail: dict[str, object], token: str | None) -> None:
    notice = Notice(
        kind=NoticeKind.SUBMISSION_RECEIPT,
        address="ana@example.pe",
        message_id="<1@example.pe>",
        detail=detail,
        created_at=MONDAY,
        tramite=None,
        user=None,
    )

    assert letter_of(notice).confirmation == token
