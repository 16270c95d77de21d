"""The published register: lines as they come, in bulk and one by one, and what is said of a RUC."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.pe import ruc as stdnum_ruc

from rules.taxpayer_lines import LONGEST_LINE, RegisterReader
from rules.taxpayers import (
    TEXT_MAX_LENGTH,
    BadLine,
    Fault,
    NotTheRegister,
    Taxpayer,
    count_columns,
    doubt_about,
    parse_line,
)

HEADER = (
    "RUC|NOMBRE O RAZÓN SOCIAL|ESTADO DEL CONTRIBUYENTE|CONDICIÓN DE DOMICILIO|UBIGEO|TIPO DE VÍA|NOMBRE DE VÍA|"
    "CÓDIGO DE ZONA|TIPO DE ZONA|NÚMERO|INTERIOR|LOTE|DEPARTAMENTO|MANZANA|KILÓMETRO|"
)
REST = "150101|AV.|LOS ÁLAMOS|-|URB.|123|-|-|-|-|-|"
RUC = "20131312955"
"""SUNAT's own."""
LINE = f"{RUC}|SUPERINTENDENCIA NACIONAL DE ADUANAS|ACTIVO|HABIDO|{REST}"


def rows_of(*lines: str, end: str = "\n", block_bytes: int = 1 << 20) -> tuple[list[str], Counter[Fault]]:
    """Return the rows that COPY is given, and the faults, of a file with those lines after the header."""
    content = end.join([HEADER, *lines, ""]).encode("latin-1")
    reader = RegisterReader()
    blocks = [content[place : place + block_bytes] for place in range(0, len(content), block_bytes)]
    rows = b"".join([*(reader.read(block) for block in blocks), reader.finish()]).decode("latin-1").splitlines()
    assert reader.row_count == len(rows)
    return rows, reader.faults


def numbered(serial: int) -> str:
    digits = f"20{serial:08d}"
    return digits + stdnum_ruc.calc_check_digit(digits)


def parsed(line: str) -> Taxpayer:
    return parse_line(line.encode("latin-1"), columns=15)


def fault_of(line: str) -> Fault:
    with pytest.raises(BadLine) as caught:
        parsed(line)
    return caught.value.fault


def test_a_line_gives_name_state_and_condition_and_no_address() -> None:
    assert parsed(LINE) == Taxpayer(RUC, "SUPERINTENDENCIA NACIONAL DE ADUANAS", "ACTIVO", "HABIDO")
    assert rows_of(LINE) == ([f"{RUC}|SUPERINTENDENCIA NACIONAL DE ADUANAS|ACTIVO|HABIDO"], Counter())


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_latin_1_and_either_line_end(end: str) -> None:
    lines = [f"{RUC}|ÑAUPARI GÜERE MARÍA|ACTIVO|HABIDO|{REST}", f"{RUC}|PEÑA & CÍA.|ACTIVO|HABIDO|{REST}"]

    assert rows_of(*lines, end=end) == (
        [f"{RUC}|ÑAUPARI GÜERE MARÍA|ACTIVO|HABIDO", f"{RUC}|PEÑA & CÍA.|ACTIVO|HABIDO"],
        Counter(),
    )


def test_spaces_and_what_cannot_be_seen_are_tidied() -> None:
    assert rows_of(f"{RUC}| LOS\xa0 DOS  ÁLAMOS\x00 S.A.\x85 |ACTIVO   |HABIDO |{REST}") == (
        [f"{RUC}|LOS DOS ÁLAMOS S.A.|ACTIVO|HABIDO"],
        Counter(),
    )


def test_a_hard_space_becomes_a_space() -> None:
    assert rows_of(f"{RUC}|LOS\xa0ÁLAMOS|ACTIVO|HABIDO|{REST}") == ([f"{RUC}|LOS ÁLAMOS|ACTIVO|HABIDO"], Counter())


def test_a_backslash_in_a_name_reaches_the_database_as_one() -> None:
    rows, faults = rows_of(f"{RUC}|A\\N B\\|ACTIVO|HABIDO|{REST}")

    assert (rows, faults) == ([f"{RUC}|A\\\\N B\\\\|ACTIVO|HABIDO"], Counter())


def test_missing_columns_after_the_fourth_are_no_fault() -> None:
    rows, faults = rows_of(f"{RUC}|UNO|ACTIVO|HABIDO", f"{RUC}|DOS|BAJA DE OFICIO|", f"{RUC}|TRES|ACTIVO|HABIDO|150101")

    assert rows == [f"{RUC}|UNO|ACTIVO|HABIDO", f"{RUC}|DOS|BAJA DE OFICIO|", f"{RUC}|TRES|ACTIVO|HABIDO"]
    assert faults == Counter()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (f"{RUC}|UNO|ACTIVO", Fault.COLUMNS),
        (f"{RUC}|UNO|DOS|ACTIVO|HABIDO|{REST}", Fault.COLUMNS),
        (f"{RUC}|UNO|DOS|ACTIVO|HABIDO|{REST.removesuffix('|')}", Fault.COLUMNS),
        ("no line at all", Fault.COLUMNS),
        (f"20131312954|UNO|ACTIVO|HABIDO|{REST}", Fault.RUC),
        (f"2013131295|UNO|ACTIVO|HABIDO|{REST}", Fault.RUC),
        (f"2010A047218|UNO|ACTIVO|HABIDO|{REST}", Fault.RUC),
        (f"30131312955|UNO|ACTIVO|HABIDO|{REST}", Fault.RUC),
        (f"|UNO|ACTIVO|HABIDO|{REST}", Fault.RUC),
        (f"{RUC}||ACTIVO|HABIDO|{REST}", Fault.NAME),
        (f"{RUC}|  |ACTIVO|HABIDO|{REST}", Fault.NAME),
    ],
)
def test_a_bad_line_is_counted_and_costs_no_other_line(line: str, fault: Fault) -> None:
    assert fault_of(line) == fault
    assert rows_of(LINE, line, LINE) == ([*rows_of(LINE)[0]] * 2, Counter({fault: 1}))


