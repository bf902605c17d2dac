# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each role and each playbook has a Molecule scenario, and `make test` runs it: once, in the chain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
SCENARIOS = ROOT / "extensions" / "molecule"
ORDER: list[str] = yaml.safe_load((SCENARIOS / "order.yml").read_text())
NO_VERB = {"playbook_whole"}
"""A part of other playbooks, which nobody runs."""


def of_roles_and_playbooks() -> set[str]:
    roles = {f"role_{folder.name}" for folder in (ROOT / "roles").iterdir() if folder.is_dir()}
    return roles | {f"playbook_{path.stem}" for path in (ROOT / "playbooks").glob("*.yml")} - NO_VERB


def test_each_role_and_each_playbook_has_a_scenario() -> None:
    assert {path.parent.name for path in SCENARIOS.glob("*/molecule.yml")} == of_roles_and_playbooks()


def test_the_chain_names_every_scenario_once() -> None:
    assert sorted(ORDER) == sorted(of_roles_and_playbooks())


def test_the_chain_ends_with_nothing() -> None:
    assert ORDER[-1] == "playbook_destroy"


@pytest.mark.parametrize("name", ORDER)
def test_a_scenario_plays_what_it_is_named_for_and_looks_at_what_came_of_it(name: str) -> None:
    kind, _, subject = name.partition("_")
    folder = SCENARIOS / name
    converge = (folder / "converge.yml").read_text()
    for included in re.findall(r"include_tasks: \.\./(shared/tasks/\w+\.yml)", converge):
        converge += (SCENARIOS / included).read_text()
    played = rf"multiregion\.ecs\.{subject}\b" if kind == "role" else rf"/(playbooks/)?{subject}\.yml\b"
    assert re.search(played, converge)
    verify = (folder / "verify.yml").read_text()
    looks = [verify] + [(SCENARIOS / part).read_text() for part in re.findall(r"shared/tasks/\w+\.yml", verify)]
    assert any(re.search(r"ansible\.builtin\.(assert|uri):", text) for text in looks)


@pytest.mark.parametrize("name", ORDER)
def test_what_is_not_run_twice_says_why(name: str) -> None:
    """In the chain the second run of all roles is that of playbook_site; a role alone is run twice."""
    text = (SCENARIOS / name / "molecule.yml").read_text()
    sequence = ((yaml.safe_load(text) or {}).get("scenario") or {}).get("test_sequence")
    whole = ["prepare", "converge", "idempotence", "verify", "cleanup"]
    says_why = re.search(r"^# Without idempotence: \w", text, re.MULTILINE)
    if sequence is None:
        assert name.startswith("role_") and not says_why
    else:
        assert sequence == [step for step in whole if step != "idempotence" or not says_why]


def test_the_chain_runs_all_roles_a_second_time() -> None:
    chain = yaml.safe_load((SCENARIOS / "chain.yml").read_text())["scenario"]["test_sequence"]
    site = yaml.safe_load((SCENARIOS / "playbook_site" / "molecule.yml").read_text())["scenario"]["test_sequence"]
    assert chain == ["converge", "verify"] and "idempotence" in site
