"""Mailboxes as the API shows them."""

from __future__ import annotations

from models import mail as rows
from reading.mailboxes import OF_WORKER
from resolvers.engine.shapes import Computed, Shape
from resolvers.shapes.catalogue import ITS_OFFICE
from schema.mailboxes import Mailbox

MAILBOX = Shape(
    Mailbox,
    model=rows.Mailbox,
    columns=("id", "name", "account", "folder", "looked_at", "failing_since", "failure"),
    computed={
        "is_listening": Computed(("is_listening",), lambda row, _: row.is_listening, sql=OF_WORKER["is_listening"]),
        "backlog": Computed(("backlog",), lambda row, _: row.backlog, sql=OF_WORKER["backlog"]),
        "uid_validity": Computed(("uid_validity",), lambda row, _: row.uid_validity, sql=OF_WORKER["uid_validity"]),
        "quarantined": Computed(("quarantined",), lambda row, _: row.quarantined, sql=OF_WORKER["quarantined"]),
    },
    relations={"office": ITS_OFFICE},
)
