"""The database's URL, as the connections of the models take it."""

from __future__ import annotations

import pytest

from mesadepartes.database import tortoise_config


@pytest.mark.parametrize(("query", "ssl"), [("?sslmode=verify-full", "verify-full"), ("", None)])
def test_a_url_that_asks_for_tls_gets_it(query: str, ssl: str | None) -> None:
    config = tortoise_config(f"postgresql://mesa:secret@db.example.pe:5433/counter{query}")

    credentials = config["connections"]["default"]["credentials"]
    assert credentials.get("ssl") == ssl
    assert (credentials["host"], credentials["port"], credentials["database"]) == ("db.example.pe", 5433, "counter")
