"""The sieve against the corpus: exactly what is expected of each file, nothing missed and nothing besides."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from files.sieve.judge import judge
from rules.verdicts import OURS, Finding, Judgement
from tests.corpus import Sample, Side, samples

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = samples()
NOT_OF_THE_SIEVE = OURS | {Finding.MALWARE}


def judged(data: bytes, folder: Path) -> Judgement:
    """Return what the door says of a file with these bytes, as the jail would send it."""
    path = folder / "content"
    path.write_bytes(data)
    [values] = json.loads(judge(str(path).encode()))
    return Judgement.from_values(values)


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])
def test_sample_gets_exactly_its_judgement(sample: Sample, tmp_path: Path) -> None:
    assert judged(sample.make(), tmp_path) == sample.expected


def test_corpus_says_of_each_sample_what_its_side_means() -> None:
    names = [sample.name for sample in SAMPLES]
    assert len(names) == len(set(names))
    for sample in SAMPLES:
        found = set(sample.expected.findings)
        match sample.side:
            case Side.CLEAN:
                assert (sample.rule, found, sample.expected.problem) == (None, set(), None), sample.name
            case Side.AT_LIMIT:
                assert sample.rule not in {None, *found}, sample.name
            case Side.BEYOND:
                assert sample.rule in found, sample.name


@pytest.mark.parametrize("finding", sorted(set(Finding) - NOT_OF_THE_SIEVE))
def test_each_rule_has_a_file_at_its_limit_and_one_beyond(finding: Finding) -> None:
    sides = {sample.side for sample in SAMPLES if sample.rule is finding}

    assert sides == {Side.AT_LIMIT, Side.BEYOND}


def test_corpus_is_large_enough() -> None:
    hostile = [sample for sample in SAMPLES if sample.side is Side.BEYOND]
    harmless = [sample for sample in SAMPLES if not sample.expected.findings]

    assert len(hostile) >= 90
    assert len(harmless) >= 60


def test_each_rule_of_a_kind_has_a_pair_of_that_kind() -> None:
    sides: dict[tuple[str, Finding], set[Side]] = {}
    for sample in SAMPLES:
        if sample.rule and sample.expected.kind:
            sides.setdefault((sample.expected.kind, sample.rule), set()).add(sample.side)

    alone = {pair for pair, both in sides.items() if both == {Side.BEYOND}}
    assert alone == set()


def test_nothing_is_an_empty_file(tmp_path: Path) -> None:
    assert judged(b"", tmp_path) == Judgement(findings=(Finding.EMPTY,))


def test_files_are_judged_in_the_order_of_their_paths(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("first", "second")]
    paths[0].write_bytes(b"%PDF-1.7\n")
    paths[1].write_bytes(b"hola")

    told = json.loads(judge(b"\0".join(str(path).encode() for path in paths)))

    assert [each["findings"] for each in told] == [["DAMAGED"], ["OTHER_KIND"]]
