"""People as the counter knows them: identity documents, names, how to reach them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from stdnum.pe import cui, ruc

from rules.refusals import Checks, InvalidInput
from rules.words import TextMissing, clean_text


class IdentityKind(StrEnum):
    """The identity documents by which people register."""

    DNI = "DNI"
    CE = "CE"
    PTP = "PTP"


@dataclass(frozen=True, slots=True)
class IdentityRule:
    """How one kind of identity document is called, whose it is, and how its numbers are written; help is a sentence."""

    label: str
    is_for_nationals: bool
    pattern: re.Pattern[str]
    max_length: int
    has_check_character: bool
    help: str


_FOREIGNERS_NUMBER = re.compile(r"[0-9A-Z]{6,15}", re.ASCII)
_FOREIGNERS_HELP = "debe tener de 6 a 15 letras y números, tal como figura en el documento."

IDENTITY_KINDS: Mapping[IdentityKind, IdentityRule] = {
    IdentityKind.DNI: IdentityRule(
        label="Documento Nacional de Identidad (DNI)",
        is_for_nationals=True,
        pattern=re.compile(r"[0-9]{8}[0-9A-K]?", re.ASCII),
        max_length=9,
        has_check_character=True,
        help="debe tener 8 dígitos; puede agregar el carácter de verificación que figura tras el guion.",
    ),
    IdentityKind.CE: IdentityRule(
        label="Carné de Extranjería (CE)",
        is_for_nationals=False,
        pattern=_FOREIGNERS_NUMBER,
        max_length=15,
        has_check_character=False,
        help=_FOREIGNERS_HELP,
    ),
    IdentityKind.PTP: IdentityRule(
        label="Permiso Temporal de Permanencia (PTP)",
        is_for_nationals=False,
        pattern=_FOREIGNERS_NUMBER,
        max_length=15,
        has_check_character=False,
        help=_FOREIGNERS_HELP,
    ),
}
"""The kinds in the order in which they are offered; another kind is one more row, and a member of the enum."""

_SEPARATORS = re.compile(r"[\s.\-]+")
_DNI_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifies a person at the counter: kind and number together; the number alone does not."""

    kind: IdentityKind
    number: str

    def __str__(self) -> str:
        """Return it as one text, the same for every spelling."""
        return f"{self.kind.value}:{self.number}"


class InvalidIdentity(InvalidInput):
    """The number cannot be one of its kind."""

    code = "INVALID_IDENTITY"


class InvalidName(InvalidInput):
    """A name holds what no name holds."""

    code = "INVALID_NAME"


class InvalidEmail(InvalidInput):
    """The address cannot be used to write to somebody."""

    code = "INVALID_EMAIL"


class InvalidMobile(InvalidInput):
    """The number is no mobile number."""

    code = "INVALID_MOBILE"


class InvalidBirthDate(InvalidInput):
    """Nobody alive was born then, or there is no such day."""

    code = "INVALID_BIRTH_DATE"

    def __init__(self) -> None:
        super().__init__("Revise la fecha de nacimiento: escriba el día, el mes y el año de su documento.")


class InvalidRuc(InvalidInput):
    """The number is no RUC."""

    code = "INVALID_RUC"


def clean_identity(kind: IdentityKind, number: str) -> Identity:
    """
    Return the identity, its number without separators, in capitals and without the check character.

    The check character of a DNI is optional and verified when given (digit or letter series). It is no part of
    the number: two spellings of one DNI are one person. A number without it is only well formed, not verified.

    Raises:
        InvalidIdentity: wrong length or characters, or a check character that does not belong to the number.
    """
    rule = IDENTITY_KINDS[kind]
    compact = _SEPARATORS.sub("", number).upper()
    if not rule.pattern.fullmatch(compact):
        raise InvalidIdentity(f"El número de {kind.value} no es válido: {rule.help}")
    if not rule.has_check_character:
        return Identity(kind, compact)
    digits, check = compact[:_DNI_DIGITS], compact[_DNI_DIGITS:]
    if check and check not in cui.calc_check_digits(digits):
        raise InvalidIdentity(
            f"El carácter de verificación «{check}» no corresponde al DNI {digits}. Revise ambos en su documento.",
        )
    return Identity(kind, digits)


def take_identity(checks: Checks, kind: IdentityKind, number: str) -> Identity | None:
    """Return the identity, or None after noting what is wrong with its number."""
    return checks.take("identityNumber", lambda typed: clean_identity(kind, typed), number)


NAME_MAX_LENGTH = 100
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .'’´`\-\u0300-\u036f])*")


def clean_name(name: str | None) -> str:
    """
    Return a given name or surname as one line, as its owner writes it; any alphabet, up to 100 letters.

    Raises:
        InvalidName: it holds digits or signs that are in no name.
        TextMissing, TextTooLong, TextUnreadable: as `rules.words.clean_text`.
    """
    cleaned = clean_text(name, max_length=NAME_MAX_LENGTH)
    if not _NAME.fullmatch(cleaned):
        raise InvalidName("Escriba el nombre solo con letras, espacios, guiones, puntos o apóstrofos.")
    return cleaned


ORGANIZATION_NAME_MAX_LENGTH = 200


def clean_organization_name(name: str | None) -> str:
    """
    Return the registered name of a legal entity as one line, up to 200 characters.

    Raises:
        TextMissing, TextTooLong, TextUnreadable: as `rules.words.clean_text`.
    """
    try:
        return clean_text(name, max_length=ORGANIZATION_NAME_MAX_LENGTH)
    except TextMissing:
        raise TextMissing("Escriba la razón social tal como figura en la ficha RUC.") from None


