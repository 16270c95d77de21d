"""What anybody may see who holds a receipt's code, or a trámite's number with its key: 80 random bits each."""

from __future__ import annotations

import hmac

from models.receipts import Receipt
from models.tramites import Tramite
from rules.numbering import clean_code, parse_number
from rules.refusals import InvalidInput


async def find_by_key(number: str, *, lookup_key: str) -> Tramite | None:
    """Return the trámite of that number and key, with its office; a wrong number and a wrong key are answered alike."""
    try:
        known = str(parse_number(number)), clean_code(lookup_key)
    except InvalidInput:
        return None
    found = await Tramite.get_or_none(number=known[0]).select_related("office")
    return found if found is not None and hmac.compare_digest(found.lookup_key, known[1]) else None


async def find_by_code(verification_code: str) -> Receipt | None:
    """Return the receipt of that code."""
    try:
        code = clean_code(verification_code)
    except InvalidInput:
        return None
    return await Receipt.get_or_none(verification_code=code)
