# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of a site is without the regions that it retires, and that a removal forgets no recorded region."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

REPOSITORY = Path(__file__).resolve().parents[3]
REGIONS = ["sa-east-1", "us-east-1", "eu-west-1"]


def read(path: str) -> Any:
    return DataLoader().load_from_file(str(REPOSITORY / path), trusted_as_template=True)


def told(expression: Any, **variables: Any) -> Any:
    return Templar(DataLoader(), variables={"groups": {"regions": REGIONS}, **variables}).template(expression)


@pytest.mark.parametrize(
    ("said", "retired"),
    [
        ({}, []),
        ({"retire": "eu-west-1"}, ["eu-west-1"]),
        ({"retire": "[us-east-1, eu-west-1]"}, ["us-east-1", "eu-west-1"]),
        ({"retire": ["us-east-1"]}, ["us-east-1"]),
    ],
)
def test_the_other_regions_are_built_in_the_order_of_the_inventory(said: dict[str, Any], retired: list[str]) -> None:
    check, *plays = read("playbooks/site.yml")
    variables = {**check["vars"], **said}
    assert told(check["vars"]["site_retired"], **variables) == retired
    stays = [region for region in REGIONS if region not in retired]
    assert told(check["vars"]["site_regions"], **variables) == stays
    context = read("roles/context/defaults/main.yml")
    assert told(context["context_regions"], **{**context, "context_retired": retired}) == stays
    (build,) = [play for play in plays if play["name"].startswith("Build every region")]
    assert told(build["hosts"], **variables) == ":!".join(["regions", *retired])


def test_a_region_that_is_given_up_is_one_that_is_dead_and_none_that_is_removed() -> None:
    check, *plays = read("playbooks/site.yml")
    said = {"retire": "us-east-1,eu-west-1", "dead": "eu-west-1", "give_up": "eu-west-1"}
    variables = {**check["vars"], **said}
    assert told(check["vars"]["site_removed"], **variables) == ["us-east-1"]
    assert told(check["vars"]["site_regions"], **variables) == ["sa-east-1", "eu-west-1"]
    hosts = {play["name"]: told(play["hosts"], **variables) for play in plays if "hosts" in play}
    assert hosts["Build every region, and connect them"] == "regions:!us-east-1:!eu-west-1"
    assert hosts["Remove the regions that are retired"] == "us-east-1"
    assert hosts["Take the regions that are retired out of the record"] == "control"


@pytest.mark.parametrize(
    ("host", "region"), [("eu-west-1", "eu-west-1"), ("us-east-1", "us-east-1"), ("localhost", "sa-east-1")]
)
def test_a_region_that_is_retired_is_asked_of_its_own_endpoint(host: str, region: str) -> None:
    context = {**read("roles/context/defaults/main.yml"), "context_retired": ["eu-west-1"], "inventory_hostname": host}
    assert told(context["context_region"], **context) == region


def test_a_removal_forgets_no_recorded_region() -> None:
    (asked,) = read("roles/removal/tasks/main.yml")
    (task,) = [each for each in asked["block"] if each["name"] == "Check that no recorded region is forgotten"]
    forgotten = task["vars"]["removal_forgotten"]
    states = dict.fromkeys([*REGIONS, "us-west-1"], "PASSIVE")
    assert told(forgotten, removal_states={"states": states}) == ["us-west-1"]
    assert told(forgotten, removal_states={"states": dict.fromkeys(REGIONS, "PASSIVE")}) == []
