"""What `mesadepartes watch` refuses before it asks anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from mesadepartes.commands.watch import command

if TYPE_CHECKING:
    from pathlib import Path

URL, TOKEN = "https://mesa.example.pe", "mps_x"


@pytest.mark.parametrize(
    ("url", "token", "cursor", "told"),
    [
        ("http://mesa.example.pe", TOKEN, None, "in clear"),
        ("ftp://mesa.example.pe", TOKEN, None, "The address must be"),
        ("mesa.example.pe", TOKEN, None, "The address must be"),
        (URL, "", None, "A service token is needed"),
        (URL, "mps_x\x1b", None, "no service token"),
        (URL, TOKEN, "", "holds no cursor"),
        (URL, TOKEN, "\x00", "holds no cursor"),
    ],
)
def test_what_would_go_wrong_is_said_in_one_line(
    tmp_path: Path, url: str, token: str, cursor: str | None, told: str
) -> None:
    file, secret = tmp_path / "cursor", tmp_path / "token"
    secret.write_text(token)
    if cursor is not None:
        file.write_text(cursor)

    result = CliRunner().invoke(command, [url, "--cursor", str(file), "--token-file", str(secret), "--once"])

    assert (result.exit_code in (1, 2), told in result.output, result.exc_info is None) == (True, True, False)
    assert isinstance(result.exception, SystemExit)
