"""The file of mailboxes: complete and right, or a list of all that is not; secrets elsewhere and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.proof import OwnServers
from mesadepartes.mailboxes import MailboxSettings, OAuthSettings, read_mailboxes
from mesadepartes.setting_values import Tls
from mesadepartes.settings import Settings
from mesadepartes.sources import own_addresses, own_servers_of, sources_of
from mesadepartes.variables import Part, WrongSettings

ONE = """
[[mailbox]]
name = "central"
host = "imap.example.pe"
user = "Mesa@example.pe"
password_env = "MAIL_SECRET"
folders = { INBOX = "SEDE-CENTRAL", "Año 2026" = "CUSCO" }
"""
TOKENS = """
[[mailbox]]
name = "cusco"
host = "outlook.example"
user = "cusco@example.pe"
sign_in = "oauth2"
folders = { INBOX = "CUSCO" }
[mailbox.oauth2]
grant = "client_credentials"
token_url = "https://login.example/token"
client_id = "an-id"
client_secret_env = "MAIL_SECRET"
scope = "https://outlook.example/.default"
"""
ENVIRON = {"MAIL_SECRET": "secret-1"}
NEEDED = {
    "MESA_DATABASE_URL": "postgresql://mesa@db.example/mesa",
    "MESA_MAIL_ADDRESS": "mesadepartes@example.pe",
    "MESA_ENTITY_NAME": "Entidad",
    "MESA_SECRET_KEY": "nobody guesses this secret of a test",
    "MESA_SEAL_CERTIFICATE": "seal.pem",
}


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "mailboxes.toml"


def read(path: Path, text: str) -> tuple[MailboxSettings, ...]:
    path.write_text(text, encoding="utf-8")
    return read_mailboxes(str(path), ENVIRON)


def mistakes_of(path: Path, text: str) -> list[str]:
    with pytest.raises(WrongSettings) as wrong:
        read(path, text)
    assert all("secret-1" not in each for each in wrong.value.mistakes)
    return [each.removeprefix("MESA_MAILBOXES: ") for each in wrong.value.mistakes]


def test_each_account_is_read_with_its_secrets(written: Path) -> None:
    found = read(written, ONE + TOKENS)

    assert found == (
        MailboxSettings(
            name="central",
            host="imap.example.pe",
            port=993,
            tls=Tls.IMPLICIT,
            user="Mesa@example.pe",
            sign_in="auto",
            folders={"INBOX": "SEDE-CENTRAL", "Año 2026": "CUSCO"},
            archive="Procesados",
            quarantine="Cuarentena",
            password="secret-1",
            addresses=("mesa@example.pe",),
        ),
        MailboxSettings(
            name="cusco",
            host="outlook.example",
            port=993,
            tls=Tls.IMPLICIT,
            user="cusco@example.pe",
            sign_in="oauth2",
            folders={"INBOX": "CUSCO"},
            archive="Procesados",
            quarantine="Cuarentena",
            oauth2=OAuthSettings(
                token_url="https://login.example/token",
                grant="client_credentials",
                client_id="an-id",
                client_secret="secret-1",
                scope="https://outlook.example/.default",
            ),
            addresses=("cusco@example.pe",),
        ),
    )
    assert "secret-1" not in repr(found)


def test_a_secret_may_lie_in_a_file(written: Path) -> None:
    (written.parent / "secret").write_text("clave ñ\n", encoding="utf-8")

    (found,) = read(written, ONE.replace('password_env = "MAIL_SECRET"', f'password_file = "{written.parent}/secret"'))

    assert found.password == "clave ñ"


def test_a_file_that_does_not_say_mailboxes_is_a_mistake(written: Path) -> None:
    assert mistakes_of(written, "[[mailbox") == ["must name a file of TOML that can be read: TOMLDecodeError"]
    assert mistakes_of(written, "") == ["must have from 1 to 100 tables [[mailbox]]"]
    assert mistakes_of(written, "mailbox = 3\nother = 1") == [
        "other is no setting; only [[mailbox]] is",
        "must have from 1 to 100 tables [[mailbox]]",
    ]
    assert mistakes_of(written, "mailbox = [3]")[0] == "mailbox 1 must be a table"


def test_all_mistakes_are_told_at_once(written: Path) -> None:
    text = ONE.replace('"central"', '"Sede Central"').replace('host = "imap.example.pe"', "port = 0\nhots = 1")

    assert mistakes_of(written, text) == [
        "mailbox 1.name must be small letters, digits and hyphens, at most 40",
        "mailbox 1.host is missing",
        "mailbox 1.port must be a number from 1 to 65535",
        "mailbox 1.hots is no setting of a mailbox; is it misspelt?",
    ]


@pytest.mark.parametrize(
    ("before", "after", "mistake"),
    [
        (
            'password_env = "MAIL_SECRET"',
            'password = "secret-1"\npassword_env = "MAIL_SECRET"',
            "mailbox 1.password must not stand in this file; "
            "name a file by password_file or a variable by password_env",
        ),
        (
            'password_env = "MAIL_SECRET"',
            "",
            "mailbox 1.password must be named once: by password_file or by password_env",
        ),
        ("MAIL_SECRET", "NOBODY_SET_IT", "mailbox 1.password_env names a variable that is not set"),
        ("folders = {", "folders = 3 # {", None),
        ('"Año 2026"', "Procesados", "mailbox 1.archive or quarantine must not be a folder that is read"),
        ("host =", 'tls = "ssl"\nhost =', "mailbox 1.tls must be one of off, starttls, implicit"),
        ("host =", 'ca_file = "/nowhere"\nhost =', "mailbox 1.ca_file names no file"),
        (
            "host =",
            'authserv_ids = "mx.example.pe"\nhost =',
            'mailbox 1.authserv_ids must be a list of names such as ["mx.example.gob.pe"]',
        ),
        (
            "host =",
            'mail_servers = ["mx.example.pe", "a b"]\nhost =',
            'mailbox 1.mail_servers must be a list of names such as ["mx.example.gob.pe"]',
        ),
    ],
)
def test_a_mistake_is_told_by_its_place(written: Path, before: str, after: str, mistake: str | None) -> None:
    found = mistakes_of(written, ONE.replace(before, after))

    assert len(found) == 1
    assert mistake is None or found == [mistake]


@pytest.mark.parametrize("url", ["http://login.example/token", "https:///token", "https://user@login.example/"])
def test_secrets_are_shown_over_tls_only(written: Path, url: str) -> None:
    text = TOKENS.replace("https://login.example/token", url)

    assert mistakes_of(written, text) == ["mailbox 1.oauth2.token_url must be an address that begins with https://"]


def test_the_same_folder_twice_is_a_mistake(written: Path) -> None:
    assert mistakes_of(written, ONE + ONE) == [
        "two mailboxes have the same name",
        "two mailboxes have the same folder of an account",
    ]


@pytest.mark.parametrize(
    ("changed", "to"),
    [
        ('host = "imap.example.pe"', 'host = "imap2.example.pe"'),
        ('host = "imap.example.pe"', 'host = "imap.example.pe"\nport = 1993'),
        ('user = "Mesa@', 'user = "mesa@'),
    ],
)
def test_an_account_has_one_server_and_one_spelling(written: Path, changed: str, to: str) -> None:
    other = ONE.replace("central", "other").replace("INBOX", "Otra").replace("Año 2026", "Año 2027")

    assert len(read(written, ONE + other)) == 2
    assert mistakes_of(written, ONE + other.replace(changed, to)) == [
        "two mailboxes have the same user, but not the same host, port and spelling of it"
    ]


def test_nobody_reads_what_another_mailbox_of_the_account_has_put_away(written: Path) -> None:
    other = '[[mailbox]]\nname = "b"\nfolders = { Procesados = "CUSCO" }\narchive = "INBOX"\n'
    other += 'host = "imap.example.pe"\nuser = "Mesa@example.pe"\npassword_env = "MAIL_SECRET"\n'

    assert mistakes_of(written, ONE + other) == [
        "a folder that is read is the archive or quarantine of another mailbox of its account"
    ]
    assert len(read(written, ONE + other.replace("Mesa@example.pe", "otra@example.pe"))) == 2


def test_the_file_replaces_the_one_mailbox(written: Path) -> None:
    environ = {**NEEDED, "MESA_MAILBOXES": str(written)}

    assert Settings.from_environ(environ, needed=frozenset({Part.INTAKE})).mailboxes == str(written)
    with pytest.raises(WrongSettings) as wrong:
        Settings.from_environ({**environ, "MESA_IMAP_HOST": "imap.example"})

    assert wrong.value.mistakes == ["MESA_MAILBOXES and MESA_IMAP_HOST, _USER or _PASSWORD are both set; keep one"]


def test_each_folder_is_a_source_with_its_office(written: Path) -> None:
    boxes = read(written, ONE + TOKENS)
    settings = Settings.from_environ({**NEEDED, "MESA_MAILBOXES": str(written)})

    sources = sources_of(settings, boxes)

    assert [(each.name, each.folders.inbox, each.office_code) for each in sources] == [
        ("central/1", "INBOX", "SEDE-CENTRAL"),
        ("central/2", "Año 2026", "CUSCO"),
        ("cusco", "INBOX", "CUSCO"),
    ]
    assert all(each.account.tls is not None for each in sources)
    assert [each.account.tokens is not None for each in sources] == [False, False, True]
    assert "secret-1" not in repr(sources)
    assert own_addresses(settings, boxes) == {"mesadepartes@example.pe", "mesa@example.pe", "cusco@example.pe"}


@pytest.mark.parametrize(
    ("told", "servers"),
    [
        ("", OwnServers(frozenset({"mx.example.pe"}), frozenset({"example.pe"}))),
        ('authserv_ids = ["MX.Google.com"]', OwnServers(frozenset({"mx.google.com"}), frozenset({"example.pe"}))),
        ('mail_servers = ["relay.pe"]', OwnServers(frozenset({"mx.example.pe"}), frozenset({"relay.pe"}))),
        ("authserv_ids = []\nmail_servers = []", OwnServers()),
    ],
)
def test_a_mailbox_has_its_own_mail_servers_or_those_of_all(written: Path, told: str, servers: OwnServers) -> None:
    boxes = read(written, ONE.replace("host =", f"{told}\nhost =") + TOKENS)
    environ = {**NEEDED, "MESA_AUTHSERV_IDS": "mx.example.pe", "MESA_MAIL_SERVERS": "example.pe"}
    settings = Settings.from_environ(environ)

    found = [each.servers for each in sources_of(settings, boxes)]

    assert found == [servers, servers, own_servers_of(settings)]
    assert own_servers_of(settings) == OwnServers(frozenset({"mx.example.pe"}), frozenset({"example.pe"}))
