# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stories of demos have in common: chapters, playbooks that are run, and figures that must be as they are."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.console import empty_folder, say, verdict
from harness.playbooks import ROOT, PlaybookFailed, run_playbook
from localcloud import Cloud, CloudError


@dataclass
class Story:
    """One run of a demonstration. `tell` prints a line for a person; `wrong` gathers what was not as it should be.

    inventory: that of the playbooks; each story says which.
    """

    cloud: Cloud
    folder: Path
    tell: Callable[[str], None] = print
    figures: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    inventory: Path = ROOT

    def run(self) -> dict[str, Any]:
        """Tell the whole story; returns the figures.

        Raises:
            PlaybookFailed: a playbook that should succeed failed.
            RuntimeError: the system does not answer.
        """
        # Each story is a subclass that tells its own.
        raise NotImplementedError(type(self))

    def play(self, name: str, playbook: str, *arguments: str) -> str:
        """Run a playbook; its output goes to logs/<name>.log, and is returned."""
        log = self.folder / "logs" / f"{name}.log"
        run = run_playbook(playbook, self.inventory, self.cloud.env(), log, *arguments)
        self.tell(f"  {run.changed} tasks changed something, {run.seconds:.0f} s.")
        return run.output

    def expect(self, figure: str, found: Any, wanted: Any, least: int = 0) -> None:
        """Note a figure, and that it is wrong if it is not the one that is wanted, or less than `least`."""
        self.figures[figure] = found
        if found != wanted or (least and found < least):
            self.wrong.append(figure)
            self.tell(f"  NOT AS IT SHOULD BE: {figure} is {found}, expected {wanted}.")

    def chapter(self, title: str) -> None:
        self.tell(f"\n{title}")

    def write(self, began: float) -> Path:
        """Write what is known; returns the file."""
        path = self.folder / "summary.json"
        told = {**self.figures, "wrong": self.wrong, "seconds": round(time.monotonic() - began, 1)}
        path.write_text(json.dumps(told, indent=2) + "\n")
        return path


def tell_story(kind: type[Story], name: str, description: str | None, arguments: list[str] | None = None) -> int:
    """Run a story on an embedded cloud of its own; 1 when a figure is not as it should be, or it did not end."""
    parser = argparse.ArgumentParser(prog=f"python -m demos.{name}", description=description)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / f"demo-{name}", help="where the results go")
    folder = empty_folder(parser.parse_args(arguments).folder)
    began = time.monotonic()
    try:
        with Cloud(home=folder / "cloud", port=0, door_port=0) as cloud:
            say(f"The embedded cloud answers at {cloud.endpoint}, its front door at {cloud.door}.")
            story = kind(cloud, folder, tell=say)
            try:
                story.run()
            except (PlaybookFailed, OSError, RuntimeError) as error:
                story.wrong.append("not_finished")
                say(f"The demonstration failed.\n{error}")
            summary = story.write(began)
    except CloudError as error:
        say(f"The embedded cloud did not start.\n{error}")
        return 1
    say("")
    for figure, value in story.figures.items():
        say(f"  {figure.replace('_', ' '):<34} {value}")
    told = verdict(story.wrong, "Every figure is as it should be.")
    say(f"\n{told} It took {time.monotonic() - began:.0f} s.\nSummary: {summary}")
    return 1 if story.wrong else 0
