# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make drills`: plays drills on the embedded cloud under steady traffic; exits with 0 only if every gate is passed."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from drills.catalogue import DRILLS, Drill, find, moved_within
from drills.exercise import Exercise
from drills.overview import write_overview
from drills.variants import Stage
from harness.console import say, verdict
from harness.playbooks import ROOT, PlaybookFailed
from harness.report.contents import build_report
from harness.report.page import write_page
from localcloud import CloudError

COLUMNS = (
    ("posted", "posted"),
    ("lost", "lost"),
    ("duplicated", "dupl."),
    ("processed_twice", "twice"),
    ("failed_requests", "failed"),
    ("rpo_sales", "rpo"),
    ("lake_rpo_sales", "lake rpo"),
    ("rto_seconds", "rto s"),
    ("first_sale_seconds", "first s"),
    ("controller_seconds", "contr. s"),
    ("aws_calls", "calls"),
)
LEAST_RATE = 15.0
OF_A_MOVE = tuple(moved_within(0.0))
"""The bounds that do not hold with the whole fence."""


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    if options.list:
        for drill in DRILLS:
            print(f"{drill.name:<24} {drill.about}")
        return 0
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    reports: dict[str, dict[str, Any]] = {}
    drills = find(options.drills)
    for variant, chosen in groupby(drills, key=lambda drill: drill.variant):
        play_variant(variant, list(chosen), folder, options.rate, reports, options.fence)
    order = {drill.name: number for number, drill in enumerate(DRILLS)}
    told = sorted(known_reports(folder).values(), key=lambda report: order[report["drill"]])
    (folder / "index.html").write_text(write_overview(told), encoding="utf-8")
    say("")
    for line in table([reports[name] for name in sorted(reports, key=order.__getitem__)]):
        say(line)
    missing = [drill.name for drill in drills if drill.name not in reports]
    failed = [name for name, report in reports.items() if not report["passed"]] + missing
    played = "1 drill" if len(reports) == 1 else f"{len(reports)} drills"
    say(f"\n{played} in {time.monotonic() - began:.0f} s. {verdict(failed, 'Every gate is passed.')}")
    say(f"Open it: {folder / 'index.html'}")
    return 1 if failed else 0


def play_variant(
    variant: str,
    drills: list[Drill],
    folder: Path,
    rate: float,
    reports: dict[str, dict[str, Any]],
    fence: str | None = None,
) -> None:
    """Play drills on one cloud; a new one is built after a drill that did not leave it clean and quiet."""
    left = list(drills)
    while left:
        say(f"Build the workload ({variant}) …")
        try:
            with Stage(variant, folder / "stages" / variant) as stage:
                while left:
                    drill = left.pop(0)
                    say(f"{drill.name}: {drill.about} …")
                    report = play(stage, drill, rate, folder, fence)
                    reports[drill.name] = report
                    keep_logs(stage, drill, folder)
                    if not left_clean(report):
                        break
        except (CloudError, PlaybookFailed) as error:
            say(f"The embedded cloud with the variant {variant} failed.\n{error}")
            if not left or not any(drill.name in reports for drill in drills):
                return


def play(stage: Stage, drill: Drill, rate: float, folder: Path, fence: str | None = None) -> dict[str, Any]:
    """One drill: played, judged, written as JSON and as a page, and told in a line."""
    exercise = Exercise(stage, drill.name, drill.about, drill.graceful, rate, say, drill.promise, fence=fence)
    exercise.record.bounds = {name: most for name, most in drill.bounds.items() if not fence or name not in OF_A_MOVE}
    report = build_report(exercise.play(drill.act, drill.throttled))
    (folder / f"{drill.name}.json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    (folder / f"{drill.name}.html").write_text(write_page(report), encoding="utf-8")
    found = report["figures"]
    say(
        f"  {'passed' if report['passed'] else 'NOT PASSED'}: {found['posted']} sales, {found['lost']} lost, "
        f"{found['duplicated']} duplicated, {found['failed_requests']} requests failed; {report['seconds']:.0f} s"
    )
    for gate in report["gates"]:
        if not gate["passed"]:
            say(f"    {gate['gate']}: expected {gate['expected']}, found {gate['found']}")
    return report


def left_clean(report: Mapping[str, Any]) -> bool:
    """Whether the next drill may play on the same cloud: no playbook failed, and nothing is left to do or lost."""
    gates = {gate["gate"]: gate["passed"] for gate in report["gates"]}
    return all(gates.get(name, True) for name in ("playbooks", "quiet", "lost", "duplicated", "wrong_content"))


def keep_logs(stage: Stage, drill: Drill, folder: Path) -> None:
    """What the playbooks printed and the client recorded; the stage's own folder goes with its cloud."""
    kept = folder / "logs" / drill.name
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(stage.folder / "logs" / drill.name, kept)


def known_reports(folder: Path) -> dict[str, dict[str, Any]]:
    """Every report in the folder, those of earlier runs too, so that drills can be played one by one."""
    names = {drill.name for drill in DRILLS}
    files = [file for file in folder.glob("*.json") if file.stem in names]
    return {file.stem: json.loads(file.read_text()) for file in files}


def table(reports: list[Mapping[str, Any]]) -> list[str]:
    lines = [f"{'drill':<24} " + " ".join(f"{label:>9}" for _, label in COLUMNS)]
    for report in reports:
        cells = " ".join(f"{cell(report['figures'][name]):>9}" for name, _ in COLUMNS)
        lines.append(f"{report['drill']:<24} {cells}  {'passed' if report['passed'] else 'NOT PASSED'}")
    return lines


def cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m drills", description=__doc__)
    parser.add_argument("drills", nargs="*", metavar="drill", help="the drills to play; without any, all")
    parser.add_argument("--list", action="store_true", help="list the drills")
    parser.add_argument("--rate", type=float, default=LEAST_RATE, help="sales posted per second, at least 15")
    parser.add_argument("--fence", choices=["full"], help="asks every switch for the whole fence")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "drills", help="where the results go")
    options = parser.parse_args(arguments)
    if options.rate < LEAST_RATE:
        parser.error(f"--rate is {options.rate:g}; a drill needs at least {LEAST_RATE:g} sales per second")
    try:
        find(options.drills)
    except ValueError as error:
        parser.error(str(error))
    return options


if __name__ == "__main__":
    sys.exit(main())
