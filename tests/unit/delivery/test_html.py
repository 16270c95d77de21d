"""The page beside the text: it says the same, and holds nothing of strangers as markup."""

from __future__ import annotations

import re

from delivery.html import to_html

URL = "https://tramites.ejemplo.gob.pe"


def page(text: str, *, title: str = "Aviso") -> str:
    return to_html(text, title=title, public_url=URL).partition("<body")[2]


def test_paragraphs_lists_and_what_is_set_off_keep_their_form() -> None:
    shown = page("Uno\ndos.\n\n    Número: 1\n    Clave: 2\n\nFalta:\n\n  - a\n  - b\n\n--\nEntidad\nUnidad\n")

    assert "<p>Uno\ndos.</p>" in shown
    assert "Número: 1\nClave: 2</p>" in shown
    assert "<ul>\n<li>a</li>\n<li>b</li>\n</ul>" in shown
    assert "Entidad<br>\nUnidad</p>" in shown


def test_markup_of_strangers_is_text() -> None:
    shown = to_html('    <script>x</script> & "\n', title="<b>", public_url=URL)

    assert "<script>" not in shown
    assert "&lt;script&gt;x&lt;/script&gt; &amp;" in shown
    assert "<title>&lt;b&gt;</title>" in shown


def test_only_our_own_addresses_are_links() -> None:
    shown = page(f"Vea {URL}/estado; no https://evil.test ni {URL}@evil.test o {URL}:80, o también {URL}.")

    assert re.findall(r'<a href="([^"]*)">', shown) == [f"{URL}/estado", URL]


def test_nothing_is_loaded_from_elsewhere() -> None:
    shown = page("    <img src=https://evil.test/x>\n\n" + "x" * 10)

    assert "<img" not in shown
    assert "src=" not in shown.replace("src=https://evil.test/x&gt;", "")
