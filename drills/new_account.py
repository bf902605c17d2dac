# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make new-account`: a workload's whole life on an account as AWS gives it, beside the same life on a patient one.

Everything new stays hidden for a while, every delay is longer, and a share of the operator's calls is throttled or
carried out without an answer. What was built must be the same, what is run again must change nothing, and nothing may
be left. Where answers get lost a command may fail, and be given again: how often it was given is told.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.console import empty_folder, say, verdict
from harness.inventories import RECOVERY, regions_of
from harness.leftovers import leftover_lines
from harness.playbooks import ROOT, PlaybookFailed, Run, run_playbook
from harness.sales_system import SalesSystem
from harness.scene import Scene
from localcloud import Cloud, CloudError

SOURCES = ("workloads", "plugins/module_utils/protocol")
MOST_RUNS = 2
RATE = 5.0
PLAYBOOK_SECONDS = 1800.0
APPROVED = ("-e", "approve=true", "-e", "reason=trial", "-e", "bake_time=1")
MADE_UP = re.compile(r"\b(?:[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{8,}|\d{6,})\b")
"""What AWS makes up in names: the same workload built twice differs in these."""


@dataclass
class Life:
    """One workload from its images to its end.

    inventory: a shipped one. change: (file of the source, text, another): what the second version is.
    steps: the name of a step → how many runs of its command it took. found: what is to be compared and to be zero.
    """

    cloud: Cloud
    folder: Path
    workload: str
    inventory: Path
    change: tuple[str, str, str]
    most_runs: int
    steps: dict[str, int] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)

    def live(self) -> None:
        """Raises PlaybookFailed if a command failed `most_runs` times."""
        source = self._source()
        images = ("playbooks/build.yml", "-e", f"image_context={source}", "-e", "image_allow_dirty=true")
        self._step("images", *images, "-e", "image_tag=v1")
        self._step("build", "site.yml")
        self.found["resources"] = built(self.cloud)
        self.found["second_run_changed"] = self._step("again", "site.yml").changed
        if self.workload == "sales":
            self._move()
        file, old, new = self.change
        text = (source / file).read_text()
        (source / file).write_text(text.replace(old, new))
        self._step("images of v2", *images, "-e", "image_tag=v2")
        self._step("deploy", "playbooks/deploy.yml", *APPROVED, "-e", "image_tag=v2")
        active = ",".join(regions_of(self.inventory))
        consent = ("-e", f"destroy={self.workload}", "-e", f"destroy_active={active}", "-e", "approve=true")
        self._step("destroy", "playbooks/destroy.yml", *consent)
        self.found["left"] = leftover_lines(self.cloud.ask("inventory"))

    def _move(self) -> None:
        """A failover and back, under traffic, counted from outside."""
        system = SalesSystem(self.cloud, self.inventory, self.folder)
        scene = Scene(system, "switch", "there and back", True, RATE, lambda _line: None)
        scene.open()
        try:
            approved = ("-e", "approve=true", "-e", "reason=trial")
            self._step("failover", "playbooks/failover.yml", "-e", f"to={RECOVERY}", *approved)
            self._step("failback", "playbooks/failback.yml", *approved)
        finally:
            sold = scene.stop_selling()
        evidence = scene.close().evidence
        assert evidence is not None
        self.found |= {"sold": sold.posted, "failed_requests": len(sold.failures)}
        self.found |= {name: len(getattr(evidence, name)) for name in ("lost", "duplicated", "wrong_content")}

    def _source(self) -> Path:
        source = self.folder / "source"
        for part in SOURCES:
            shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
        return source

    def _step(self, name: str, playbook: str, *arguments: str) -> Run:
        """Give a command until it succeeds, as an operator would."""
        while True:
            runs = self.steps[name] = self.steps.get(name, 0) + 1
            log = self.folder / "logs" / f"{name.replace(' ', '-')}-{runs}.log"
            began = time.monotonic()
            try:
                run = run_playbook(
                    playbook, self.inventory, self.cloud.env(), log, *arguments, timeout=PLAYBOOK_SECONDS
                )
            except PlaybookFailed as error:
                say(f"    {name}: run {runs} failed after {time.monotonic() - began:.0f} s, see {log}")
                if runs >= self.most_runs:
                    raise PlaybookFailed(f"{name} failed {runs} times: {str(error)[-1500:]}") from None
                continue
            say(f"    {name}: {run.seconds:.0f} s, {run.changed} tasks changed something")
            return run


