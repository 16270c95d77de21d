"""Whose address a mail claims to come from, and whether that is the party of a trámite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.tramites import Tramite

if TYPE_CHECKING:
    from uuid import UUID


async def tramite_of_reply(tramite_id: UUID) -> Tramite | None:
    """Return the trámite that a reply names."""
    return await Tramite.get_or_none(id=tramite_id)


async def tramite_of_number(number: str) -> Tramite | None:
    """Return the trámite of a number."""
    return await Tramite.get_or_none(number=number)


def is_party(tramite: Tramite, address: str | None, *, account: UUID | None) -> bool:
    """
    Say whether *address*, or the *account* that it belongs to, is that of who presented the trámite.

    Whether the mail really comes from there is another question.
    """
    if address is None:
        return False
    is_contact = tramite.contact_email is not None and tramite.contact_email.casefold() == address.casefold()
    return is_contact or (account is not None and account == tramite.applicant_id)
