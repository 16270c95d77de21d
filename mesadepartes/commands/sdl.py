"""`mesadepartes sdl`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("sdl")
@click.option(
    "--check",
    is_flag=True,
    help="Print nothing; fail when schema/schema.graphql says something else, or breaks clients of the last release.",
)
@click.option("--release", is_flag=True, help="Print nothing; the schema is what is released from now on.")
def command(*, check: bool, release: bool) -> None:
    """Print the GraphQL schema as the code says it."""
    from mesadepartes.site import sdl

    printed = sdl()
    if check or release:
        _check_committed(printed)
        _check_released(printed)
    if release:
        _beside("released").write_text(printed, encoding="utf-8")
    if not check and not release:
        click.echo(printed, nl=not printed.endswith("\n"))


def _check_committed(printed: str) -> None:
    kept = _beside("schema")
    if not kept.exists() or kept.read_text(encoding="utf-8").rstrip("\n") != printed.rstrip("\n"):
        raise click.ClickException("schema/schema.graphql is not what the code says; print it anew with: make sdl")


def _check_released(printed: str) -> None:
    from mesadepartes.clock import now
    from schema.evolution import refused_changes, undated_deprecations

    released = _beside("released").read_text(encoding="utf-8")
    refused = refused_changes(released, printed, today=now().date())
    refused += [f"A deprecation does not say since when: {reason}" for reason in undated_deprecations(printed)]
    if refused:
        listed = "\n".join(f"  {each}" for each in refused)
        raise click.ClickException(f"clients of the released schema would break (docs/api.md):\n{listed}")


def _beside(name: str) -> Path:
    import schema

    return Path(schema.__file__).with_name(f"{name}.graphql")
