"""`mesadepartes sdl`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("sdl")
@click.option("--check", is_flag=True, help="Print nothing; fail when schema/schema.graphql says something else.")
def command(*, check: bool) -> None:
    """Print the GraphQL schema as the code says it."""
    import schema
    from mesadepartes.site import sdl

    printed = sdl()
    if not check:
        click.echo(printed, nl=not printed.endswith("\n"))
        return
    kept = Path(schema.__file__).with_name("schema.graphql")
    if not kept.exists() or kept.read_text(encoding="utf-8").rstrip("\n") != printed.rstrip("\n"):
        raise click.ClickException("schema/schema.graphql is not what the code says; print it anew with: make sdl")
