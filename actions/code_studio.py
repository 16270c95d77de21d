"""The codes of the security check as one meets them: drawn and spoken."""

from __future__ import annotations

import asyncio
from functools import cache
from importlib import resources
from typing import Any, Final

from actions.threads import BoundedThreads
from rules.refusals import TooManyRequests

MOST_WAITING: Final = 8
"""So many pictures and sounds wait at most; a sound takes a third of a second, a picture a hundredth."""


class StudioBusy(TooManyRequests):
    """Too many codes wait to be drawn or spoken."""

    code = "BUSY"

    def __init__(self) -> None:
        super().__init__("El servicio está atendiendo muchos pedidos en este momento. Vuelva a intentar en un minuto.")


class CodeStudio:
    """
    Draws and speaks codes in one thread, which so takes at most one core from what people wait for.

    Further pieces are refused before any work is done.
    """

    def __init__(self) -> None:
        self._thread = BoundedThreads(1, "codes", most=MOST_WAITING, refusal=StudioBusy)

    async def draw(self, digits: str) -> bytes:
        """
        Return a code as a picture (PNG).

        Raises:
            StudioBusy: too many pieces wait.
        """
        return await self._thread.run(lambda: _draw(digits))

    async def speak(self, digits: str) -> bytes:
        """
        Return a code as sound (WAV), its digits spoken in Spanish.

        Raises:
            StudioBusy: too many pieces wait.
        """
        return await self._thread.run(lambda: bytes(_speaker().generate(digits)))

    def close(self) -> None:
        """Let the thread end."""
        self._thread.close()


class ShownCode:
    """A code to be drawn and spoken once each, when it is first asked for."""

    def __init__(self, studio: CodeStudio, digits: str) -> None:
        self._studio = studio
        self._digits = digits
        self._picture: asyncio.Future[bytes] | None = None
        self._sound: asyncio.Future[bytes] | None = None

    async def picture(self) -> bytes:
        """Return the picture (PNG)."""
        self._picture = self._picture or asyncio.ensure_future(self._studio.draw(self._digits))
        return await self._picture

    async def sound(self) -> bytes:
        """Return the sound (WAV)."""
        self._sound = self._sound or asyncio.ensure_future(self._studio.speak(self._digits))
        return await self._sound


def _draw(digits: str) -> bytes:
    from captcha.image import ImageCaptcha

    return ImageCaptcha(width=280, height=90).generate(digits).getvalue()


@cache
def _speaker() -> Any:
    from captcha.audio import AudioCaptcha

    with resources.as_file(resources.files("files").joinpath("voices")) as folder:
        speaker = AudioCaptcha(str(folder))
        speaker.load()
    return speaker
