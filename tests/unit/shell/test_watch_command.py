"""What `mesadepartes watch` refuses before it asks anybody."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

import click
import pytest
import websockets
from click.testing import CliRunner

from mesadepartes.commands import watch
from mesadepartes.commands.watch import CursorFile, command
from mesadepartes.following import TokenNotGood, Wish, follow
from mesadepartes.variables import WATCH_TOKEN

URL, TOKEN = "https://mesa.example.pe", "mps_x"
SECRET = "mps_aVerySecretText"


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


def test_a_link_in_the_way_of_the_cursor_is_not_followed(tmp_path: Path) -> None:
    """Who may write to the folder too would have any file of ours overwritten."""
    mine, file = tmp_path / "mine", tmp_path / "cursor"
    mine.write_text("dear to me")
    (tmp_path / "cursor.new").symlink_to(mine)
    memory = CursorFile(file)

    memory.remember("one")
    memory.remember("two")

    assert (mine.read_text(), file.read_text(), memory.recall()) == ("dear to me", "two\n", "two")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["cursor", "mine"]


def test_what_is_laid_in_the_way_at_the_last_moment_is_not_written_to(tmp_path: Path) -> None:
    mine, beside = tmp_path / "mine", tmp_path / "cursor.new"
    mine.write_text("dear to me")
    beside.symlink_to(mine)

    with pytest.raises(FileExistsError):
        watch._write_new(beside, b"cursor")  # pyright: ignore[reportPrivateUsage] - what comes between is too short

    assert mine.read_text() == "dear to me"


def test_a_cursor_is_on_the_disk_before_it_takes_the_place_of_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else: after a loss of power there may be an empty file."""
    written = list[str]()

    def note(file: int) -> None:
        written.append(Path(f"/proc/self/fd/{file}").read_text())

    monkeypatch.setattr(os, "fsync", note)

    CursorFile(tmp_path / "cursor").remember("one")

    assert written == ["one\n"]


def test_a_cursor_that_cannot_be_kept_is_said(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="cannot be kept"):
        CursorFile(tmp_path / "no such folder" / "cursor").remember("one")


@pytest.mark.parametrize("spoilt", ["\x1b", "ñ", "\nx", " x\x7f"])
@pytest.mark.parametrize("is_in_file", [False, True])
def test_a_malformed_token_is_refused_before_anybody_is_asked_and_not_told(
    tmp_path: Path, spoilt: str, *, is_in_file: bool
) -> None:
    secret, token = tmp_path / "token", f"{SECRET}{spoilt}x"
    secret.write_text(token)
    words = [URL, "--cursor", str(tmp_path / "cursor"), *(["--token-file", str(secret)] if is_in_file else [])]

    result = CliRunner().invoke(command, words, env={WATCH_TOKEN: "" if is_in_file else token})

    assert (result.exit_code, "no service token" in result.output, SECRET in result.output) == (2, True, False)


def test_a_token_does_not_come_by_the_command_line() -> None:
    """Everybody on the machine could read it there."""
    assert [each.name for each in command.params] == [
        "url",
        "cursor_file",
        "token_file",
        "office",
        "tramite",
        "from_start",
        "once",
    ]


async def test_a_token_is_sent_and_never_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not even where the library notes each message that it sends."""
    heard, said = list[Any](), list[str]()
    caplog.set_level(logging.DEBUG)

    async def refuse(socket: websockets.ServerConnection) -> None:
        heard.append(json.loads(await socket.recv()))
        await socket.close(4403, "Forbidden")

    # What the server of this test would log of what it hears is not what the command logs.
    protocols, quiet = [websockets.Subprotocol("graphql-transport-ws")], logging.Logger("none")
    async with websockets.serve(refuse, "127.0.0.1", 0, subprotocols=protocols, logger=quiet) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"
        with pytest.raises(TokenNotGood) as refused:
            await follow(Wish(url, SECRET, {}), CursorFile(tmp_path / "cursor"), lambda _: None, said.append)

    assert heard == [{"type": "connection_init", "payload": {"authorization": f"Bearer {SECRET}"}}]
    assert SECRET not in f"{caplog.text}{refused.value}{said}"


@pytest.mark.parametrize("code", ["OPERATION_TIMED_OUT", "COST_BUDGET_EXHAUSTED", "TOO_MANY_OPERATIONS_AT_ONCE"])
async def test_what_passes_by_itself_is_waited_for_and_asked_again(tmp_path: Path, code: str) -> None:
    """A dashboard that stands still until somebody starts it anew has missed what it was there for."""
    cursors, said = list[Any](), list[str]()

    async def serve(socket: websockets.ServerConnection) -> None:
        await socket.recv()
        await socket.send('{"type":"connection_ack"}')
        cursors.append(json.loads(await socket.recv())["payload"]["variables"]["after"])
        if len(cursors) == 1:
            errors = [{"message": "Vuelva a intentarla.", "extensions": {"code": code}}]
            await socket.send(json.dumps({"type": "error", "id": "1", "payload": errors}))
        else:
            data = {"statusChanges": {"cursor": "two", "change": None}}
            await socket.send(json.dumps({"type": "next", "id": "1", "payload": {"data": data}}))

    memory, quiet = CursorFile(tmp_path / "cursor"), logging.Logger("none")
    memory.remember("one")
    protocols = [websockets.Subprotocol("graphql-transport-ws")]
    async with websockets.serve(serve, "127.0.0.1", 0, subprotocols=protocols, logger=quiet) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"
        await follow(Wish(url, TOKEN, {}, is_once=True), memory, lambda _: None, said.append)

    assert (cursors, memory.recall(), len(said)) == (["one", "one"], "two", 1)
