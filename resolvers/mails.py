"""Received mails (correos recibidos): list, look at, release, reject, answer."""

import datetime as dt
import uuid
from typing import Annotated

import strawberry

from actions import mail_desk
from models.mail import MailItem
from reading import mails as reading
from reading.mails import MailFilter
from resolvers.context import Info, signed_in, wanted
from resolvers.noting import note_mails
from resolvers.shapes.mails import MAIL
from schema.described import takes
from schema.finding import PageInfo
from schema.mail_enums import MailOutcome
from schema.mails import (
    AnswerMailInput,
    AnswerMailResult,
    AnswerMailSuccess,
    Mail,
    MailConnection,
    MailEdge,
    RejectMailInput,
    RejectMailResult,
    RejectMailSuccess,
    ReleaseMailInput,
    ReleaseMailResult,
    ReleaseMailSuccess,
)


@strawberry.type
class MailQuery:
    """What came by mail."""

    @strawberry.field(
        description="Received mails (correos recibidos), those received last first: to clerks those of the mailboxes "
        "of their offices, to supervisors and auditors all; none to others."
    )
    async def mails(
        self,
        info: Info,
        first: Annotated[int, strawberry.argument(description="How many, from 1 to 100.")] = 20,
        after: Annotated[str | None, strawberry.argument(description="Cursor after which to go on.")] = None,
        outcome: Annotated[
            MailOutcome | None, strawberry.argument(description="Only mails of which this became (resultado).")
        ] = None,
        mailbox_id: Annotated[
            uuid.UUID | None, strawberry.argument(description="Only mails of this mailbox (buzón).")
        ] = None,
        day: Annotated[
            dt.date | None, strawberry.argument(description="Only mails received on this day in Lima.")
        ] = None,
    ) -> MailConnection:
        """Return a page of mails."""
        viewer, asks = await signed_in(info), wanted(info, "edges", "node")
        page = await reading.page_of(viewer, MailFilter(outcome, mailbox_id, day), first=first, after=after)
        await note_mails(info.context, viewer, page.mails, asks)
        nodes = await MAIL.show(page.mails, asks, await info.context.scene())
        edges = [
            MailEdge(cursor=reading.place_for(mail), node=node) for mail, node in zip(page.mails, nodes, strict=True)
        ]
        return MailConnection(
            edges=edges,
            page_info=PageInfo(
                has_next_page=page.has_next,
                has_previous_page=after is not None,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
        )

    @strawberry.field(description="One received mail; null if there is none that the viewer may see.")
    async def mail(
        self,
        info: Info,
        mail_id: Annotated[uuid.UUID, strawberry.argument(name="id", description="Its id.")],
    ) -> Mail | None:
        """Return a mail."""
        viewer = await signed_in(info)
        found = [mail for mail in [await reading.find_mail(viewer, mail_id)] if mail]
        asks = wanted(info)
        await note_mails(info.context, viewer, found, asks)
        return next(iter(await MAIL.show(found, asks, await info.context.scene())), None)


@strawberry.type
class MailMutation:
    """What staff do with a mail."""

    @strawberry.mutation(
        description="Let a mail out of quarantine (liberar un correo): it becomes a trámite of its mailbox's office, "
        "or the correction with which its proven sender answers, with the date on which our server received it. Clerks "
        "of that office, and supervisors; never of a mail from their own address."
    )
    async def release_mail(
        self, info: Info, given: Annotated[ReleaseMailInput, takes("The mail.")]
    ) -> ReleaseMailResult:
        """Release a mail."""
        mail = await mail_desk.release_mail(info.context.tools, await signed_in(info), given.id)
        return ReleaseMailSuccess(mail=await _shown(info, mail))

    @strawberry.mutation(
        description="Find that a mail in quarantine is no filing (rechazar un correo); its sender is told why, if it "
        "may be answered. Clerks of its mailbox's office, and supervisors; never of a mail from their own address."
    )
    async def reject_mail(
        self, info: Info, given: Annotated[RejectMailInput, takes("The mail, and why.")]
    ) -> RejectMailResult:
        """Reject a mail."""
        mail = await mail_desk.reject_mail(info.context.tools, await signed_in(info), given.id, reason=given.reason)
        return RejectMailSuccess(mail=await _shown(info, mail))

    @strawberry.mutation(
        description="Write to the sender of a mail (responder un correo), never to a machine or a list, at most five "
        "mails a day to one address, automatic ones among them. Clerks of its mailbox's office, and supervisors; never "
        "of a mail from their own address."
    )
    async def answer_mail(
        self, info: Info, given: Annotated[AnswerMailInput, takes("The mail, and the answer.")]
    ) -> AnswerMailResult:
        """Answer a mail."""
        clerk, key = await signed_in(info), given.client_key
        mail = await mail_desk.answer_mail(info.context.tools, clerk, given.id, text=given.text, client_key=key)
        return AnswerMailSuccess(mail=await _shown(info, mail))


async def _shown(info: Info, mail: MailItem) -> Mail:
    [shown] = await MAIL.show([mail], wanted(info, "mail"), await info.context.scene())
    return shown
