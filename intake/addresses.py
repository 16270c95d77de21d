"""Mailboxes in From and Sender (RFC 5322, 3.4), read in one pass; what can be read in two ways is no address."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from intake.encoded_words import decode_text
from rules.people import InvalidEmail, clean_email
from rules.words import fit_text

LONGEST_FIELD: Final = 8 * 1024
MOST_MAILBOXES: Final = 20
NAME_LENGTH: Final = 200
LONGEST_ADDRESS: Final = 500

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([()<>,;:])|(\\.)|([^"()<>,;:\\]+)|(.)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Claim:
    """Who a field names: the address as it stands there, and the name for people. Neither is proven."""

    address: str
    name: str
    is_plain: bool

    def valid_address(self) -> str | None:
        """Return the address as one can write to it; None unless it can be read in one way only."""
        if not self.is_plain or "=?" in self.address:
            return None
        try:
            return clean_email(self.address)
        except InvalidEmail:
            return None


@dataclass(slots=True)
class _Mailbox:
    """One mailbox while it is read."""

    plain: str = ""
    name: str = ""
    angle: str | None = None
    comment: str = ""
    is_odd: bool = False


def read_claims(value: str) -> tuple[Claim, ...]:
    """Return whom a field's value names, in order; of a field too long, none is plain."""
    claims = (_claim(mailbox) for mailbox in _split(value[:LONGEST_FIELD]))
    is_cut = len(value) > LONGEST_FIELD
    return tuple(replace(claim, is_plain=False) if is_cut else claim for claim in claims if claim)


def _split(value: str) -> list[_Mailbox]:
    mailboxes = [_Mailbox()]
    depth, in_angle = 0, False
    for quoted, sign, escaped, text, stray in _TOKEN.findall(value):
        current = mailboxes[-1]
        if depth or sign == "(" or (sign == ")" and not in_angle):
            current.is_odd |= sign == ")" and not depth
            depth = max(0, depth + (sign == "(") - (sign == ")"))
            current.comment += text if depth else " "
        elif sign == "<" or sign == ">":
            in_angle = _angle(current, sign, in_angle=in_angle)
        elif sign == "," and not in_angle:
            if len(mailboxes) == MOST_MAILBOXES:
                break
            mailboxes.append(_Mailbox())
        else:
            _add(current, quoted, sign + escaped + text + stray, in_angle=in_angle)
    return mailboxes


def _angle(mailbox: _Mailbox, sign: str, *, in_angle: bool) -> bool:
    opens = sign == "<"
    mailbox.is_odd |= opens == in_angle or (opens and mailbox.angle is not None)
    if opens and mailbox.angle is None:
        mailbox.angle = ""
    return opens


def _add(mailbox: _Mailbox, quoted: str, text: str, *, in_angle: bool) -> None:
    """Add text to where it belongs; group signs, stray signs, quotes inside an address and text after it are odd."""
    mailbox.is_odd |= text in {";", ":", '"', "\\"} and not in_angle
    if in_angle:
        mailbox.angle = f"{mailbox.angle}{text}" + (f'"{quoted}"' if quoted else "")
        return
    mailbox.is_odd |= mailbox.angle is not None and bool((text + quoted).strip())
    mailbox.plain += text + (f'"{quoted}"' if quoted else "")
    mailbox.name += text + _ESCAPED.sub(r"\1", quoted)


def _claim(mailbox: _Mailbox) -> Claim | None:
    has_angle = mailbox.angle is not None
    address = (mailbox.angle if mailbox.angle is not None else mailbox.plain).strip()
    if not address and not mailbox.name.strip() and not mailbox.is_odd:
        return None
    shown = mailbox.name if has_angle else mailbox.comment
    name = fit_text(decode_text(shown.strip()), max_length=NAME_LENGTH)
    return Claim(address[:LONGEST_ADDRESS], name, is_plain=not mailbox.is_odd and len(address) <= LONGEST_ADDRESS)
