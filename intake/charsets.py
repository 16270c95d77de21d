"""Bytes to text, by a list of character sets that mail really uses; never fails, never imports a codec by name."""

from __future__ import annotations

from typing import Final

_CODECS_AND_NAMES: Final = """
windows-1252 us-ascii ascii ansi_x3.4-1968 iso-8859-1 iso8859-1 iso_8859-1 8859_1 latin1 latin-1 l1 cp1252
utf-8 utf8 utf-8-sig unicode-1-1-utf-8
utf-7 unicode-1-1-utf-7
utf-16 unicode
utf-16le utf-16-le
utf-16be utf-16-be
iso-8859-2 latin2
iso-8859-3
iso-8859-4
iso-8859-5
iso-8859-6
iso-8859-7
iso-8859-8 iso-8859-8-i
iso-8859-10
iso-8859-13
iso-8859-14
iso-8859-15 iso8859-15 iso_8859-15 latin-9 latin9
iso-8859-16
windows-1250 cp1250
windows-1251 cp1251
windows-1253 cp1253
windows-1254 cp1254 iso-8859-9 latin5
windows-1255 cp1255
windows-1256 cp1256
windows-1257 cp1257
windows-1258 cp1258
cp874 windows-874 iso-8859-11 tis-620
koi8-r koi8
koi8-u
big5hkscs big5 big5-hkscs
gb18030 gb2312 gb_2312-80 gbk x-gbk cp936
hz hz-gb-2312
cp932 shift_jis shift-jis x-sjis sjis windows-31j
euc-jp x-euc-jp
iso2022_jp_ext iso-2022-jp iso-2022-jp-1
iso2022_jp_2 iso-2022-jp-2
iso2022_jp_3 iso-2022-jp-3
cp949 euc-kr ks_c_5601-1987 ks_c_5601 windows-949
iso-2022-kr
cp437 ibm437
cp850 ibm850
cp858 ibm00858
cp866 ibm866
mac-roman macintosh x-mac-roman
"""
"""In each line a codec, and the names that mail gives it: of a smaller set too, as browsers read them."""

_CODECS: Final = {
    name: codec
    for line in _CODECS_AND_NAMES.strip().splitlines()
    for codec in line.split()[:1]
    for name in line.split()
}
_LONGEST_LABEL: Final = 40


def decode_bytes(data: bytes, charset: str | None = None) -> str:
    """
    Return *data* as text.

    In a set that is unknown, not said or said by habit (Windows-1252 and what is called so), UTF-8 if it is that, else
    Windows-1252; in any other set what it says, unless that fails and UTF-8 does not.
    """
    label = (charset or "")[:_LONGEST_LABEL].strip().strip("\"'").lower()
    codec = _CODECS.get(label, "windows-1252")
    attempts = ("utf-8", codec) if codec == "windows-1252" else (codec, "utf-8")
    for attempt in attempts:
        try:
            return _whole(data.decode(attempt))
        except UnicodeDecodeError:
            continue
    return _whole(data.decode(codec, errors="replace"))


def _whole(text: str) -> str:
    """Return text without halves of surrogate pairs, which UTF-7 can spell."""
    return text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")
