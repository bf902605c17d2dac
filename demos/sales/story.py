# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration, step by step, and the figures it ends with."""

from __future__ import annotations

import json
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from harness.inventories import regions_of
from harness.leftovers import leftover_lines
from harness.paths import paths
from harness.playbooks import Run
from harness.report.contents import build_report
from harness.report.page import write_page
from harness.report.response_times import PICKS
from harness.sales_system import SalesSystem
from harness.scene import Scene
from harness.traffic import Sales
from localcloud import Cloud

Answer = TypeVar("Answer")


@dataclass
class Story:
    """One run of the demonstration against one embedded cloud and one inventory.

    `sales` is how many must be acknowledged, `rate` how many are posted each second. `moves` says
    whether the workload fails over. `tell` prints a line for a person.
    """

    cloud: Cloud
    inventory: Path
    folder: Path
    sales: int = 300
    rate: float = 20.0
    moves: bool = True
    tell: Callable[[str], None] = print
    seconds: dict[str, float] = field(default_factory=dict)

    def run(self) -> dict[str, Any]:
        """Tell the whole story and return the summary, which is also written to `summary.json`.

        Raises:
            PlaybookFailed: a playbook ended with an error.
            RuntimeError: the public name is missing.
        """
        self.system = SalesSystem(self.cloud, self.inventory, self.folder)
        self.system.prepare_account()
        regions = self.system.regions
        images = self._step(f"Build the images and push them to {', '.join(regions)}", self.system.build_images)
        self.tell(f"  {images.changed} tasks changed something.")
        built = self._step(f"Build the workload in {', '.join(regions)}", lambda: self._play("build", "site.yml"))
        self.tell(f"  {built.changed} tasks changed something.")

        scene = Scene(self.system, "failover", "a failover under traffic", True, self.rate, self._quiet)
        scene.open()
        try:
            scene.note("build it again")
            again = self._step("Build it again, under traffic", lambda: self._play("again", "site.yml"))
            self.tell(f"  {again.changed} tasks changed something.")
            target = self._target() if self.moves else ""
            if target:
                scene.note(f"move it to {target}")
                self._step(
                    f"Move it to {target}, under traffic", lambda: scene.switch("failover.yml", "-e", f"to={target}")
                )
        finally:
            sold = scene.stop_selling(self.sales, patience=self.sales / self.rate * 3 + 30)
        self._tell_of(sold)

        self._step("Wait until all is processed, and count from the outside", scene.close)
        report = build_report(scene.record)
        status = self._play("status", "playbooks/status.yml")
        self.tell(table_in(status.output))

        leftovers = self._step("Take everything down", self._destroy)
        summary = self._summary(regions, scene, report["figures"], again, leftovers)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
        self.page.write_text(write_page(report), encoding="utf-8")
        return summary

    @property
    def page(self) -> Path:
        """What the failover looked like, second by second."""
        return self.folder / "failover.html"

    def _target(self) -> str:
        """The first region that is not ACTIVE by the inventory; "" where all are."""
        passive = (name for name, region in regions_of(self.inventory).items() if region["region_state"] != "ACTIVE")
        return next(passive, "")

    def _quiet(self, line: str) -> None:
        """What a scene tells is told by the story itself."""

    def _step(self, sentence: str, do: Callable[[], Answer]) -> Answer:
        self.tell(f"{sentence} …")
        began = time.monotonic()
        answer = do()
        self.seconds[sentence] = round(time.monotonic() - began, 1)
        self.tell(f"  done in {self.seconds[sentence]} s")
        return answer

    def _play(self, name: str, playbook: str, *arguments: str) -> Run:
        return self.system.play(name, playbook, *arguments)

    def _tell_of(self, sold: Sales) -> None:
        milliseconds = {name: pick(sold.seconds or [0.0]) * 1000 for name, pick in PICKS.items()}
        self.tell(
            f"  {sold.posted} sales acknowledged by {dict(sold.served_by)}, {len(sold.failures)} requests failed, "
            f"median {milliseconds['median']:.0f} ms, slowest {milliseconds['slowest']:.0f} ms"
        )
        for failure in sold.failures[:3]:
            self.tell(f"  failed: {failure}")

    def _destroy(self) -> list[str]:
        active = ",".join(regions_of(self.inventory))
        consent = ("-e", "destroy=sales", "-e", f"destroy_active={active}", "-e", "approve=true")
        self._play("destroy", "playbooks/destroy.yml", *consent)
        self.system.restore_account()
        left = self.cloud.ask("inventory")
        (self.folder / "leftovers.json").write_text(json.dumps(left, indent=2, default=str))
        return leftover_lines(left)

    def _summary(
        self, regions: list[str], scene: Scene, figures: dict[str, Any], again: Run, leftovers: list[str]
    ) -> dict[str, Any]:
        sold, evidence = scene.record.sales, scene.record.evidence
        failover = ("rto_seconds", "rpo_sales", "lost", "duplicated", "failed_requests")
        return {
            "posted": sold.posted,
            "processed": len(evidence.processed),
            "in_lake": len(evidence.in_lake),
            "lake_in_both_regions": len(evidence.in_every_lake),
            "lost": len(evidence.lost),
            "duplicated": len(evidence.duplicated),
            "wrong_content": len(evidence.wrong_content),
            "failed_requests": len(sold.failures),
            "second_run_changed": again.changed,
            "destroyed_leftovers": len(leftovers),
            "leftovers": leftovers,
            "failover": {name: figures[name] for name in failover} if scene.record.switches else None,
            "fences": [switch["fence"] for switch in figures["switches"]],
            "path": paths(sold, evidence),
            "traffic": [way for switch in figures["switches"] for way in switch["traffic"]],
            "regions": regions,
            "served_by": dict(sold.served_by),
            "seconds": self.seconds,
        }


def table_in(output: str) -> str:
    """The lines of the table that status.yml printed."""
    lines = [line.rstrip() for line in output.splitlines() if "│" in line or "─" in line or "copy of the map" in line]
    return textwrap.indent(textwrap.dedent("\n".join(lines)), "  ")
