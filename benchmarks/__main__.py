"""``python -m benchmarks --scale small|1m|full --only P2,I1``: one line for each goal."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.bench import SCALES, Bench
from benchmarks.client import Refused
from benchmarks.goal import Goal
from benchmarks.goals import GOALS
from benchmarks.odata.databases import Database, NotMeasured


def main() -> int:
    """Measure and print. Returns 0 whatever is measured: a goal that is not reached is a finding, not a failure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What is measured, against what.")
    parser.add_argument("--scale", choices=list(SCALES), default="small", help="how much of everything")
    parser.add_argument("--only", default="", metavar="IDS", help="ids of goals, separated by commas")
    parser.add_argument("--database", choices=list(Database), help="catalogues on this one alone")
    parser.add_argument("--folder", type=Path, help="where to work, and to keep catalogues for the next run")
    arguments = parser.parse_args()
    wanted = {name for name in arguments.only.split(",") if name}
    unknown = wanted - {goal.id for goal in GOALS}
    if unknown:
        parser.error(
            f"there is no {', '.join(sorted(unknown))}; there are {', '.join(dict.fromkeys(goal.id for goal in GOALS))}"
        )
    print(f"scale {arguments.scale}: ratios of medians of interleaved rounds")
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder, ExitStack() as stack:
        kept = Path(arguments.folder or folder) / "catalogues"
        kept.mkdir(exist_ok=True)
        bench = Bench(Path(folder), kept, SCALES[arguments.scale], stack)
        for goal in GOALS:
            if (not wanted or goal.id in wanted) and arguments.database in (None, goal.database):
                print(_result(goal, bench), flush=True)
    return 0


def _result(goal: Goal, bench: Bench) -> str:
    try:
        return goal.line(goal.measure(bench))
    except (NotMeasured, Refused) as missing:
        return goal.missing(str(missing))


if __name__ == "__main__":  # processes that help import this file
    sys.exit(main())
