# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as the result of a scan, and which results stop an image."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.image_scan import (
    NOT_PUSHED,
    NOT_SCANNED,
    NOT_TOLD,
    ScanRule,
    folded,
    read_scan,
    refusals,
    why_not,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.images import EcrImage
from tests.support.scanned_images import ACCOUNT, Registry, digest_of, host_in, result

HIGH = ScanRule("HIGH")


class OneRegion:
    """As the part of `Cloud` that is used."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry

    def client(self, service: str, region: str | None = None) -> Any:
        return self.registry


def image(name: str = "v2", region: str = "us-east-1") -> EcrImage:
    return EcrImage(host_in(region), ACCOUNT, region, "shop/api", None, digest_of(name))


def scan(*answers: dict[str, Any], architecture: str = "amd64", region: str = "us-east-1") -> Any:
    registry = Registry("v2")
    registry.scanned("v2", *answers)
    return read_scan(OneRegion(registry), image(region=region), architecture)  # type: ignore[arg-type]


def test_findings_from_the_chosen_severity_on_stop_an_image() -> None:
    found = scan(result(("MEDIUM", "CVE-1"), ("HIGH", "CVE-2"), ("CRITICAL", "CVE-3"), ("LOW", "CVE-4")))
    said = why_not(found, HIGH)
    assert said and "1 CRITICAL, 1 HIGH in shop/api@" in said and "in us-east-1, besides 1 MEDIUM, 1 LOW" in said
    assert "CVE-3 (CRITICAL), CVE-2 (HIGH)." in said and "CVE-1" not in said
    assert why_not(scan(result(("MEDIUM", "CVE-1"))), HIGH) is None
    assert why_not(scan(result(("UNDEFINED", "CVE-1"))), ScanRule("LOW")) is None
    assert why_not(scan(result()), ScanRule("LOW")) is None


def test_accepted_findings_stop_nothing_and_the_others_do() -> None:
    found = scan(result(("HIGH", "CVE-1"), ("HIGH", "CVE-2")))
    assert why_not(found, ScanRule("HIGH", frozenset({"CVE-1", "CVE-2"}))) is None
    said = why_not(found, ScanRule("HIGH", frozenset({"CVE-1"})))
    assert said and "ECR found 1 HIGH" in said and "CVE-2" in said and "CVE-1" not in said


def test_findings_on_later_pages_are_read_and_only_some_are_named() -> None:
    first = result(*(("HIGH", f"CVE-{number}") for number in range(7)))
    second = result(("CRITICAL", "CVE-worst"))
    first["nextToken"] = "more"
    first["imageScanFindings"]["findingSeverityCounts"] = {"HIGH": 7, "CRITICAL": 1}
    said = why_not(scan(first, second), HIGH)
    assert said and "The worst: CVE-worst (CRITICAL), CVE-0 (HIGH)" in said and "and 3 more" in said


def test_enhanced_findings_count_and_tell_their_packages() -> None:
    details = {"vulnerabilityId": "CVE-9", "vulnerablePackages": [{"name": "zlib", "version": "1.2"}]}
    told = {
        "imageScanStatus": {"status": "ACTIVE"},
        "imageScanFindings": {
            "enhancedFindings": [{"severity": "CRITICAL", "packageVulnerabilityDetails": details}],
            "findingSeverityCounts": {"CRITICAL": 1, "UNTRIAGED": 2},
        },
    }
    said = why_not(scan(told), HIGH)
    assert said and "CVE-9 (CRITICAL, zlib 1.2)" in said and "2 UNTRIAGED" in said


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (None, NOT_SCANNED, "aws ecr start-image-scan --region us-east-1"),
        (result(status="FAILED", description="The scan failed."), "FAILED", "FAILED (The scan failed)"),
        (result(status="UNSUPPORTED_IMAGE"), "UNSUPPORTED_IMAGE", "has no result: UNSUPPORTED_IMAGE"),
        (result(status="SCAN_ELIGIBILITY_EXPIRED"), "SCAN_ELIGIBILITY_EXPIRED", "SCAN_ELIGIBILITY_EXPIRED"),
        (result(status="ACTIVE"), NOT_TOLD, "inspector2:ListFindings"),
    ],
)
def test_no_result_is_not_a_clean_image(answer: dict[str, Any] | None, status: str, words: str) -> None:
    found = scan(*([answer] if answer else []))
    assert found.status == status
    said = why_not(found, HIGH)
    assert said and words in said and "nothing says that it is clean" in said
    assert why_not(found, ScanRule("HIGH", required=False)) is None


@pytest.mark.parametrize("status", ["IN_PROGRESS", "PENDING"])
def test_a_scan_under_way_stops_nothing_yet(status: str) -> None:
    found = scan(result(status=status))
    assert found.is_under_way and why_not(found, HIGH) is None


def test_an_image_that_is_not_there_yet_is_told_apart_from_one_without_a_scan() -> None:
    found = read_scan(OneRegion(Registry("v1")), image(), "amd64")  # type: ignore[arg-type]
    assert found.status == NOT_PUSHED and why_not(found, HIGH) is None


def test_of_a_list_the_image_for_the_architecture_counts() -> None:
    registry = Registry("v2", "arm", "intel")
    registry.lists[digest_of("v2")] = {"amd64": digest_of("intel"), "arm64": digest_of("arm")}
    registry.scanned("intel", result())
    registry.scanned("arm", result(("CRITICAL", "CVE-1")))
    cloud: Any = OneRegion(registry)
    assert why_not(read_scan(cloud, image(), "amd64"), HIGH) is None
    assert "CVE-1" in str(why_not(read_scan(cloud, image(), "arm64"), HIGH))
    registry.lists[digest_of("v2")] = {"arm64": digest_of("arm")}
    assert read_scan(cloud, image(), "amd64").status == NOT_SCANNED


def test_the_same_result_in_two_regions_is_said_once() -> None:
    scans = [scan(result(("HIGH", "CVE-1")), region=region) for region in ("us-east-1", "sa-east-1")]
    (said,) = refusals(scans, HIGH)
    assert "in us-east-1, sa-east-1" in said
    assert len(folded([*scans, scan(result(), region="eu-west-1")])) == 2
