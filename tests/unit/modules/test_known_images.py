# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference images are refused unless the inventory declares what keeps a failover from losing sales with them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_check import MODULE, problems
from tests.support.modules import checked

Params = dict[str, Any]
REPOSITORY = Path(__file__).resolve().parents[3]
REGIONS = [
    {"name": "sa-east-1", "role": "primary", "state": "ACTIVE"},
    {"name": "us-east-1", "role": "recovery", "state": "PASSIVE"},
]


def shipped(name: str) -> Params:
    """What preflight is told of `inventories/multiregion-reference`, as far as images matter."""
    values: Params = {}
    for file in ("service", "switch"):
        path = REPOSITORY / "inventories" / name / "group_vars" / "all" / f"{file}.yml"
        values.update(yaml.safe_load(path.read_text(encoding="utf-8")))
    services = values["service_definitions"]
    for service in services:
        if isinstance(service["image"], str):
            service["image"] = service["image"].replace("{{ sales_", "").replace("_image }}", "")
            service["image"] = values.get(f"sales_{service['image']}_image", service["image"])
    return {
        "workload": "sales",
        "regions": REGIONS,
        "services": services,
        "reconcile": values["switch_reconcile"],
        "proof": values["switch_proof"],
    }


def findings(*edits: Callable[[Params], Any]) -> list[str]:
    params = copy.deepcopy(shipped("multiregion-reference"))
    for edit in edits:
        edit(params)
    return problems(checked(MODULE, **params))


def test_the_inventory_we_ship_for_them_names_them_and_is_sound() -> None:
    images = [service["image"] for service in shipped("multiregion-reference")["services"]]
    assert images == ["fidelissauro/sales-rest-api:latest", "fidelissauro/sales-worker:latest"]
    assert findings() == []


def test_without_any_declaration_everything_that_is_missing_is_told_at_once() -> None:
    default = shipped("multiregion")

    def undeclare(params: Params) -> None:
        del params["services"][1]["passive_behaviour"]
        params.update(reconcile=default["reconcile"], proof=default["proof"])

    found = findings(undeclare)
    assert len(found) == 3
    for words in ("Declare passive_behaviour: drops", "Declare scan: true", "Remove claims from switch_proof"):
        assert any(words in text for text in found), found
    assert all("inventories/multiregion-reference declares all of it" in text for text in found)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (
            lambda p: p["services"][1].update(passive_behaviour="keeps"),
            "services[sales-worker].image is fidelissauro/sales-worker:latest, which deletes the messages that it "
            "receives in a region that is not ACTIVE, and passive_behaviour is keeps: a failover would lose them.",
        ),
        (lambda p: p.update(reconcile=[]), "has no entry with scan: true for table sales"),
        (lambda p: p["reconcile"][0].update(scan="false"), "has no entry with scan: true for table sales"),
        (lambda p: p["reconcile"][0].update(table="others"), "has no entry with scan: true for table sales"),
        (
            lambda p: p["reconcile"][0].pop("done_table"),
            "reconcile[sales].done_table (switch_reconcile) is None; expected sales-idempotency",
        ),
        (
            lambda p: p["reconcile"][0].update(done_table="sales"),
            "reconcile[sales].done_table (switch_reconcile) is 'sales'; expected sales-idempotency",
        ),
        (
            lambda p: p["proof"].update(claims="sales-idempotency"),
            "proof.claims (switch_proof) is 'sales-idempotency', but services[sales-worker].image is fidelissauro/",
        ),
    ],
)
def test_each_missing_declaration_is_told(edit: Callable[[Params], Any], expected: str) -> None:
    (found,) = findings(edit)
    assert expected in found and "docs/switch.md" in found


def test_one_container_of_several_is_found_too() -> None:
    def contain(params: Params) -> None:
        worker = params["services"][1]
        worker["containers"] = [{"name": "main", "image": worker.pop("image")}]
        worker["passive_behaviour"] = "keeps"

    assert any("services[sales-worker].containers[main].image is fidelissauro/" in text for text in findings(contain))


def test_a_copy_behaves_as_what_it_was_copied_from() -> None:
    def mirror(params: Params) -> None:
        worker = params["services"][1]
        source = f"docker.io/{worker['image']}@sha256:{'0' * 64}"
        params["mirrors"] = [{"repository": "sales/copy", "source": source}]
        worker.update(image={"repository": "sales/copy"}, passive_behaviour="keeps")

    (found,) = findings(mirror)
    assert "services[sales-worker].image is docker.io/fidelissauro/sales-worker:latest@sha256:0" in found


@pytest.mark.parametrize(
    "edit",
    [
        lambda p: p.update(regions=REGIONS[:1]),
        lambda p: p.update(services=shipped("multiregion")["services"]),
    ],
    ids=["one region has nowhere to fail over to", "other images"],
)
def test_nothing_is_asked_of(edit: Callable[[Params], Any]) -> None:
    def undeclare(params: Params) -> None:
        params["services"][1]["passive_behaviour"] = "keeps"
        params["reconcile"] = []

    assert findings(undeclare, edit) == []


def test_what_was_not_told_is_not_missed() -> None:
    assert findings(lambda p: p.update(reconcile=None, proof=None)) == []


def test_what_both_inventories_say_of_a_switch_is_the_same() -> None:
    folders = [
        REPOSITORY / "inventories" / name / "group_vars" / "all" for name in ("multiregion", "multiregion-reference")
    ]
    ours, theirs = (yaml.safe_load((folder / "switch.yml").read_text(encoding="utf-8")) for folder in folders)
    assert {name for name in ours if ours[name] != theirs.get(name)} == {
        "switch_reconcile",
        "switch_proof",
        "switch_lake",
    }
    assert ours.keys() == theirs.keys()
    own = {path.name for path in folders[1].iterdir() if not path.is_symlink()}
    assert own == {"messaging.yml", "service.yml", "switch.yml"}
