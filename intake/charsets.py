"""Bytes to text, by a list of character sets that mail really uses; never fails, never imports a codec by name."""

from __future__ import annotations

from typing import Final

_SAME_NAME: Final = (
    "utf-8 utf-16 utf-16le utf-16be iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 "
    "iso-8859-10 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 windows-1250 windows-1251 windows-1252 windows-1253 "
    "windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 koi8-r koi8-u big5 gb18030 shift_jis euc-jp "
    "iso-2022-jp euc-kr iso-2022-kr cp437 cp850 cp858"
)
_CODECS: Final = {name: name for name in _SAME_NAME.split()} | {
    "utf8": "utf-8",
    "us-ascii": "windows-1252",
    "ascii": "windows-1252",
    "iso-8859-1": "windows-1252",
    "iso8859-1": "windows-1252",
    "latin1": "windows-1252",
    "latin-1": "windows-1252",
    "cp1252": "windows-1252",
    "iso-8859-9": "windows-1254",
    "iso-8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift-jis": "shift_jis",
    "ks_c_5601-1987": "euc-kr",
    "ibm850": "cp850",
    "macintosh": "mac-roman",
}
"""Supersets where mail says the smaller set and means the larger (as browsers do)."""

_LONGEST_LABEL: Final = 40


def decode_bytes(data: bytes, charset: str | None = None) -> str:
    """Return *data* as text; in a set that is unknown or not said, UTF-8 if it is that, else Windows-1252."""
    label = (charset or "")[:_LONGEST_LABEL].strip().strip("\"'").lower()
    codec = _CODECS.get(label)
    if codec and label not in ("us-ascii", "ascii"):
        return data.decode(codec, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("windows-1252", errors="replace")
