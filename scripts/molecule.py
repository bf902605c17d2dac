#!/usr/bin/env python3
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs Molecule scenarios on one embedded cloud: `scripts/molecule.py [SCENARIO …]`.

They run one after the other, and each must leave the cloud empty for the next: beside the integration tests, two at a
time leave a cloud without an answer for seconds. A scenario on its own (`molecule test -s sales` in extensions/) uses
whatever the environment points at.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
SCENARIOS = REPOSITORY / "extensions" / "molecule"
BIN = Path(sys.executable).parent

sys.path.insert(0, str(REPOSITORY))

from localcloud import Cloud  # noqa: E402


def test(scenario: str, cloud: Cloud) -> int:
    """Molecule's full sequence; 0 if it passed and its clean-up left nothing behind."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    inherited |= {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_HOME": str(REPOSITORY / "build" / "molecule" / "ansible"),
        "COLUMNS": os.environ.get("COLUMNS", "160"),
    }
    # What an earlier scenario that failed has left is its own.
    before = cloud.ask("inventory")["resources"]
    with tempfile.TemporaryFile() as printed:
        command = [BIN / "molecule", "--base-config", SCENARIOS / "config.yml", "test", "--scenario-name", scenario]
        environment = inherited | cloud.env()
        done = subprocess.run(
            command, cwd=REPOSITORY, env=environment, stdout=printed, stderr=subprocess.STDOUT, check=False
        )
        status, left = done.returncode, cloud.ask("inventory")
        printed.seek(0)
        print(printed.read().decode(errors="replace"), flush=True)
    if status == 0 and left["count"] and left["resources"] != before:
        print(f"molecule: {scenario} left behind: {json.dumps(left['resources'], indent=2)}")
        return 1
    return status


def main(arguments: list[str]) -> int:
    known = sorted(path.parent.name for path in SCENARIOS.glob("*/molecule.yml"))
    scenarios = arguments or known
    if unknown := sorted(set(scenarios) - set(known)):
        sys.exit(f"molecule: no scenario {', '.join(unknown)}; there are {', '.join(known)}")
    with Cloud(home=REPOSITORY / "build" / "molecule" / "cloud", port=0, door_port=0) as cloud:
        failed = [scenario for scenario in scenarios if test(scenario, cloud)]
    print(f"molecule: {len(scenarios) - len(failed)} of {len(scenarios)} scenarios passed", flush=True)
    return int(bool(failed) or not scenarios)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
