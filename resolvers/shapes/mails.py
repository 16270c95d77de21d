"""Received mails as the API shows them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from models import mail, mail_desk
from reading import mails as reading
from reading import tramites as tramites_reading
from reading.rights import seen_by
from resolvers.engine.shapes import Computed, Rows, Shape, Together, ToMany, ToOne
from resolvers.shapes.catalogue import ITS_OFFICE
from resolvers.shapes.colleagues import COLLEAGUE, load_people
from resolvers.shapes.tramites import TRAMITE
from rules.mail_reasons import say_mail_reason
from schema import mails as api

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models import tramites
    from resolvers.context import Scene
    from resolvers.engine.shapes import Arguments


def _is_kept(item: mail.MailItem, _scene: Scene) -> bool:
    return item.erased_at is None


def _sha256(item: mail.MailItem, _scene: Scene) -> str:
    return item.original_id


def _reason_text(item: mail.MailItem, _scene: Scene) -> str | None:
    return say_mail_reason(item.outcome, item.reason)


async def _sizes(items: Sequence[mail.MailItem], _scene: Scene) -> dict[UUID, int]:
    return await reading.sizes_of(items)


def _size(item: mail.MailItem, _scene: Scene) -> int:
    return item.original.size_bytes


async def _copies(items: Sequence[mail.MailItem], _scene: Scene) -> dict[UUID, int]:
    return await reading.copies_of(items)


async def _mailboxes(ids: Collection[UUID], _scene: Scene) -> dict[UUID, mail.Mailbox]:
    return await reading.mailboxes_by_id(ids)


async def _tramites(ids: Collection[UUID], scene: Scene) -> dict[UUID, tramites.Tramite]:
    assert scene.viewer is not None, "nobody sees a mail without signing in"
    return await tramites_reading.by_id(scene.viewer, ids)


async def _decisions(
    ids: Collection[UUID], _arguments: Sequence[Arguments], _scene: Scene
) -> dict[UUID, list[mail_desk.MailDecision]]:
    return await reading.decisions_of(ids)


SOURCE = Shape(
    api.MailSource,
    model=mail.Mailbox,
    columns=("account", "folder"),
    computed={"mailbox_id": Computed(("id",), lambda mailbox, _: mailbox.id, same_as="id")},
    relations={"office": ITS_OFFICE},
)
DECISION = Shape(
    api.MailDecision,
    model=mail_desk.MailDecision,
    columns=("kind", "made_at", "text"),
    relations={"made_by": ToOne("made_by_id", load_people, COLLEAGUE, sql=True)},
)
MAIL = Shape(
    api.Mail,
    model=mail.MailItem,
    columns=("id", "received_at", "recorded_at", "outcome", "reason", "suppression"),
    computed={
        "is_kept": Computed(("erased_at",), _is_kept),
        "sha256": Computed(("original_id",), _sha256, same_as="original_id"),
        "reason_text": Computed(("outcome", "reason"), _reason_text),
    },
    together={
        "size_bytes": Together(("id",), _sizes, planned=Computed(("original.size_bytes",), _size)),
        "copies": Together(
            ("id",), _copies, planned=Computed((), lambda item, _: item.copies, facts={"copies": reading.COPIES})
        ),
    },
    relations={
        "mailbox": ToOne("mailbox_id", _mailboxes, SOURCE, sql=True),
        "tramite": ToOne("tramite_id", _tramites, TRAMITE, sql=seen_by("tramite_id")),
        "hint": ToOne("hint_id", _tramites, TRAMITE, sql=seen_by("hint_id")),
        "decisions": ToMany(_decisions, DECISION, rows=Rows(reading.DECISIONS)),
    },
)
