"""How values of settings are read: each function returns what a text means, or raises ValueError: what it must be."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import parse_qs, urlsplit

from stdnum.pe import ruc

from files.antivirus import Address
from rules.colours import CONTRAST, contrast, parse_colour
from rules.proof_reading import LOG

if TYPE_CHECKING:
    from collections.abc import Mapping


class Tls(StrEnum):
    """How a connection to a mail server is protected."""

    OFF = "off"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


class Recognition(StrEnum):
    """Who recognizes text on pages that have none."""

    OFF = "off"
    TESSERACT = "tesseract"


class RecoveryByData(StrEnum):
    """When recovery by personal data takes effect."""

    DELAYED = "delayed"
    APPROVED = "approved"


def read_text(text: str) -> str:
    if not text.isprintable() or len(text) > 500:
        raise ValueError("must be one line of at most 500 characters")
    return text


def read_port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text, re.ASCII) or not 0 <= int(text) <= 65535:
        raise ValueError("must be a port, from 0 (any free one) to 65535")
    return int(text)


def read_clamd(text: str) -> str:
    try:
        return str(Address.parse(text))
    except ValueError:
        raise ValueError("must be unix:/path/of/its.socket or tcp:host:port") from None


def read_file_name(text: str) -> str:
    try:
        Path(text).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"must name a file of UTF-8 that can be read: {type(error).__name__}") from None
    return text


def read_work(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text, re.ASCII) or int(text) < 2:
        raise ValueError("must be a whole number from 2")
    return int(text)


def read_key(text: str) -> str:
    if len(text) < SHORTEST_KEY or len(set(text)) < SHORTEST_KEY // 4:
        raise ValueError(f"must have at least {SHORTEST_KEY} random characters")
    return text


def read_keys(text: str) -> tuple[str, ...]:
    return tuple(read_key(each.strip()) for each in text.split(","))


SHORTEST_KEY = 32


def read_networks(text: str) -> tuple[str, ...]:
    try:
        return tuple(str(ip_network(each.strip())) for each in text.split(",") if each.strip())
    except ValueError:
        raise ValueError("must be networks such as 10.0.0.0/8, separated by commas") from None


def is_server_name(name: str) -> bool:
    """Say whether *name* may be that of a mail server, or the id by which it signs; in lower case."""
    return re.fullmatch(r"[a-z0-9](?:[a-z0-9._:-]{0,251}[a-z0-9])?", name, re.ASCII) is not None


def read_names(text: str) -> tuple[str, ...]:
    names = tuple(each.strip().lower() for each in text.split(",") if each.strip())
    if not all(is_server_name(name) for name in names):
        raise ValueError("must be names such as mx.example.gob.pe, separated by commas")
    return names


def read_megabytes(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or int(text) < MOST_OF_ONE_FILING_MB:
        raise ValueError(f"must be a whole number from {MOST_OF_ONE_FILING_MB}, what one filing may weigh")
    return int(text)


def read_cache_megabytes(text: str) -> int:
    """Return how many MB to keep of what can be made again; 0: nothing."""
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise ValueError("must be a whole number from 0")
    return int(text)


MOST_OF_ONE_FILING_MB = 70


def read_hours(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) or not 1 <= int(text) <= MOST_HOURS:
        raise ValueError(f"must be a whole number of hours from 1 to {MOST_HOURS}")
    return int(text)


MOST_HOURS = 720


def read_points(text: str) -> int:
    return _whole(text, most=MOST_POINTS, of="points", least=0)


def read_at_once(text: str) -> int:
    return _whole(text, most=MOST_AT_ONCE, of="operations", least=0)


def read_operation_seconds(text: str) -> int:
    return _whole(text, most=MOST_SECONDS, of="seconds", least=1)


def read_milliseconds(text: str) -> int:
    return _whole(text, most=MOST_SECONDS * 1_000, of="milliseconds", least=0)


MOST_POINTS = 10**9
MOST_AT_ONCE = 1_000
MOST_SECONDS = 120


def _whole(text: str, *, most: int, of: str, least: int) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text, re.ASCII) or not least <= int(text) <= most:
        raise ValueError(f"must be a whole number of {of} from {least} to {most}")
    return int(text)


def read_working_days(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) or int(text) > MOST_WORKING_DAYS:
        raise ValueError(f"must be a whole number of working days from 0 to {MOST_WORKING_DAYS}")
    return int(text)


MOST_WORKING_DAYS = 365


def read_recovery_by_data(text: str) -> RecoveryByData:
    if text.lower() not in set(RecoveryByData):
        raise ValueError(f"must be one of {', '.join(RecoveryByData)}")
    return RecoveryByData(text.lower())


def read_flag(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise ValueError(f"must be one of {', '.join(_FLAGS)}")
    return _FLAGS[text.lower()]


_FLAGS = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False, "on": True, "off": False}


def read_database_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("postgresql", "postgres") or not (parts.hostname or parse_qs(parts.query).get("host")):
        raise ValueError("must look like postgresql://user:password@host:5432/database")
    if not parse_qs(parts.query).keys() <= _DATABASE_OPTIONS:
        raise ValueError(f"may have no other options than {', '.join(sorted(_DATABASE_OPTIONS))}")
    return text


_DATABASE_OPTIONS = frozenset({"host", "port", "user", "password", "sslmode"})


_LONGEST_URL = 250
"""That of a receipt, in its QR code, is a little longer and has 300 at most."""


def read_public_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must look like https://tramites.example.gob.pe")
    if len(text) > _LONGEST_URL or not LOG.fullmatch(text):  # the log of receipts is named so, and signed as ASCII
        raise ValueError(f"must be up to {_LONGEST_URL} ASCII letters, digits and signs; others as in xn--…")
    return text.rstrip("/")


def read_authority_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise ValueError("must look like https://tsa.example.pe/stamp, without user or password")
    return text


def read_service_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("must look like https://service.example.pe, without user or password")
    return text.rstrip("/")


def read_store(text: str) -> str:
    if text != FOLDER and not re.fullmatch(BUCKET, text, re.ASCII):
        raise ValueError("must be folder, or look like s3://bucket or s3://bucket/prefix")
    return text


FOLDER = "folder"
BUCKET = r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*)/?)?"


def read_store_keys(text: str) -> tuple[tuple[str, bytes], ...]:
    keys = [each.strip().partition(":") for each in text.split(",")]
    ids, secrets = [key[0] for key in keys], [key[2] for key in keys]
    if not all(re.fullmatch(r"[a-z0-9-]{1,32}", id_, re.ASCII) for id_ in ids) or len(set(ids)) < len(ids):
        raise ValueError("must be keys such as 2026:…, by commas, each of another name of letters, digits and hyphens")
    if not all(re.fullmatch(r"[0-9a-fA-F]{64}", each, re.ASCII) and len(set(each)) >= MOST_ALIKE for each in secrets):
        raise ValueError("must have 64 random hexadecimal digits in each key, as `openssl rand -hex 32` prints them")
    return tuple((id_, bytes.fromhex(secret)) for id_, secret in zip(ids, secrets, strict=True))


MOST_ALIKE = 8


def read_address(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._+\-]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+", text, re.ASCII):
        raise ValueError("must be one plain e-mail address")
    return text


def read_prefix(text: str) -> str:
    if not re.fullmatch(r"[A-Z]{2,6}", text, re.ASCII):
        raise ValueError("must be 2 to 6 capital letters")
    return text


def read_log_level(text: str) -> str:
    if text.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("must be one of debug, info, warning, error")
    return text.upper()


def read_tls(text: str) -> Tls:
    if text.lower() not in set(Tls):
        raise ValueError(f"must be one of {', '.join(Tls)}")
    return Tls(text.lower())


def read_recognition(text: str) -> Recognition:
    if text.lower() not in set(Recognition):
        raise ValueError(f"must be one of {', '.join(Recognition)}")
    return Recognition(text.lower())


def read_ruc(text: str) -> str:
    """Return the RUC of the institution."""
    if not ruc.is_valid(text) or not text.isascii() or not text.isdigit():
        raise ValueError("must be a RUC: eleven digits, of which the last one proves the others")
    return text


def read_mark(text: str) -> str:
    """Return what the first block of the letterhead says."""
    if len(text) > LONGEST_MARK:
        raise ValueError(f"must have at most {LONGEST_MARK} characters")
    return read_text(text)


LONGEST_MARK = 20


def read_colour(text: str) -> str:
    """Return a colour as `#rrggbb`, dark enough for white text on it, and to be read on white."""
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", text, re.ASCII):
        raise ValueError("must be a colour such as #c8102e")
    reached = contrast(parse_colour(text), parse_colour("#ffffff"))
    if reached < CONTRAST:
        raise ValueError(f"must be darker: white text on it has a contrast of {reached:.2f}, but {CONTRAST} are needed")
    return text.lower()


class _Choice(StrEnum):
    @classmethod
    def read(cls, text: str) -> Self:
        """Return what *text* says."""
        if text not in list(cls):
            raise ValueError(f"must be {' or '.join(cls)}")
        return cls(text)


class Reads(_Choice):
    """How the API reads."""

    COMPILED = "compiled"
    PLAIN = "plain"


class Documents(_Choice):
    """Which documents the API answers."""

    ANY = "any"
    TRUSTED = "trusted"


def read_documents(text: str) -> Mapping[str, str]:
    """Return the documents in the file that *text* names, by the SHA-256 that each of them must have."""
    if not text:
        return {}
    try:
        found = json.loads(Path(text).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"must name a file of JSON that can be read: {type(error).__name__}") from None
    if not isinstance(found, dict):
        raise ValueError("must name a file that holds one JSON object")
    documents = {str(name).removeprefix("sha256:"): document for name, document in found.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    for name, document in documents.items():  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(document, str) or sha256(document.encode()).hexdigest() != name:
            raise ValueError(f"holds a document whose SHA-256 is not {name[:12]}…")
    return documents  # pyright: ignore[reportUnknownVariableType]
