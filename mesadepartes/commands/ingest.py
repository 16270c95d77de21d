"""`mesadepartes ingest FILE.eml`: the same as `mesadepartes intake ingest FILE.eml`."""

from __future__ import annotations

from mesadepartes.commands.intake import ingest as command

__all__ = ["command"]
