# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments whose images ECR has scanned: refused, waited for, ended in a later wave, and never in the way back."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from tests.support.deployed_regions import World
from tests.support.release_records import entries, is_settled
from tests.support.scanned_images import Registry, digest_of, host_in, result
from tests.support.workload_tables import Workload

A, B = "sa-east-1", "us-east-1"
STRICT = {"scan_stops_at": "HIGH"}


@pytest.fixture
def scanned(world: World) -> World:
    """The workload with its images in ECR: v1 was never scanned, v2 is clean."""
    for name, region in world.regions.items():
        for service in world.services:
            region.make(service, f"{host_in(name)}/shop/{service}@{digest_of('v1')}")
        world.registries[name] = Registry("v1", "v2", "v3")
        world.registries[name].scanned("v2", result())
    return world


def runs(world: World) -> dict[str, set[str]]:
    names = {digest_of(name): name for name in ("v1", "v2", "v3")}
    return {r: {names[image.partition("@")[2]] for image in images} for r, images in world.images().items()}


def test_findings_refuse_a_deployment_before_anything_is_changed(scanned: World, tables: Workload) -> None:
    for name in (A, B):
        scanned.registries[name].scanned("v3", result(("CRITICAL", "CVE-1"), ("LOW", "CVE-2")))
    for check in (True, False):
        with pytest.raises(
            CollectionError, match=r"1 CRITICAL in shop/api@\S+ in us-east-1, sa-east-1.*CVE-1"
        ) as error:
            scanned.deploy(":v3", check=check, **STRICT)
        assert str(error.value).startswith("Nothing was deployed to workload sales: ECR found")
    assert runs(scanned) == {A: {"v1"}, B: {"v1"}} and not scanned.writes and entries() == []
    made = scanned.deploy(":v3", scan_accepts=["CVE-1"], **STRICT)
    assert runs(scanned) == {A: {"v3"}, B: {"v3"}} and made["changed"]


def test_a_clean_image_is_deployed_with_a_scan_before_each_wave(scanned: World, tables: Workload) -> None:
    foretold = scanned.deploy(":v2", check=True, **STRICT)
    made = scanned.deploy(":v2", **STRICT)
    assert made["changes"] == foretold["changes"] and runs(scanned) == {A: {"v2"}, B: {"v2"}}
    assert [each["region"] for each in made["steps"] if each["step"] == "scan"] == [B, A]
    assert "images in which ECR finds HIGH or worse stop it before their wave" in foretold["sentences"]
    assert not scanned.deploy(":v2", **STRICT)["changed"] and is_settled(scanned, tables)
    # Going back is never stopped: of v1 there is no result.
    scanned.rollback(**STRICT)
    assert runs(scanned) == {A: {"v1"}, B: {"v1"}} and is_settled(scanned, tables)


def test_a_scan_under_way_is_waited_for_before_the_wave(scanned: World, tables: Workload) -> None:
    pending = result(status="IN_PROGRESS")
    for name in (A, B):
        scanned.registries[name].scanned("v3", *[pending] * 6, result())
    told = scanned.deploy(":v3", check=True, **STRICT)["sentences"]
    assert any("is IN_PROGRESS; the wave waits for it, 600 s at most" in each for each in told)
    scanned.deploy(":v3", **STRICT)
    assert runs(scanned) == {A: {"v3"}, B: {"v3"}}


def test_a_scan_that_does_not_end_stops_unless_results_are_not_required(scanned: World, tables: Workload) -> None:
    for name in (A, B):
        scanned.registries[name].scanned("v3", result(status="PENDING"))
    with pytest.raises(CollectionError, match=r"the scan of shop/api@\S+ in us-east-1, which is PENDING") as error:
        scanned.deploy(":v3", scan_timeout=0.05, **STRICT)
    assert f"{B}, {A} were not begun. {B} runs shop/api@" in str(error.value)
    assert runs(scanned) == {A: {"v1"}, B: {"v1"}} and is_settled(scanned, tables)
    assert entries()[-1]["outcome"].startswith("failed: Waited")
    scanned.deploy(":v3", scan_timeout=0.05, scan_required=False, **STRICT)
    assert runs(scanned) == {A: {"v3"}, B: {"v3"}}


def test_what_is_found_later_stops_the_wave_that_it_is_found_in(scanned: World, tables: Workload) -> None:
    scanned.registries[B].scanned("v3", result())
    bad = result(("HIGH", "CVE-7"))
    scanned.registries[A].scanned("v3", *[result(status="IN_PROGRESS")] * 4, bad)
    with pytest.raises(CollectionError, match="CVE-7") as error:
        scanned.deploy(":v3", **STRICT)
    assert f"{A} was not begun. {B} runs shop/api:v3" in str(error.value)
    assert runs(scanned) == {A: {"v1"}, B: {"v3"}} and is_settled(scanned, tables)


def test_a_region_that_has_the_image_later_is_scanned_when_it_has_it(scanned: World, tables: Workload) -> None:
    scanned.registries[B].scanned("v3", result())
    scanned.registries[A].tags.remove("v3")

    def arrive(operation: str, arguments: dict[str, Any]) -> None:
        if operation == "update_service":
            scanned.registries[A].tags = ["v1", "v2", "v3"]

    scanned.watchers.append(arrive)
    with pytest.raises(CollectionError, match=f"ECR has not scanned shop/api@.* in {A}, so nothing says"):
        scanned.deploy(":v3", **STRICT)
    assert runs(scanned) == {A: {"v1"}, B: {"v3"}} and is_settled(scanned, tables)


def test_images_elsewhere_are_told_and_not_scanned(world: World) -> None:
    told = world.deploy(":v2", check=True, **STRICT)
    assert "  shop/api:v2 is not in ECR, and is not scanned" in told["sentences"]
    assert not [each for each in told["changes"] if each["name"] == "scan"]
    assert not any("ECR" in each for each in world.deploy(":v2", check=True)["sentences"])


def test_an_image_for_another_processor_is_refused_before_anything_is_changed(scanned: World, tables: Workload) -> None:
    for name in (A, B):
        scanned.registries[name].lists[digest_of("v3")] = {"arm64": digest_of("part")}
    for check in (True, False):
        with pytest.raises(
            CollectionError, match=r"service api in us-east-1: the image shop/api@\S+ is for linux/arm64, and"
        ) as error:
            scanned.deploy(":v3", check=check)
        assert "runtime_platform asks for linux/amd64" in str(error.value)
    assert runs(scanned) == {A: {"v1"}, B: {"v1"}} and not scanned.writes and entries() == []
    for name in (A, B):
        scanned.registries[name].lists[digest_of("v3")]["amd64"] = digest_of("other part")
    scanned.deploy(":v3")
    assert runs(scanned) == {A: {"v3"}, B: {"v3"}}
