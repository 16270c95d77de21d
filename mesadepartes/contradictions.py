"""Settings that are right alone, and not beside others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REPLACED_BY_FILE = ("imap_host", "imap_user", "imap_password")


def contradictions_in(values: Mapping[str, Any], *, has_file: bool) -> Iterator[str]:
    """Say which settings are not what they should be beside others, or as a whole."""
    if values.get("smtp_user") is not None and values.get("smtp_password") is None:
        yield "MESA_SMTP_PASSWORD is not set, but MESA_SMTP_USER is"
    if values.get("tsa_user") is not None and values.get("tsa_password") is None:
        yield "MESA_TSA_PASSWORD is not set, but MESA_TSA_USER is"
    if str(values.get("store")).startswith("s3:") and not (values.get("s3_key_id") and values.get("s3_secret")):
        yield "MESA_S3_KEY_ID and MESA_S3_SECRET are not both set, but MESA_STORE is a bucket"
    if has_file and any(values.get(name) is not None for name in REPLACED_BY_FILE):
        yield "MESA_MAILBOXES and MESA_IMAP_HOST, _USER or _PASSWORD are both set; keep one"
    if str(values.get("otlp_endpoint")).endswith("/v1/traces"):
        yield "MESA_OTLP_ENDPOINT must be the collector's address without /v1/traces, which is added"
