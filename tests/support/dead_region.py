# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of a region that is dead type, from docs/runbook.md, and what they see of it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any

import pytest

from harness.playbooks import ROOT
from localcloud import Cloud
from tests.support.site import Play

A, B, LEASE_ONLY = "sa-east-1", "us-east-1", "us-east-2"
"""ACTIVE and the first region; the lease's first; the lease's second."""

RUNBOOK = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
OWED, PAID = "create", "delete"


@pytest.fixture(scope="module")
def built(play: Play) -> None:
    play("site.yml")


@pytest.fixture
def typed(play: Play) -> Callable[..., tuple[str, list[dict[str, Any]]]]:
    """Plays the commands with site.yml of a section of the runbook; gives what was printed, and the changes."""

    def type_it(section: str, number: int = 0) -> tuple[str, list[dict[str, Any]]]:
        text = RUNBOOK.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
        lines = re.findall(r"^ansible-playbook (site.yml -i inventories/multiregion.*)$", text, re.MULTILINE)
        playbook, _option, _inventory, *words = shlex.split(lines[number])
        done, changes = play(playbook, *words)
        return " ".join(done.output.split()), changes

    return type_it


def debts(changes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Those of what is owed, which are all that there are."""
    assert {change["kind"] for change in changes} <= {"region_debt"}, changes
    return sorted((change["action"], change["name"]) for change in changes)


def status(play: Play) -> str:
    return " ".join(play("playbooks/status.yml")[0].output.split())


def asked_of(cloud: Cloud, region: str) -> int:
    return int(cloud.ask("observe?table=sales-state&parameter=/p")["asked"].get(region, 0))
