"""`python -m mesadepartes`."""

from __future__ import annotations

from mesadepartes.cli import main

if __name__ == "__main__":
    main(prog_name="mesadepartes")
