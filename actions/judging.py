"""Files that are handed in are judged where they arrive: by the sieve, then by the antivirus, if there is one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from actions.tools import Tools
    from rules.verdicts import Judgement


async def judged(tools: Tools, paths: Sequence[Path]) -> list[Judgement]:
    """
    Return what each of the files is found to be; whatever goes wrong with looking at one is a finding of it.

    The names under which they come are judged where they are put in their place.
    """
    judgements = await tools.sieve.judge(paths)
    if tools.antivirus is None or not paths:
        return judgements
    scanned = await tools.antivirus.scan(paths, judgements)
    return [
        replace(judgement, scan=scan, signature=signature)
        for judgement, (scan, signature) in zip(judgements, scanned, strict=True)
    ]
