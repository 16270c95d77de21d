"""Settings: complete and right, or a list of all that is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesadepartes.setting_values import Documents, Reads, Recognition, RecoveryByData, Tls
from mesadepartes.settings import Settings, variables
from mesadepartes.variables import Part, WrongSettings
from mesadepartes.wiring import institution_of
from rules.receipts import Letterhead
from tests.seals import seal_environ

WEB = {
    "MESA_DATABASE_URL": "postgresql://mesa:secret-1@db.example:5432/mesa",
    "MESA_MAIL_ADDRESS": "mesa@ejemplo.gob.pe",
    "MESA_ENTITY_NAME": "Entidad",
    "MESA_SECRET_KEY": "secret-1 that nobody would ever guess",
    "MESA_SECOND_FACTOR_KEYS": "secret-1 that is the newest of all keys,secret-1 that sealed until yesterday",
    **seal_environ(),
}


def mistakes_of(environ: dict[str, str], *parts: Part) -> list[str]:
    with pytest.raises(WrongSettings) as wrong:
        Settings.from_environ(environ, needed=frozenset(parts))
    return wrong.value.mistakes


def test_what_is_not_set_has_its_default() -> None:
    settings = Settings.from_environ(WEB, needed=frozenset({Part.WEB}))

    assert settings == Settings(
        database_url=WEB["MESA_DATABASE_URL"],
        data=Path(".mesa"),
        store="folder",
        s3_region="us-east-1",
        http_host="127.0.0.1",
        http_port=8000,
        public_url="http://127.0.0.1:8000",
        imap_port=993,
        imap_tls=Tls.IMPLICIT,
        imap_folder="INBOX",
        intake_office="SEDE-CENTRAL",
        smtp_port=587,
        smtp_tls=Tls.STARTTLS,
        mail_address="mesa@ejemplo.gob.pe",
        mail_plus_addresses=False,
        entity_name="Entidad",
        entity_unit="Mesa de Partes",
        receipt_accent="#c8102e",
        receipt_dark="#3d424a",
        receipt_grey="#70767e",
        receipt_mark="PERÚ",
        receipt_claims=False,
        number_prefix="MPD",
        privacy_policy_version="2026-1",
        correction_keeps_date=True,
        upload_quota_mb=500,
        upload_total_mb=20480,
        pictures_cache_mb=512,
        points_per_minute=600_000,
        operations_at_once=6,
        operation_seconds=10,
        slow_operation_ms=1_000,
        route_within_days=0,
        attend_within_days=30,
        recovery_by_data=RecoveryByData.DELAYED,
        recovery_delay_hours=24,
        security_check=True,
        security_check_work=150,
        secret_key=WEB["MESA_SECRET_KEY"],
        second_factor_keys=("secret-1 that is the newest of all keys", "secret-1 that sealed until yesterday"),
        trusted_proxies=(),
        authserv_ids=(),
        mail_servers=(),
        dkim_check=True,
        ocr=Recognition.OFF,
        seal_certificate=WEB["MESA_SEAL_CERTIFICATE"],
        seal_key=WEB["MESA_SEAL_KEY"],
        graphiql=False,
        pages_follow_edits=False,
        graphql_get=False,
        graphql_reads=Reads.COMPILED,
        trusted_documents={},
        graphql_documents=Documents.ANY,
        log_level="INFO",
    )


def test_all_mistakes_are_told_at_once() -> None:
    mistakes = mistakes_of(
        {"MESA_HTTP_PORT": "99999", "MESA_IMAP_TLS": "perhaps", "MESA_HTPP_PORT": "1", "MESA_GRAPHIQL": ""}, Part.WEB
    )

    assert [each.split()[0] for each in mistakes] == [
        "MESA_HTPP_PORT",
        "MESA_DATABASE_URL",
        "MESA_HTTP_PORT",
        "MESA_IMAP_TLS",
        "MESA_MAIL_ADDRESS",
        "MESA_ENTITY_NAME",
        "MESA_SECRET_KEY",
        "MESA_SECOND_FACTOR_KEYS",
        "MESA_SEAL_CERTIFICATE",
        "MESA_SEAL_KEY",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MESA_DATABASE_URL", "mysql://root:secret-1@db/x"),
        ("MESA_DATABASE_URL", "secret-1"),
        ("MESA_DATABASE_URL", "postgresql://db/x?pasword=secret-1"),
        ("MESA_IMAP_PASSWORD", "secret-1\nsecond line"),
        ("MESA_SMTP_PASSWORD", "secret-1" * 100),
    ],
)
def test_secret_that_is_wrong_is_named_and_not_shown(name: str, value: str) -> None:
    (mistake,) = mistakes_of({name: value})

    assert mistake.startswith(name)
    assert "secret-1" not in mistake


def test_secrets_are_not_in_what_a_log_would_show() -> None:
    settings = Settings.from_environ(WEB | {"MESA_IMAP_PASSWORD": "secret-1", "MESA_SMTP_PASSWORD": "secret-1"})

    assert "secret-1" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MESA_HTTP_PORT", "-1"),
        ("MESA_HTTP_PORT", "٨٠"),
        ("MESA_HTTP_PORT", "80 "),
        ("MESA_PUBLIC_URL", "tramites.gob.pe"),
        ("MESA_PUBLIC_URL", "https://trámites.gob.pe"),
        ("MESA_PUBLIC_URL", "https://tramites.gob.pe/mesa de partes"),
        ("MESA_PUBLIC_URL", "https://tramites.gob.pe/" + 230 * "x"),
        ("MESA_PUBLIC_URL", "https://tramites.gob.pe?x=1"),
        ("MESA_MAIL_ADDRESS", "mesa@localhost"),
        ("MESA_MAIL_ADDRESS", "Mesa <mesa@ejemplo.pe>"),
        ("MESA_NUMBER_PREFIX", "mpd"),
        ("MESA_LOG_LEVEL", "loud"),
        ("MESA_ENTITY_NAME", "a\r\nBcc: b@c.pe"),
        ("MESA_IMAP_TLS", "ssl"),
        ("MESA_ENTITY_RUC", "20131370640"),
        ("MESA_ENTITY_RUC", "20-131370645"),
        ("MESA_RECEIPT_ACCENT", "red"),
        ("MESA_RECEIPT_ACCENT", "#c8102"),
        ("MESA_RECEIPT_DARK", "#8a8f96"),
        ("MESA_RECEIPT_GREY", "#777777"),
        ("MESA_RECEIPT_MARK", "Gobierno Regional Cusco"),
        ("MESA_RECEIPT_EMBLEM", "no/such/emblem.png"),
    ],
)
def test_wrong_value_is_refused(name: str, value: str) -> None:
    (mistake,) = mistakes_of({name: value})

    assert mistake.startswith(f"{name} must")


def test_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("clave ñ\n", encoding="utf-8")

    settings = Settings.from_environ({"MESA_IMAP_PASSWORD_FILE": str(tmp_path / "password")})

    assert settings.imap_password == "clave ñ"


def test_secret_given_twice_or_in_no_file_is_a_mistake(tmp_path: Path) -> None:
    missing = str(tmp_path / "nothing")

    assert mistakes_of({"MESA_IMAP_PASSWORD": "a", "MESA_IMAP_PASSWORD_FILE": missing}) == [
        "MESA_IMAP_PASSWORD and MESA_IMAP_PASSWORD_FILE are both set; keep one"
    ]
    assert mistakes_of({"MESA_SMTP_PASSWORD_FILE": missing}) == [
        f"MESA_SMTP_PASSWORD cannot be read from MESA_SMTP_PASSWORD_FILE={missing}: FileNotFoundError"
    ]


def test_only_secrets_are_read_from_files() -> None:
    assert mistakes_of({"MESA_HTTP_PORT_FILE": "x"}) == ["MESA_HTTP_PORT_FILE is no setting; is it misspelt?"]


def test_the_token_of_who_follows_is_no_misspelt_setting() -> None:
    assert Settings.from_environ({**WEB, "MESA_WATCH_TOKEN": "mps_x"}) == Settings.from_environ(WEB)


def test_user_without_password_is_a_mistake() -> None:
    assert mistakes_of({"MESA_SMTP_USER": "mesa"}) == ["MESA_SMTP_PASSWORD is not set, but MESA_SMTP_USER is"]


def test_the_intake_needs_the_names_of_the_seal_and_not_its_key() -> None:
    mistakes = mistakes_of({}, Part.INTAKE)

    assert [each.split()[0] for each in mistakes if "SEAL" in each] == ["MESA_SEAL_CERTIFICATE"]


def test_the_time_stamping_authority_is_a_url_and_its_password_is_elsewhere() -> None:
    assert mistakes_of({"MESA_TSA_URL": "https://mesa:secret-1@tsa.example"}) == [
        "MESA_TSA_URL must look like https://tsa.example.pe/stamp, without user or password"
    ]
    assert mistakes_of({"MESA_CLAMD": "clamd.ctl"}) == ["MESA_CLAMD must be unix:/path/of/its.socket or tcp:host:port"]
    assert mistakes_of({"MESA_TSA_USER": "mesa"}) == ["MESA_TSA_PASSWORD is not set, but MESA_TSA_USER is"]


def test_what_would_send_elsewhere_is_a_mistake() -> None:
    assert mistakes_of({"MESA_OTLP_ENDPOINT": "http://collector:4318/v1/traces"}) == [
        "MESA_OTLP_ENDPOINT must be the collector's address without /v1/traces, which is added"
    ]


def test_every_variable_is_explained() -> None:
    for variable in variables().values():
        assert variable.name.startswith("MESA_")
        assert variable.meaning.endswith(".")


@pytest.mark.parametrize(
    ("hours", "is_right"), [("0", False), ("1", True), ("720", True), ("721", False), ("1.5", False)]
)
def test_the_delay_of_a_recovery_is_from_an_hour_to_thirty_days(hours: str, is_right: bool) -> None:
    environ = {"MESA_RECOVERY_DELAY_HOURS": hours}

    if is_right:
        assert Settings.from_environ(environ).recovery_delay_hours == int(hours)
    else:
        assert mistakes_of(environ) == ["MESA_RECOVERY_DELAY_HOURS must be a whole number of hours from 1 to 720"]


def test_recovery_by_data_is_delayed_or_approved() -> None:
    assert Settings.from_environ({"MESA_RECOVERY_BY_DATA": "approved"}).recovery_by_data is RecoveryByData.APPROVED
    assert mistakes_of({"MESA_RECOVERY_BY_DATA": "never"}) == ["MESA_RECOVERY_BY_DATA must be one of delayed, approved"]


def test_mail_servers_are_names() -> None:
    given = {**WEB, "MESA_AUTHSERV_IDS": " MX.Mesa.PE, relay-1 ", "MESA_MAIL_SERVERS": "mesa.pe"}

    settings = Settings.from_environ(given)

    assert (settings.authserv_ids, settings.mail_servers) == (("mx.mesa.pe", "relay-1"), ("mesa.pe",))
    with pytest.raises(WrongSettings, match="MESA_MAIL_SERVERS must be names"):
        Settings.from_environ({**WEB, "MESA_MAIL_SERVERS": "mesa.pe; evil"})


def test_the_paper_of_receipts_is_as_it_is_set() -> None:
    environ = {"MESA_ENTITY_RUC": "20131370645", "MESA_RECEIPT_ACCENT": "#00563F", "MESA_RECEIPT_MARK": "CUSCO"}

    settings = Settings.from_environ(WEB | environ)

    assert institution_of(settings).ruc == "20131370645"
    assert institution_of(settings).letterhead == Letterhead(accent="#00563f", mark="CUSCO")


def test_a_colour_on_which_white_cannot_be_read_is_refused_with_its_contrast() -> None:
    assert mistakes_of({"MESA_RECEIPT_ACCENT": "#ff8800"}) == [
        "MESA_RECEIPT_ACCENT must be darker: white text on it has a contrast of 2.39, but 4.5 are needed"
    ]


def test_the_first_block_of_receipts_may_say_nothing() -> None:
    assert Settings.from_environ({"MESA_RECEIPT_MARK": ""}).receipt_mark == ""
    assert Settings.from_environ({}).receipt_mark == "PERÚ"


def test_a_bucket_needs_its_access_key() -> None:
    bucket = {"MESA_STORE": "s3://mesa/contents"}

    for half in ({}, {"MESA_S3_KEY_ID": "mesa"}, {"MESA_S3_SECRET": "secret-1"}):
        assert mistakes_of(bucket | half) == [
            "MESA_S3_KEY_ID and MESA_S3_SECRET are not both set, but MESA_STORE is a bucket"
        ]
    settings = Settings.from_environ(bucket | {"MESA_S3_KEY_ID": "mesa", "MESA_S3_SECRET": "secret-1"})
    assert (settings.store, "secret-1" in repr(settings)) == ("s3://mesa/contents", False)


@pytest.mark.parametrize("store", ["s3://", "s3://Mesa", "s3://mesa//x", "s3://mesa/x y", "/srv/store", "gs://mesa"])
def test_a_store_is_the_folder_or_a_bucket(store: str) -> None:
    assert mistakes_of({"MESA_STORE": store}) == [
        "MESA_STORE must be folder, or look like s3://bucket or s3://bucket/prefix"
    ]


@pytest.mark.parametrize(
    "keys",
    [
        "0123456789abcdef" * 4,
        "2026:" + "0123456789abcdef" * 3,
        "2026:" + "0" * 64,
        "20.26:" + "0123456789abcdef" * 4,
        "2026:" + "0123456789abcdef" * 4 + ",2026:" + "fedcba9876543210" * 4,
    ],
)
def test_keys_of_the_store_have_names_and_are_long_and_random(keys: str) -> None:
    [mistake] = mistakes_of({"MESA_STORE_KEYS": keys})

    assert mistake.startswith("MESA_STORE_KEYS must ")
    assert keys not in mistake
