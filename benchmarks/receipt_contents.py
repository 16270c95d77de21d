"""What a receipt prints, as plain words: what programs of others are given to set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rules import receipt_words as words
from rules.catalogue import AttachmentRole

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
        "key": [
            ("N.º DE TRÁMITE", facts.number),
            ("ENVIADO", words.say_sent_day(facts.sent_at)),
            ("HORA (UTC-05:00)", words.say_hour(facts.sent_at)),
            ("SE TIENE POR PRESENTADO", words.say_day(facts.filed_on)),
        ],
        "rows": words.rows(facts),
        "files": [
            {
                "ordinal": str(file.ordinal),
                "name": file.name,
                "about": words.say_role(file, file.ordinal - (file.role is AttachmentRole.ANNEX)),
                "size": words.say_exact_size(file.size_bytes),
                "sha256": file.sha256,
            }
            for file in facts.files
        ],
        "missing": list(facts.missing),
        "panel": _panel(facts),
        "footer": f"{facts.number}  ·  {facts.verification_code}  ·  {facts.verify_url}",
    }


def _panel(facts: ReceiptFacts) -> list[tuple[str, str]]:
    how = (
        f"Escanee el código QR o ingrese a {facts.verify_url} y compare lo que se muestra con esta constancia. El "
        "resumen SHA-256 identifica cada archivo: calcúlelo sobre el suyo; si cambió un solo byte, no coincide. La "
        "hora es la oficial del Perú (UTC-05:00)."
    )
    told = [("Cómo comprobar esta constancia", how), ("Qué sigue", facts.next_steps), ("Alcance", facts.limits)]
    if facts.seal and facts.log_head:
        sealed = (
            f"Sellado por {facts.seal.holder}, certificado de {facts.seal.issuer}. Registro de constancias al "
            f"{words.say_day(facts.log_head.day)}: {facts.log_head.size} constancias, {facts.log_head.root_sha256}."
        )
        told.append(("Sello", sealed))
    return told
