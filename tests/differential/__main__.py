"""
Asks many documents plainly and by plans, on databases of its own: `python -m tests.differential 100000 [SEED]`.

By several processes at once with `--workers 2`. Ends with 1 if there is a difference, having shown it.
"""

from __future__ import annotations

import argparse
import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.differential.comparing import graphql_schema
from tests.differential.reached import Reached, reachable
from tests.differential.sharing import compare_share, tell


def _report(reached: Reached) -> None:
    count = sum(reached.viewers.values())
    for told in (reached.outcomes, reached.viewers, reached.roots, reached.refused):
        tell("; ".join(f"{name} {number} ({number / count:.2%})" for name, number in told.most_common()))
    tell(f"{count} documents, {reached.planned:.3f} of those without errors by plans")
    each = reachable(graphql_schema())
    tell(f"not reached: {sorted(each - reached.seen.keys())}")
    tell(f"reached least: {sorted((reached.seen[name], name) for name in each if name in reached.seen)[:20]}")


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.differential")
    parser.add_argument("count", type=int)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--workers", type=int, default=1)
    asked, whole = parser.parse_args(), Reached()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(asked.workers, mp_context=context) as pool:
        parts = [
            pool.submit(compare_share, turn, asked.workers, asked.count, asked.seed) for turn in range(asked.workers)
        ]
        for part in as_completed(parts):
            if (reached := part.result()) is None:
                return 1
            whole.add(reached)
    _report(whole)
    return 0


if __name__ == "__main__":
    raise SystemExit(_main())
