# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make demo-goals`: exits with 1 when a figure is not as it should be. Everything it leaves is in `--folder`."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path

from demo.playbooks import ROOT, PlaybookFailed
from demo_goals.story import Story
from localcloud import Cloud, CloudError


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m demo_goals", description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "demo-goals", help="where the results go")
    folder = parser.parse_args(arguments).folder.resolve()
    began = time.monotonic()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
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
    verdict = f"Not as it should be: {', '.join(story.wrong)}." if story.wrong else "Every figure is as it should be."
    say(f"\n{verdict} It took {time.monotonic() - began:.0f} s.\nSummary: {summary}")
    return 1 if story.wrong else 0


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