LIVES: dict[str, dict[str, Any]] = {
    "sales": {
        "inventory": ROOT / "inventories" / "multiregion",
        "change": ("workloads/sales_common/__init__.py", "No rule of the switch", "Version 2. No rule of the switch"),
    },
    "goals": {
        "inventory": ROOT / "inventories" / "goals",
        "change": ("workloads/goals_api/__init__.py", "The goals API: takes", "Version 2. The goals API: takes"),
    },
}


def built(cloud: Cloud) -> dict[str, int]:
    """How many resources of each region, service and name there are, without what AWS makes up in names."""
    return dict(Counter(MADE_UP.sub("…", line) for line in leftover_lines(cloud.ask("inventory"))))


def live(name: str, folder: Path, most_runs: int, **account: Any) -> Life:
    """A workload's life on an account of its own; what went wrong with its end is in `found["trouble"]`."""
    with Cloud(folder / "cloud", port=0, door_port=0, **account) as cloud:
        life = Life(cloud, folder, name, most_runs=most_runs, **LIVES[name])
        try:
            life.live()
        except PlaybookFailed as error:
            life.found["trouble"] = str(error)
        return life


ZERO: dict[str, Callable[[Any], int]] = {
    "second_run_changed": int,
    "lost": int,
    "duplicated": int,
    "wrong_content": int,
    "failed_requests": int,
    "left": len,
}


def judge(name: str, life: Life, patient: Life) -> list[str]:
    """What is not as it should be, in words."""
    wrong = [f"{name}: {life.found['trouble']}"] if "trouble" in life.found else []
    for figure, count in ZERO.items():
        if figure in life.found and count(life.found[figure]):
            wrong.append(f"{name}: {figure} {life.found[figure]}")
    here, there = life.found.get("resources", {}), patient.found.get("resources", {})
    for line in sorted({*here, *there}):
        if here.get(line, 0) != there.get(line, 0):
            wrong.append(f"{name}: {here.get(line, 0)} of {line}, expected {there.get(line, 0)}")
    return wrong


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    folder = empty_folder(options.folder)
    account = {
        "eventual": options.eventual,
        "slow": options.slow,
        "throttled_share": options.throttled_share,
        "lost_share": options.lost_share,
    }
    most_runs = MOST_RUNS if options.throttled_share or options.lost_share else 1
    wrong: list[str] = []
    told: dict[str, Any] = {}
    try:
        for name in options.workloads or list(LIVES):
            say(f"{name} on a patient account …")
            patient = live(name, folder / name / "patient", 1)
            wrong += judge(f"{name}, patient", patient, patient)
            told[name] = {"patient": patient.found, "rounds": []}
            for number in range(1, options.rounds + 1):
                say(f"{name} on a new account, round {number} of {options.rounds} …")
                life = live(name, folder / name / str(number), most_runs, **account, seed=number)
                wrong += judge(f"{name}, round {number}", life, patient)
                told[name]["rounds"].append({"runs": life.steps, "found": life.found})
            wrong += tell_runs(name, [each["runs"] for each in told[name]["rounds"]])
    except CloudError as error:
        say(f"The embedded cloud did not start.\n{error}")
        return 1
    (folder / "summary.json").write_text(json.dumps(told, indent=1) + "\n")
    for line in wrong:
        say(f"  {line}")
    say(verdict([f"{len(wrong)} findings"] if wrong else [], "Every life ended as on a patient account."))
    return 1 if wrong else 0


def tell_runs(name: str, rounds: list[dict[str, int]]) -> list[str]:
    """Print how many runs each command took; returns the commands whose median is more than one."""
    wrong = []
    for step in rounds[0]:
        runs = [each[step] for each in rounds if step in each]
        say(f"  {step:<14} runs: {' '.join(map(str, runs))}, median {statistics.median(runs):g}")
        if statistics.median(runs) > 1:
            wrong.append(f"{name}: {step} takes {statistics.median(runs):g} runs")
    return wrong


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m drills.new_account", description=__doc__)
    parser.add_argument("workloads", nargs="*", metavar="workload", help=f"of {', '.join(LIVES)}; without any, all")
    parser.add_argument("--eventual", type=float, default=2.0, help="how long at most new things stay hidden (2 s)")
    parser.add_argument("--slow", type=float, default=3.0, help="what every delay is multiplied with (3)")
    parser.add_argument("--throttled-share", type=float, default=0.0, help="share of calls that are throttled (0)")
    parser.add_argument("--lost-share", type=float, default=0.0, help="share of calls whose answers are lost (0)")
    parser.add_argument("--rounds", type=int, default=1, help="how many lives on a new account (1)")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "new-account", help="where the results go")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.workloads) - set(LIVES))
    if unknown:
        parser.error(f"no workload is called {', '.join(unknown)}; the workloads are {', '.join(LIVES)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
