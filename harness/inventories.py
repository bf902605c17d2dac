# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventories of the sales system as they are shipped, and copies in which something is different."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from harness.playbooks import ROOT

PRIMARY, RECOVERY, THIRD = "sa-east-1", "us-east-1", "eu-west-1"
"""The regions of the shipped inventory, and one that a copy may have besides."""

ZONE, DOMAIN = "example.com", "sales.example.com"
"""The hosted zone in which a copy with an API has its domain."""


def default_inventory() -> Path:
    return ROOT / "inventories" / "multiregion"


def reference_inventory() -> Path:
    """The one for the reference images."""
    return ROOT / "inventories" / "multiregion-reference"


def regions_of(inventory: Path) -> dict[str, dict[str, Any]]:
    """The regions of an inventory, in its order, with their variables."""
    return _regions_in(yaml.safe_load((inventory / "hosts.yml").read_text()))


def copy_inventory(folder: Path, shipped: Path | None = None) -> Path:
    """A copy of a shipped inventory, the default one unless said, which becomes `folder`."""
    return Path(shutil.copytree(shipped or default_inventory(), folder))


@contextmanager
def edit_regions(inventory: Path) -> Iterator[dict[str, dict[str, Any]]]:
    """The regions of a copy, with their variables; what is done to them is written back."""
    with _edited(inventory / "hosts.yml") as hosts:
        yield _regions_in(hosts)


@contextmanager
def edit_variables(inventory: Path, name: str) -> Iterator[dict[str, Any]]:
    """The variables in `group_vars/all/<name>.yml` of a copy; what is done to them is written back."""
    with _edited(inventory / "group_vars" / "all" / f"{name}.yml") as variables:
        yield variables


def add_third_region(inventory: Path, state: str) -> None:
    """One more host in a copy, which is all that a region takes."""
    with edit_regions(inventory) as regions:
        regions[THIRD] = {"region_role": "recovery", "region_state": state, "region_cidr": "10.30.0.0/16"}


def put_api_in_front(inventory: Path, kind: str = "rest", **routing: Any) -> None:
    """Have the customers of a copy come by an API under `DOMAIN`, and by load balancers that are internal.

    kind: rest or http, as in `edge_api`.  `routing` are variables beside.
    """
    with edit_variables(inventory, "edge") as variables:
        variables |= {"edge_api": kind, "edge_api_domain": DOMAIN}
        if kind == "http":
            variables["edge_api_security_groups"] = ["edge"]
        behind = variables["edge_load_balancers"][0]
        behind |= {"scheme": "internal", "subnets": "private"}
        group = {"name": "to-api", "port": 80, "target_type": "alb", "targets": [{"load_balancer": behind["name"]}]}
        front = {"name": "front", "type": "network", "scheme": "internal", "subnets": "private"}
        front |= {"target_groups": [group], "listeners": [{"port": 80, "default": {"target_group": "to-api"}}]}
        variables["edge_load_balancers"].append(front)
        variables["edge_api_load_balancer"] = "front"
    with edit_variables(inventory, "routing") as variables:
        variables |= routing


def domain_of(inventory: Path) -> str:
    """The domain of an inventory's API, or "" if it has none."""
    variables = yaml.safe_load((inventory / "group_vars" / "all" / "edge.yml").read_text())
    return str(variables["edge_api_domain"]) if variables.get("edge_api", "none") != "none" else ""


@contextmanager
def _edited(file: Path) -> Iterator[dict[str, Any]]:
    content = yaml.safe_load(file.read_text())
    yield content
    file.write_text(yaml.safe_dump(content, sort_keys=False))


def _regions_in(hosts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return hosts["all"]["children"]["regions"]["hosts"]
