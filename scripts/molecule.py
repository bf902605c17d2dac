#!/usr/bin/env python3
# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs Molecule's scenarios on one embedded cloud: `scripts/molecule.py [SCENARIO …]`.

All of them are one chain, in the order of extensions/molecule/order.yml: each stands on what those before it
have built, and the last one removes all. Those that are named run alone, one after the other: each builds what is
beneath it, and removes all. Either way the cloud must be as empty in the end as it was before.

Without this script, `molecule test -s role_network` at the root of the repository runs a scenario alone, where the
environment points, which must be this machine.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
SCENARIOS = REPOSITORY / "extensions" / "molecule"
BIN = Path(sys.executable).parent

sys.path.insert(0, str(REPOSITORY))

from localcloud import Cloud  # noqa: E402
from tests.support.prepared_playbooks import prepared_playbooks  # noqa: E402

ANSIBLE = {
    "ANSIBLE_HOME": str(REPOSITORY / "build" / "molecule" / "ansible"),
    "ANSIBLE_LOOKUP_PLUGINS": str(SCENARIOS / "shared" / "lookup"),
}


def order() -> list[str]:
    """The names of all scenarios, as the chain has them."""
    return list(yaml.safe_load((SCENARIOS / "order.yml").read_text(encoding="utf-8")))


def test(scenarios: list[str], cloud: Cloud, commands: Path, *more: str) -> bool:
    """Whether Molecule's sequences of these scenarios passed, and left nothing behind. commands: come first in PATH."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = {
        **inherited,
        **cloud.env(),
        **ANSIBLE,
        "PATH": os.pathsep.join([str(commands), str(BIN), os.environ["PATH"]]),
        "COLUMNS": os.environ.get("COLUMNS", "160"),
    }
    # What an earlier scenario that failed has left is its own.
    before = cloud.ask("inventory")["resources"]
    began = time.monotonic()
    named = [word for scenario in scenarios for word in ("--scenario-name", scenario)]
    command = [BIN / "molecule", "--base-config", SCENARIOS / "config.yml", *more, "test", *named]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, stderr=subprocess.STDOUT, check=False)
    left = cloud.ask("inventory")
    print(f"molecule: {', '.join(scenarios)}: {time.monotonic() - began:.0f} s", flush=True)
    if done.returncode == 0 and left["count"] and left["resources"] != before:
        print(f"molecule: left behind: {json.dumps(left['resources'], indent=2)}", flush=True)
        return False
    return done.returncode == 0


def main(arguments: list[str]) -> int:
    if unknown := sorted(set(arguments) - set(order())):
        sys.exit(f"molecule: no scenario {', '.join(unknown)}; there are {', '.join(order())}")
    with (
        Cloud(home=REPOSITORY / "build" / "molecule" / "cloud", port=0, door_port=0) as cloud,
        # Molecule starts some two hundred, half of them to ask for the version.
        prepared_playbooks(ANSIBLE) as prepared,
        prepared.on_path() as commands,
    ):
        if arguments:
            return int(not all([test([scenario], cloud, commands) for scenario in arguments]))
        return int(not test(order(), cloud, commands, "--base-config", str(SCENARIOS / "chain.yml")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