CONTACT_NOTICE = (
    "Toda comunicación sobre el registro de su documento será informada a través del correo electrónico que "
    "proporcione en esta sección."
)
"""What the form says beside the address, in the words of the institution's manual, made to agree."""

EMAIL_MAX_LENGTH = 254
_LOCAL_PART_MAX_LENGTH = 64
_ATOM = r"[A-Za-z0-9#$&'*+/=?^_{}~\-]+"
_LOCAL_PART = re.compile(rf"(?!-){_ATOM}(?:\.{_ATOM})*", re.ASCII)
_LABEL = r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?![0-9]+$){_LABEL}", re.ASCII)
_IDNA_DEVIATIONS = frozenset("ßς\u200c\u200d")


def clean_email(address: str) -> str:
    """
    Return an e-mail address as an ASCII `addr-spec` that an SMTP envelope takes as one plain mailbox.

    At most 254 characters, 64 before the at sign (RFC 5321, 4.5.3.1). The domain is lower-cased and a name with
    accents becomes its ASCII form (IDNA); the local part keeps its case. Refused although RFC 5322 knows them:
    quoted local parts, comments, address literals, one-label domains, a leading hyphen, and `%` `!` `|` and the
    grave accent, with which some relays route or run programs.

    Raises:
        InvalidEmail: it is not such an address.
    """
    if len(address) > EMAIL_MAX_LENGTH + 10:
        raise _no_email()
    local, at, domain = unicodedata.normalize("NFC", address.strip(" \t\r\n")).rpartition("@")
    ascii_domain = _ascii_domain(domain)
    whole = f"{local}@{ascii_domain}"
    well_formed = at and _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(ascii_domain)
    if not well_formed or len(local) > _LOCAL_PART_MAX_LENGTH or len(whole) > EMAIL_MAX_LENGTH:
        raise _no_email()
    return whole


def _ascii_domain(domain: str) -> str:
    lowered = domain.lower()
    if lowered.isascii():
        return lowered
    if _IDNA_DEVIATIONS & set(domain):
        return ""
    try:
        return lowered.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


def _no_email() -> InvalidEmail:
    return InvalidEmail("El correo electrónico no es válido. Escríbalo completo, por ejemplo: nombre@ejemplo.pe")


def mask_email(address: str) -> str:
    """Return as much of an address as lets its owner know it again: `m***@example.pe`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"


_PERUVIAN_MOBILE = re.compile(r"(?:(?:\+|00)?51)?(9[0-9]{8})", re.ASCII)
_FOREIGN_PHONE = re.compile(r"(?:\+|00)([1-9][0-9]{6,14})", re.ASCII)
_PHONE_SEPARATORS = re.compile(r"[\s().\-]+")
_PERU = "51"


def clean_mobile(number: str) -> str:
    """
    Return a mobile number in E.164: Peruvian (nine digits from 9, prefix 51 or not) or foreign with its `+` prefix.

    Raises:
        InvalidMobile: it is neither.
    """
    compact = _PHONE_SEPARATORS.sub("", number)
    if peruvian := _PERUVIAN_MOBILE.fullmatch(compact):
        return f"+{_PERU}{peruvian[1]}"
    foreign = _FOREIGN_PHONE.fullmatch(compact)
    if foreign is None or foreign[1].startswith(_PERU):
        raise InvalidMobile(
            "El celular no es válido. Escriba 9 dígitos que empiecen en 9; si es de otro país, con + y su prefijo."
        )
    return f"+{foreign[1]}"


OLDEST_AGE_YEARS = 130


def clean_birth_date(born_on: date | str, today: date) -> date:
    """
    Return a birth date, given as a day or written YYYY-MM-DD, that somebody alive on *today* can have.

    Raises:
        InvalidBirthDate: there is no such day, or it lies in the future or over 130 years back.
    """
    try:
        day = date.fromisoformat(born_on) if isinstance(born_on, str) else born_on
    except ValueError:
        raise InvalidBirthDate from None
    if not date(today.year - OLDEST_AGE_YEARS, 1, 1) <= day <= today:
        raise InvalidBirthDate
    return day


PASSWORD_MAX_LENGTH = 256


def normal_password(password: str) -> str:
    """
    Return a password in the form in which it is hashed (NFC), so that every keyboard's spelling of it matches.

    Refuses nothing, so that signing in takes its time whatever was typed. What `rules.passwords` would never take is
    cut one character beyond its limit, and half a surrogate pair, which no UTF-8 can hold, becomes U+FFFD.
    """
    cut = password[: PASSWORD_MAX_LENGTH + 1]
    return unicodedata.normalize("NFC", cut.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


RUC_FIRST_DIGITS = frozenset({"10", "15", "16", "17", "20"})


def clean_ruc(number: str) -> str:
    """
    Return a RUC of eleven digits whose check digit is right; that SUNAT knows it is not said.

    Raises:
        InvalidRuc: length, first digits or check digit are wrong.
    """
    compact = _SEPARATORS.sub("", number)
    well_formed = re.fullmatch(r"[0-9]{11}", compact) and compact[:2] in RUC_FIRST_DIGITS
    if not well_formed or ruc.calc_check_digit(compact) != compact[-1]:
        raise InvalidRuc("El RUC no es válido: revise sus 11 dígitos.")
    return compact