def test_empty_lines_are_nothing() -> None:
    assert rows_of("", LINE, "", "") == rows_of(LINE)


def test_a_long_name_is_cut_to_what_its_column_holds() -> None:
    [row], faults = rows_of(f"{RUC}|{'A' * 500}|ACTIVO|HABIDO|{REST}")

    assert (row.split("|")[1], faults) == ("A" * TEXT_MAX_LENGTH, Counter())


def test_a_line_without_end_is_one_bad_line_and_takes_no_memory() -> None:
    lines = [LINE, "X" * (40 * LONGEST_LINE), LINE]

    rows, faults = rows_of(*lines, block_bytes=4096)

    assert (rows, faults) == ([*rows_of(LINE)[0]] * 2, Counter({Fault.LENGTH: 1}))


def test_the_last_line_needs_no_end() -> None:
    reader = RegisterReader()

    rows = reader.read(f"{HEADER}\n{LINE}".encode("latin-1")) + reader.finish()

    assert rows.decode("latin-1").splitlines() == rows_of(LINE)[0]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"%PDF-1.7\n",
        b"RUC|NOMBRE|ESTADO\n",
        b"NOMBRE|RUC|ESTADO|CONDICION\n",
        f"{HEADER}\n".encode(),
        f"\ufeff{HEADER}\n".encode(),
        b"\0" * (3 * LONGEST_LINE),
    ],
)
def test_another_file_is_refused(content: bytes) -> None:
    reader = RegisterReader()

    with pytest.raises(NotTheRegister):
        _ = reader.read(content) + reader.finish()


def test_the_header_says_how_many_columns_there_are() -> None:
    assert count_columns(f"{HEADER}\r".encode("latin-1")) == 15
    assert count_columns("ruc|nombre o razón social|estado|condición".encode("latin-1")) == 4


CELL = st.text(st.sampled_from("AÑ 0.|\\\xa0\x85\t\xad"), max_size=6)
RUCS = st.one_of(
    st.integers(0, 10**8 - 1).map(numbered),
    st.integers(0, 10**11 - 1).map(lambda number: f"{number:011d}"),
    st.just("²0131312955"),
)
TAILS = st.sampled_from([f"|{REST}", f"|{REST[:-1]}", f"|{REST}\r", f"|{REST}X", "", "|"])


def odd_line(ruc: str, cells: list[str], tail: str) -> str:
    return "|".join([ruc, *cells]) + tail


ODD_LINES = st.builds(odd_line, RUCS, st.lists(CELL, min_size=2, max_size=4), TAILS)


@given(st.lists(ODD_LINES, min_size=1, max_size=4), st.integers(1, 3))
def test_lines_in_bulk_give_what_each_gives_by_itself(lines: list[str], times: int) -> None:
    expected, faults = list[str](), Counter[Fault]()
    for line in lines * times:
        try:
            found = parsed(line)
        except BadLine as bad:
            faults[bad.fault] += 1
        else:
            row = "|".join([found.ruc, found.name, found.state, found.condition])
            expected.append(row.replace("\\", "\\\\"))

    reader = RegisterReader()
    content = "\n".join([HEADER, *lines * times, ""]).encode("latin-1")
    rows = (reader.read(content) + reader.finish()).decode("latin-1").split("\n")[:-1]

    assert (rows, reader.faults) == (expected, faults)


@given(st.lists(RUCS, min_size=1, max_size=30))
def test_check_digits_in_bulk_are_those_of_each_by_itself(rucs: list[str]) -> None:
    expected = [ruc for ruc in rucs if stdnum_ruc.is_valid(ruc) and ruc.isascii()]

    rows, faults = rows_of(*(f"{ruc}|UNO|ACTIVO|HABIDO|{REST}" for ruc in rucs))

    assert [row.split("|")[0] for row in rows] == expected
    assert faults.total() == len(rucs) - len(expected)


@given(st.integers(1, 400))
def test_where_blocks_end_makes_no_difference(block_bytes: int) -> None:
    lines = [LINE, f"{RUC}|UNO|ACTIVO", "", f"{RUC}|ÑANDÚ|BAJA DE OFICIO|NO HABIDO|{REST}"]

    assert rows_of(*lines, end="\r\n", block_bytes=block_bytes) == rows_of(*lines, end="\r\n")


DAY = date(2026, 3, 2)


def test_nothing_is_said_of_an_active_taxpayer() -> None:
    assert doubt_about(Taxpayer(RUC, "UNO", "ACTIVO", "HABIDO"), registered_on=DAY) is None


def test_somebody_unknown_or_not_active_is_told_with_the_day_of_the_register() -> None:
    assert doubt_about(None, registered_on=DAY) == (
        "El RUC no figura en el padrón de SUNAT del 02/03/2026. Revíselo; si es correcto, puede continuar."
    )
    assert doubt_about(Taxpayer(RUC, "UNO", "BAJA DE OFICIO", "HABIDO"), registered_on=DAY) == (
        "En el padrón de SUNAT del 02/03/2026 el RUC no está activo: «BAJA DE OFICIO». "
        "Revíselo; si es correcto, puede continuar."
    )
