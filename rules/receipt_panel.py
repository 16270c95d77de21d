"""What a receipt says at its end: what follows, how it is checked, who sealed it, what it proves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rules.catalogue import ReceiptKind
from rules.receipt_words import say_day

if TYPE_CHECKING:
    from rules.receipts import LogHeadFacts, ReceiptFacts, SealFacts

SEAL_STEP = (
    "Abra el PDF en un lector que pueda verificar el sello, como Adobe Acrobat Reader: debe ser válido, abarcar todo "
    "el documento y ser de {holder}."
)
ATTACHED = "Los mismos datos van adjuntos a este PDF en formato JSON. Las horas son las del Perú (UTC-05:00)."
ROOT = "Raíz"
"""The label of the digest that the log of receipts had."""


class Section(NamedTuple):
    """A part of what a receipt says at its end; `items` are labels and texts, those without a label are paragraphs."""

    title: str
    items: list[tuple[str, str]]

    @property
    def is_numbered(self) -> bool:
        """Whether the items are steps to be done one after the other."""
        return self.items[0][0] == "1."


def closing(facts: ReceiptFacts) -> list[Section]:
    """Return the sections that the receipt of *facts* ends with."""
    this = "este cargo" if facts.kind is ReceiptKind.RECEPTION else "esta constancia"
    return [
        Section("Qué sigue", [("", facts.next_steps)]),
        Section(f"Cómo comprobar {this}", _how_to_check(facts)),
        *([Section("Sello electrónico", _seal(facts.seal, facts.log_head))] if facts.seal else []),
        Section("Alcance", [("", facts.limits)]),
    ]


def _how_to_check(facts: ReceiptFacts) -> list[tuple[str, str]]:
    steps = [
        f"Escanee el código QR o ingrese a {facts.verify_url} y compare los datos.",
        "Calcule el resumen SHA-256 de su archivo (en esa página, sin enviarlo): si cambió un solo byte, no coincide.",
        *([SEAL_STEP.format(holder=facts.seal.holder)] if facts.seal else []),
    ]
    return [*((f"{place}.", step) for place, step in enumerate(steps, 1)), ("", ATTACHED)]


def _seal(seal: SealFacts, head: LogHeadFacts | None) -> list[tuple[str, str]]:
    return [
        ("Titular", seal.holder),
        ("Certificado por", f"{seal.issuer} (de prueba)" if seal.is_for_development else seal.issuer),
        *([("Registro de constancias", _head(head)), (ROOT, head.root_sha256)] if head else []),
    ]


def _head(head: LogHeadFacts) -> str:
    size = f"{head.size:,}".replace(",", " ")
    counted = "1 constancia" if head.size == 1 else f"{size} constancias"
    return f"Al cierre del {say_day(head.day)} había {counted} y se publicó esta raíz:"
