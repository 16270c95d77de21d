"""Mailboxes as the API shows them."""

from __future__ import annotations

from resolvers.engine.shapes import Shape
from resolvers.shapes.catalogue import ITS_OFFICE
from schema.mailboxes import Mailbox

MAILBOX = Shape(
    Mailbox,
    columns=(
        "id",
        "name",
        "account",
        "folder",
        "is_listening",
        "looked_at",
        "backlog",
        "failing_since",
        "failure",
        "uid_validity",
        "quarantined",
    ),
    relations={"office": ITS_OFFICE},
)
