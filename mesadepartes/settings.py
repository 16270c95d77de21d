"""All settings, in one table: the only place that knows the names of environment variables."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesadepartes.contradictions import REPLACED_BY_FILE, contradictions_in
from mesadepartes.emblem import Emblem, read_emblem
from mesadepartes.setting_values import (
    FOLDER,
    Documents,
    Reads,
    Recognition,
    RecoveryByData,
    Tls,
    read_address,
    read_at_once,
    read_authority_url,
    read_cache_megabytes,
    read_clamd,
    read_colour,
    read_database_url,
    read_documents,
    read_file_name,
    read_flag,
    read_hours,
    read_key,
    read_keys,
    read_log_level,
    read_mark,
    read_megabytes,
    read_milliseconds,
    read_names,
    read_networks,
    read_operation_seconds,
    read_points,
    read_port,
    read_prefix,
    read_public_url,
    read_recognition,
    read_recovery_by_data,
    read_ruc,
    read_service_url,
    read_store,
    read_store_keys,
    read_text,
    read_tls,
    read_work,
    read_working_days,
)
from mesadepartes.variables import Part, WrongSettings, needed, setting, unknown_names, value_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesadepartes.variables import Variable

"""What the file of mailboxes says instead."""

_ALL = (Part.WEB, Part.INTAKE, Part.DELIVERY, Part.ROUNDS)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the environment says; complete and right, or it does not exist."""

    database_url: str | None = needed(
        "MESA_DATABASE_URL", read_database_url, "PostgreSQL 15 or newer, as seen by the parts.", *_ALL, Part.MIGRATE,
        is_secret=True,
    )  # fmt: skip
    owner_database_url: str | None = needed(
        "MESA_OWNER_DATABASE_URL", read_database_url,
        "The same database for the owner of its tables, who migrates; MESA_DATABASE_URL when not set.",
        is_secret=True,
    )  # fmt: skip
    data: Path = setting("MESA_DATA", Path, ".mesa", "Folder of all files; the same for all parts.")  # noqa: RUF009 - a path
    store: str = setting(
        "MESA_STORE", read_store, FOLDER,
        "Where files lie that were handed in: folder (store, below MESA_DATA), or s3://bucket/prefix.",
    )  # fmt: skip
    s3_endpoint: str | None = needed(
        "MESA_S3_ENDPOINT", read_service_url, "S3 service of that bucket; not set: that of AWS in the region."
    )
    s3_region: str = setting("MESA_S3_REGION", read_text, "us-east-1", "Its region.")
    s3_key_id: str | None = needed("MESA_S3_KEY_ID", read_text, "Id of the access key there.")
    s3_secret: str | None = needed("MESA_S3_SECRET", read_text, "That access key.", is_secret=True)
    store_keys: tuple[tuple[str, bytes], ...] | None = needed(
        "MESA_STORE_KEYS", read_store_keys,
        "Keys as name:64 hexadecimal digits, by commas, that encrypt files at rest: the first writes, the others only "
        "open what they wrote before; not set: files are not encrypted.",
        is_secret=True,
    )  # fmt: skip
    http_host: str = setting("MESA_HTTP_HOST", read_text, "127.0.0.1", "Address on which the web part listens.")
    http_port: int = setting("MESA_HTTP_PORT", read_port, "8000", "Port of the web part.")
    public_url: str = setting(
        "MESA_PUBLIC_URL",
        read_public_url,
        "http://127.0.0.1:8000",
        "How the outside reaches the web part; links use it.",
    )
    health_port: int | None = needed(
        "MESA_HEALTH_PORT", read_port, "Port of a worker's /healthz and /readyz, on MESA_HTTP_HOST; not set: none."
    )
    imap_host: str | None = needed("MESA_IMAP_HOST", read_text, "IMAP server of the intake.", Part.INTAKE)
    imap_port: int = setting("MESA_IMAP_PORT", read_port, "993", "Its port.")
    imap_user: str | None = needed("MESA_IMAP_USER", read_text, "User of the mailbox.", Part.INTAKE)
    imap_password: str | None = needed(
        "MESA_IMAP_PASSWORD", read_text, "Password of the mailbox.", Part.INTAKE, is_secret=True
    )
    imap_tls: Tls = setting("MESA_IMAP_TLS", read_tls, "implicit", "off, starttls or implicit.")  # noqa: RUF009 - an enum member
    imap_folder: str = setting("MESA_IMAP_FOLDER", read_text, "INBOX", "Folder that is read.")
    authserv_ids: tuple[str, ...] = setting(
        "MESA_AUTHSERV_IDS", read_names, "",
        "Ids under which our own mail server writes Authentication-Results (RFC 8601), by commas; not set: nobody is "
        "proven by it.",
    )  # fmt: skip
    mail_servers: tuple[str, ...] = setting(
        "MESA_MAIL_SERVERS", read_names, "",
        "Names of our own mail servers in Received fields, by commas, each with all below it; those ids are some.",
    )  # fmt: skip
    dkim_check: bool = setting(
        "MESA_DKIM_CHECK", read_flag, "yes",
        "Whether DKIM signatures are checked here, by keys in the DNS, where our mail server says nothing of who sent.",
    )  # fmt: skip
    intake_office: str = setting(
        "MESA_INTAKE_OFFICE", read_text, "SEDE-CENTRAL", "Code of the office to which mails of this mailbox are filed."
    )
    mailboxes: str | None = needed(
        "MESA_MAILBOXES", read_text, "File (TOML) of several mailboxes, instead of MESA_IMAP_…; below is what it says."
    )
    smtp_host: str | None = needed("MESA_SMTP_HOST", read_text, "SMTP server that takes our mail.", Part.DELIVERY)
    smtp_port: int = setting("MESA_SMTP_PORT", read_port, "587", "Its port.")
    smtp_user: str | None = needed("MESA_SMTP_USER", read_text, "User of the SMTP server; not set: no sign-in.")
    smtp_password: str | None = needed("MESA_SMTP_PASSWORD", read_text, "Password of the SMTP server.", is_secret=True)
    smtp_tls: Tls = setting("MESA_SMTP_TLS", read_tls, "starttls", "off, starttls or implicit.")  # noqa: RUF009 - an enum member
    mail_address: str | None = needed(
        "MESA_MAIL_ADDRESS", read_address, "Address of the counter: mail comes in to it and goes out from it.", *_ALL
    )
    mail_plus_addresses: bool = setting(
        "MESA_MAIL_PLUS_ADDRESSES", read_flag, "no",
        "Whether mail to mesa+something@ comes in like mail to mesa@: answers then go to an address of their own.",
    )  # fmt: skip
    entity_name: str | None = needed("MESA_ENTITY_NAME", read_text, "Name of the institution, as on receipts.", *_ALL)
    entity_unit: str = setting("MESA_ENTITY_UNIT", read_text, "Mesa de Partes", "Its unit, as on receipts.")
    entity_ruc: str | None = needed("MESA_ENTITY_RUC", read_ruc, "Its RUC, as on receipts; not set: they say none.")
    receipt_accent: str = setting(
        "MESA_RECEIPT_ACCENT", read_colour, "#c8102e",
        "Colour of receipts for their first block and for what stands out; white text on it reaches a contrast of 4.5.",
    )  # fmt: skip
    receipt_dark: str = setting(
        "MESA_RECEIPT_DARK", read_colour, "#3d424a", "Colour of the institution's block and of headings, likewise."
    )
    receipt_grey: str = setting("MESA_RECEIPT_GREY", read_colour, "#70767e", "Colour of the unit's block, likewise.")
    receipt_mark: str = setting(
        "MESA_RECEIPT_MARK", read_mark, "PERÚ",
        "What the first block of receipts says, up to 20 characters; set and empty: it is a stripe.",
        may_be_empty=True,
    )  # fmt: skip
    receipt_emblem: Emblem | None = needed(  # noqa: RUF009 - frozen
        "MESA_RECEIPT_EMBLEM", read_emblem,
        "File (PNG or JPEG, up to 100 kB and 1024 pixels a side) of the emblem on receipts; not set: none.",
    )  # fmt: skip
    receipt_claims: bool = setting(
        "MESA_RECEIPT_CLAIMS_CONFORMITY", read_flag, "no",
        "Whether receipts say in their metadata that they are PDF/A-3a and PDF/UA-1: once a validator has said so.",
    )  # fmt: skip
    source_url: str | None = needed(
        "MESA_SOURCE_URL", read_service_url,
        "Where the source of what runs here is published (AGPL-3.0, section 13); not set: the counter gives it itself, "
        "which it can only where it runs from a checkout: set it where it is installed from a wheel.",
    )  # fmt: skip
    number_prefix: str = setting("MESA_NUMBER_PREFIX", read_prefix, "MPD", "First letters of each trámite's number.")
    privacy_policy_version: str = setting(
        "MESA_PRIVACY_POLICY_VERSION", read_text, "2026-1", "Version of the privacy policy in force; filing accepts it."
    )
    correction_keeps_date: bool = setting(
        "MESA_CORRECTION_KEEPS_DATE", read_flag, "yes",
        "Whether a corrected trámite keeps its legal date (no: dated by the correction), until administrators decide.",
    )  # fmt: skip
    route_within_days: int = setting(
        "MESA_ROUTE_WITHIN_DAYS", read_working_days, "0",
        "Working days after that of its filing by which a document must leave the counter; 0: the same day.",
    )  # fmt: skip
    attend_within_days: int = setting(
        "MESA_ATTEND_WITHIN_DAYS", read_working_days, "30", "Working days by which it must be answered."
    )
    privacy_policy_file: str | None = needed(
        "MESA_PRIVACY_POLICY_FILE",
        read_file_name,
        "File with its text, in UTF-8; not set: a general text in the entity's name.",
    )
    upload_quota_mb: int = setting(
        "MESA_UPLOAD_QUOTA_MB",
        read_megabytes,
        "500",
        "MB of files that one person may have waiting to be filed, until administrators decide otherwise.",
    )
    upload_total_mb: int = setting(
        "MESA_UPLOAD_TOTAL_MB", read_megabytes, "20480", "MB of files that all people together may have waiting."
    )
    pictures_cache_mb: int = setting(
        "MESA_PICTURES_CACHE_MB",
        read_cache_megabytes,
        "512",
        "MB of pictures of pages that are kept below MESA_DATA; the ones not looked at for longest go.",
    )
    recovery_by_data: RecoveryByData = setting(  # noqa: RUF009 - an enum member
        "MESA_RECOVERY_BY_DATA", read_recovery_by_data, "delayed",
        "delayed: recovery by personal data takes effect after a delay; approved: only when staff approve it.",
    )  # fmt: skip
    recovery_delay_hours: int = setting(
        "MESA_RECOVERY_DELAY_HOURS",
        read_hours,
        "24",
        "Hours of that delay, from the mail that tells the person.",
    )
    security_check: bool = setting(
        "MESA_SECURITY_CHECK",
        read_flag,
        "yes",
        "Whether registration, sign-in, recovery ask for the security check.",
    )
    security_check_work: int = setting(
        "MESA_SECURITY_CHECK_WORK",
        read_work,
        "150",
        "Derivations that the security check takes at most; 150: 1 second.",
    )
    clamd: str | None = needed(
        "MESA_CLAMD",
        read_clamd,
        "Antivirus (ClamAV's clamd): unix:/path or tcp:host:port; not set: files are not scanned.",
    )
    secret_key: str | None = needed(
        "MESA_SECRET_KEY", read_key, "At least 32 random characters, the same for all parts: seals what comes back "
        "from strangers, and blinds addresses in counters.", Part.WEB, Part.INTAKE, Part.ROUNDS,
        is_secret=True,
    )  # fmt: skip
    second_factor_keys: tuple[str, ...] | None = needed(
        "MESA_SECOND_FACTOR_KEYS", read_keys, "Keys of at least 32 random characters, by commas, that seal second "
        "factors: the first seals, the others only open what they sealed before.", Part.WEB, Part.ROUNDS,
        is_secret=True,
    )  # fmt: skip
    trusted_proxies: tuple[str, ...] = setting(
        "MESA_TRUSTED_PROXIES",
        read_networks,
        "",
        "Networks of our own proxies, by commas; their X-Forwarded-For is believed.",
    )
    anchor_address: str | None = needed(
        "MESA_ANCHOR_ADDRESS",
        read_address,
        "To whom each day's closing hashes of the register are mailed; not set: to nobody.",
    )
    seal_certificate: str | None = needed(
        "MESA_SEAL_CERTIFICATE", read_text,
        "File with the certificate of the institution's seal and of who issued it: PEM, DER or PKCS#12.", *_ALL,
    )  # fmt: skip
    seal_key: str | None = needed(
        "MESA_SEAL_KEY", read_text,
        "Its key: a PEM or PKCS#12 file, or pkcs11:token=…;object=… for one that lies on a token.",
        Part.WEB, Part.DELIVERY, Part.ROUNDS,
    )  # fmt: skip
    seal_password: str | None = needed(
        "MESA_SEAL_PASSWORD", read_text, "Password of that file, or PIN of the token.", is_secret=True
    )
    seal_module: str | None = needed("MESA_SEAL_MODULE", read_text, "Library (PKCS#11) of the token.")
    tsa_url: str | None = needed(
        "MESA_TSA_URL", read_authority_url,
        "Time stamping authority (RFC 3161) for each day's head of the log of receipts; not set: none.",
    )  # fmt: skip
    tsa_user: str | None = needed("MESA_TSA_USER", read_text, "User there, where it asks for one.")
    tsa_password: str | None = needed("MESA_TSA_PASSWORD", read_text, "Password there.", is_secret=True)
    ocr: Recognition = setting(  # noqa: RUF009 - an enum member
        "MESA_OCR", read_recognition, "off",
        "What recognizes Spanish text on scanned pages: off, or tesseract (Debian's tesseract-ocr-spa).",
    )  # fmt: skip
    points_per_minute: int = setting(
        "MESA_COST_PER_MINUTE", read_points, "600000",
        "Points that documents may cost within a minute, for each person, or address without a session; 0: any.",
    )  # fmt: skip
    operations_at_once: int = setting(
        "MESA_OPERATIONS_AT_ONCE", read_at_once, "6", "Operations of one account at once, in a web process; 0: any.",
    )  # fmt: skip
    operation_seconds: int = setting(
        "MESA_OPERATION_SECONDS", read_operation_seconds, "10", "Seconds that an operation, or a statement, may take.",
    )  # fmt: skip
    slow_operation_ms: int = setting(
        "MESA_SLOW_OPERATION_MS", read_milliseconds, "1000",
        "Milliseconds from which an operation is logged with its plan; 0: none is.",
    )  # fmt: skip
    metrics_port: int | None = needed(
        "MESA_METRICS_PORT", read_port, "Port of the web part's /metrics, on MESA_HTTP_HOST; not set: none."
    )
    otlp_endpoint: str | None = needed(
        "MESA_OTLP_ENDPOINT", read_service_url,
        "Collector of OpenTelemetry (OTLP over HTTP) to which spans of operations are sent; not set: none are made.",
    )  # fmt: skip
    graphiql: bool = setting("MESA_GRAPHIQL", read_flag, "no", "Whether the GraphQL page for trying is served.")
    pages_follow_edits: bool = setting(
        "MESA_PAGES_FOLLOW_EDITS", read_flag, "no", "Whether the pages' files are read anew when one is changed."
    )
    graphql_get: bool = setting("MESA_GRAPHQL_GET", read_flag, "no", "Whether queries are answered by GET too.")
    graphql_reads: Reads = setting(  # noqa: RUF009 - an enum member
        "MESA_GRAPHQL_READS", Reads.read, "compiled",
        "How the API reads: compiled, by one statement for each root field that has a plan; or plain.",
    )  # fmt: skip
    trusted_documents: Mapping[str, str] = setting(
        "MESA_TRUSTED_DOCUMENTS", read_documents, "",
        "JSON file of the documents that may be asked for by their SHA-256: an object of texts by those; empty: none.",
        may_be_empty=True,
    )  # fmt: skip
    graphql_documents: Documents = setting(  # noqa: RUF009 - an enum member
        "MESA_GRAPHQL_DOCUMENTS", Documents.read, "any",
        "Which documents are answered: any, or trusted, those of the pages and of MESA_TRUSTED_DOCUMENTS only.",
    )  # fmt: skip
    log_level: str = setting("MESA_LOG_LEVEL", read_log_level, "info", "debug, info, warning or error.")

    @staticmethod
    def from_environ(environ: Mapping[str, str], *, needed: frozenset[Part] = frozenset()) -> Settings:
        """
        Read the settings; those that one of the *needed* parts cannot do without must be there.

        Raises:
            WrongSettings: with every mistake at once.
        """
        mistakes = list(unknown_names(environ, variables().values()))
        values: dict[str, Any] = {}
        has_file = bool(environ.get("MESA_MAILBOXES"))
        for name, variable in variables().items():
            try:
                is_replaced = has_file and name in REPLACED_BY_FILE
                values[name] = value_in(environ, variable, frozenset() if is_replaced else needed)
            except ValueError as error:
                mistakes.append(f"{variable.name} {error}")
        mistakes += contradictions_in(values, has_file=has_file)
        if mistakes:
            raise WrongSettings(mistakes)
        return Settings(**values)


def variables() -> dict[str, Variable]:
    """Return the table: field of `Settings` -> its variable."""
    return {each.name: each.metadata["variable"] for each in fields(Settings)}
