# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When states are written before the services, and that they are not written twice in one run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

REPOSITORY = Path(__file__).resolve().parents[3]
NEW, KNOWN = {"reachable": True, "parameter": None}, {"reachable": True, "parameter": "PASSIVE"}
SILENT = {"reachable": False, "parameter": None}


def read(path: str) -> Any:
    return DataLoader().load_from_file(str(REPOSITORY / path), trusted_as_template=True)


def holds(conditions: Any, **variables: Any) -> bool:
    templar = Templar(DataLoader(), variables=variables)
    listed = conditions if isinstance(conditions, list) else [conditions]
    return all(templar.evaluate_conditional(each) for each in listed)


@pytest.mark.parametrize(
    ("regions", "written"),
    [((NEW, NEW), True), ((KNOWN, NEW), True), ((KNOWN, KNOWN), False), ((KNOWN, SILENT), False)],
)
def test_states_are_written_early_only_where_a_region_has_none(regions: tuple[Any, ...], written: bool) -> None:
    condition = read("roles/toggle/tasks/early.yml")[1]["when"]
    found = {f"region-{number}": each for number, each in enumerate(regions)}
    assert holds(condition, toggle_recorded={"regions": found}) is written


@pytest.mark.parametrize(
    ("earlier", "again"),
    [
        ({}, True),
        ({"toggle_made": {"changed": False}}, True),
        ({"toggle_made": {"changed": False, "skipped": True}}, True),
        ({"toggle_made": {"changed": True}}, False),
    ],
)
def test_after_the_services_they_are_written_unless_they_were_before(earlier: dict[str, Any], again: bool) -> None:
    plays = read("playbooks/site.yml")
    roles = [task for play in plays for task in play.get("tasks", []) if "ansible.builtin.import_role" in task]
    written = {"name": "multiregion.ecs.toggle", "rolespec_validate": False}
    (late,) = [task for task in roles if task["ansible.builtin.import_role"] == written]
    regions = ["sa-east-1", "us-east-1"]
    assert holds(late["when"], site_regions=regions, site_failed=[], **earlier) is again
    assert not holds(late["when"], site_regions=regions, site_failed=["us-east-1"], **earlier)
