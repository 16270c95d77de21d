"""`mesadepartes operations`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("operations")
@click.option("--check", is_flag=True, help="Write nothing; fail when a file is not what would be written.")
def command(*, check: bool) -> None:
    """Hold the pages' operations to the schema, and write their calls, their types and the trusted documents."""
    import web
    from mesadepartes.client_calls import WrongOperations, written_files
    from mesadepartes.site import sdl

    folder = Path(web.__file__).parent
    try:
        files = written_files(folder / "operations", sdl())
    except WrongOperations as error:
        raise click.ClickException(f"web/operations:\n{error}") from None
    stale = [name for name, text in files.items() if _content(folder / name) != text]
    if check and stale:
        raise click.ClickException(f"stale: {', '.join(stale)}; write them anew with: mesadepartes operations")
    for name in stale:
        (folder / name).write_text(files[name], encoding="utf-8")


def _content(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.exists() else None
