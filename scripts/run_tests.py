#!/usr/bin/env python3
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every lint and every test, each to its end, and closes with one table and one line: `N passed, N failed`.

Two stages run side by side, and a third fills up what they leave of the cores. The output of a stage is in
build/test/<stage>.log, and is shown when the stage fails. The table tells the processor time beside the time on the
clock, and which tests took longest. `scripts/run_tests.py unit contract` runs only those.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
LOGS = REPOSITORY / "build" / "test"
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Stage:
    """A command. Pytest counts its own tests; any other stage counts as one. A nice one gives way to the others."""

    name: str
    command: tuple[str, ...]
    is_pytest: bool = False
    niceness: int = 0


@dataclass
class Outcome:
    stage: Stage
    passed: int
    failed: int
    skipped: int
    seconds: float
    processor_seconds: float
    """Of the stage and those of its processes that it waited for; not of servers that it started and ended."""


def pytest(name: str, *options: str, niceness: int = 0) -> Stage:
    report = f"--junit-xml={LOGS / name}.xml"
    return Stage(name, (str(BIN / "pytest"), "-q", f"tests/{name}", report, *options), True, niceness)


LANES = 2
"""How many stages run side by side, one for each core of a build server: what runs beside more costs more."""

BESIDE = 5
"""The niceness of what runs beside the integration tests, whose failovers happen in real time."""

FILLING = 19

STAGES = (
    # Tests of one file share a cloud. Some wait more than they work: for fences, deployments, replication.
    pytest("integration", "-n", "3", "--dist", "loadfile", "--no-loadscope-reorder"),
    # Molecule and the contract wait much too.
    Stage("molecule", (sys.executable, "scripts/molecule.py"), niceness=BESIDE),
    pytest("contract", "-n", "3", niceness=BESIDE),
    # Some of these wait; a worker that has done its part takes over from the others.
    pytest("unit", "-n", "3", "--dist", "worksteal", niceness=BESIDE),
)
"""The longest first. A lane that has ended a stage takes the next one, so that both end at about the same time."""

FILLERS = (
    Stage("sanity", (sys.executable, "scripts/sanity.py"), niceness=FILLING),
    Stage("lint", ("scripts/lint",), niceness=FILLING),
)
"""These work all the time, one after the other, on what the lanes leave of the cores while they wait."""


def run(stage: Stage) -> Outcome:
    """Run one stage; its outcome never raises, so that the others run too."""
    environment = os.environ | {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUNBUFFERED": "1",
        "NO_COLOR": "1",
    }
    log = LOGS / f"{stage.name}.log"
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["nice", "-n", str(stage.niceness), *stage.command],
            cwd=REPOSITORY,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _pid, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - started
    passed, failed, skipped = _counts(stage, process.returncode)
    outcome = Outcome(stage, passed, failed, skipped, seconds, used.ru_utime + used.ru_stime)
    if failed:
        text = log.read_text(encoding="utf-8", errors="replace")
        print(f"\n──── {stage.name} failed; its output:\n{text}\n──── end of {stage.name}\n", flush=True)
    print(f"{'FAIL' if failed else 'ok':5}{stage.name:12}{seconds:6.0f} s", flush=True)
    return outcome


def _counts(stage: Stage, status: int) -> tuple[int, int, int]:
    """(passed, failed, skipped). A pytest that ends badly without a failed test (no test, a crash) is a failure."""
    if not stage.is_pytest:
        return int(status == 0), int(status != 0), 0
    try:
        suites = ElementTree.parse(LOGS / f"{stage.name}.xml").getroot().iter("testsuite")
        totals = [
            {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")} for suite in suites
        ]
    except (OSError, ElementTree.ParseError):
        return 0, 1, 0
    failed = sum(total["failures"] + total["errors"] for total in totals)
    skipped = sum(total["skipped"] for total in totals)
    passed = max(sum(total["tests"] for total in totals) - failed - skipped, 0)
    if status != 0 and failed == 0:
        failed = 1
    return passed, failed, skipped


def slowest(stages: list[Stage], most: int = 15) -> list[tuple[float, str]]:
    """Seconds and name of the tests that took longest, fixtures included."""
    found = []
    for stage in stages:
        report = LOGS / f"{stage.name}.xml"
        if stage.is_pytest and report.is_file():
            for case in ElementTree.parse(report).getroot().iter("testcase"):
                found.append((float(case.get("time", 0)), f"{case.get('classname')}: {case.get('name')}"))
    return sorted(found, reverse=True)[:most]


def main() -> int:
    names = [stage.name for stage in (*STAGES, *FILLERS)]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"of {', '.join(names)}; all by default")
    wanted = parser.parse_args().stages or names
    if unknown := set(wanted) - set(names):
        parser.error(f"no such stage: {', '.join(sorted(unknown))}; there are {', '.join(names)}")

    LOGS.mkdir(parents=True, exist_ok=True)
    for old in LOGS.glob("*.xml"):
        old.unlink()
    started = time.monotonic()
    with ThreadPoolExecutor(LANES) as lanes, ThreadPoolExecutor(1) as filler:
        runs = [
            pool.submit(run, stage)
            for pool, stages in ((lanes, STAGES), (filler, FILLERS))
            for stage in stages
            if stage.name in wanted
        ]
    outcomes = [each.result() for each in runs]

    print("\nseconds  the tests that took longest")
    for seconds, name in slowest([outcome.stage for outcome in outcomes]):
        print(f"{seconds:7.0f}  {name}")
    print(f"\n{'stage':12}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}{'processor':>11}")
    for outcome in outcomes:
        counts = f"{outcome.passed:8}{outcome.failed:8}{outcome.skipped:9}{outcome.seconds:9.0f}"
        counts += f"{outcome.processor_seconds:11.0f}"
        print(f"{outcome.stage.name:12}{counts}")
    passed, failed, skipped = (sum(getattr(o, key) for o in outcomes) for key in ("passed", "failed", "skipped"))
    print(f"in {time.monotonic() - started:.0f} s\n")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
