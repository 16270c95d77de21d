"""What a receipt prints, as plain words: what programs of others are given to set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rules import receipt_words as words
from rules.receipt_panel import closing

if TYPE_CHECKING:
    from rules.receipts import ReceiptFacts


def contents(facts: ReceiptFacts) -> dict[str, Any]:
    """Return the words of the receipt, in their order and with their labels."""
    return {
        "title": facts.kind.label,
        "subtitle": words.subtitle(facts),
        "number": facts.number,
        "entity": facts.entity,
        "unit": facts.unit,
        "mark": facts.letterhead.mark,
        "code": facts.verification_code,
        "url": facts.verify_url,
        "key": words.key_facts(facts),
        "issued": words.say_issued(facts),
        "rows": words.rows(facts),
        "files": [
            {
                "ordinal": str(file.ordinal),
                "name": file.name,
                "about": about,
                "size": words.say_exact_size(file.size_bytes),
                "sha256": file.sha256,
            }
            for file, about in words.files(facts)
        ],
        "missing": list(facts.missing),
        "panel": [(section.title, [*section.items]) for section in closing(facts)],
        "footer": f"{facts.number}  ·  {facts.verification_code}  ·  {facts.verify_url}",
    }
