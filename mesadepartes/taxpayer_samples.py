"""Made-up taxpayers in a file of the shape that SUNAT publishes, to try loading and to measure it."""

from __future__ import annotations

import random
import zipfile
from contextlib import contextmanager
from itertools import islice
from typing import IO, TYPE_CHECKING, Final

from stdnum.pe import ruc as check

from rules.taxpayers import ENCODING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

HEADER: Final = (
    "RUC|NOMBRE O RAZÓN SOCIAL|ESTADO DEL CONTRIBUYENTE|CONDICIÓN DE DOMICILIO|UBIGEO|TIPO DE VÍA|NOMBRE DE VÍA|"
    "CÓDIGO DE ZONA|TIPO DE ZONA|NÚMERO|INTERIOR|LOTE|DEPARTAMENTO|MANZANA|KILÓMETRO|\n"
)
MOST_ROWS: Final = 100_000_000
ROWS_AT_ONCE: Final = 1000

_STRIDE = 61_803_399
"""Odd and no multiple of five: it visits each number of eight digits once, in an order that looks like none."""

_SURNAMES = ("QUISPE", "MAMANI", "ÑAUPARI", "HUAMÁN", "FLORES", "SÁNCHEZ", "RÍOS", "CÁRDENAS", "VILCA", "GÜERE")
_GIVEN_NAMES = ("ROSA MARÍA", "JULIO CÉSAR", "ANA", "JOSÉ LUIS", "MARÍA DE LOS ÁNGELES", "PEDRO", "ELENA", "VÍCTOR")
_TRADES = ("COMERCIAL", "INVERSIONES", "CONSTRUCTORA", "TRANSPORTES", "AGRÍCOLA", "CONSULTORES", "MINERA")
_FORMS = ("S.A.C.", "E.I.R.L.", "S.A.", "S.R.L.")
_STATES = ("ACTIVO",) * 12 + ("BAJA DE OFICIO",) * 4 + ("BAJA DEFINITIVA", "SUSPENSION TEMPORAL", "BAJA PROVISIONAL")
_CONDITIONS = ("HABIDO",) * 15 + ("NO HABIDO", "NO HALLADO", "PENDIENTE")
_ADDRESSES = (
    "150101|AV.|LOS ÁLAMOS|URB.|SANTA ROSA|123|-|-|-|-|-|",
    "080101|JR.|UNIÓN|----|-|S/N|-|4|-|B|-|",
    "-|----|-|----|-|-|-|-|-|-|-|",
)


def sample_lines(rows: int, *, seed: int) -> Iterator[str]:
    """Yield the header and *rows* lines with different, valid RUCs; the same seed gives the same lines."""
    yield HEADER
    chance = random.Random(seed)  # noqa: S311 - made-up people
    start = chance.randrange(MOST_ROWS)
    for nth in range(rows):
        serial = (start + nth * _STRIDE) % MOST_ROWS
        is_company = chance.random() < 0.2
        digits = f"{'20' if is_company else '10'}{serial:08d}"
        name = _company(chance, nth) if is_company else _person(chance)
        line = (digits + check.calc_check_digit(digits), name, chance.choice(_STATES), chance.choice(_CONDITIONS))
        yield f"{'|'.join(line)}|{chance.choice(_ADDRESSES)}\n"


def _company(chance: random.Random, nth: int) -> str:
    return f"{chance.choice(_TRADES)} {chance.choice(_SURNAMES)} {nth} {chance.choice(_FORMS)}"


def _person(chance: random.Random) -> str:
    return f"{chance.choice(_SURNAMES)} {chance.choice(_SURNAMES)} {chance.choice(_GIVEN_NAMES)}"


def write_samples(path: Path, rows: int, *, seed: int, told: Callable[[int], None]) -> None:
    """Write such a file, a zip archive if its name ends so; *told* hears of rows that were written."""
    lines = sample_lines(rows, seed=seed)
    with _target(path) as target:
        target.write(next(lines).encode(ENCODING))
        while some := "".join(islice(lines, ROWS_AT_ONCE)):
            target.write(some.encode(ENCODING))
            told(some.count("\n"))


@contextmanager
def _target(path: Path) -> Generator[IO[bytes]]:
    if path.suffix.lower() != ".zip":
        with path.open("wb") as target:
            yield target
        return
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(path.with_suffix(".txt").name, "w", force_zip64=True) as target,
    ):
        yield target
