# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo-goals`: exits with 1 when a figure is not as it should be. Everything it leaves is in `--folder`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from demos.goals.story import Story
from harness.console import empty_folder, say, verdict
from harness.playbooks import ROOT, PlaybookFailed
from localcloud import Cloud, CloudError


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m demos.goals", description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "demo-goals", help="where the results go")
    folder = empty_folder(parser.parse_args(arguments).folder)
    began = time.monotonic()
    try:
        with Cloud(home=folder / "cloud", port=0, door_port=0) as cloud:
            say(f"The embedded cloud answers at {cloud.endpoint}, its front door at {cloud.door}.")
            story = Story(cloud, folder, tell=say)
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
    for name, value in story.figures.items():
        say(f"  {name.replace('_', ' '):<34} {value}")
    told = verdict(story.wrong, "Every figure is as it should be.")
    say(f"\n{told} It took {time.monotonic() - began:.0f} s.\nSummary: {summary}")
    return 1 if story.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
