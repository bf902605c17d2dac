# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECR's scan of an image says, and whether that is good enough to run it.

A scan that ended with COMPLETE (basic scanning) or goes on as ACTIVE (enhanced scanning) says what was found. Every
other answer proves nothing: an image without a result is not a clean one. Of a list of images ECR scans each image, and
not the list; what counts is the image for the architecture that the task runs on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

from ..aws.image_names import tell_image
from ..kernel import Cloud, CollectionError, NotReadyInTime, absent_is_none
from .images import ARCHITECTURES, EcrImage, ecr_image

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
"""The worst first. What ECR calls INFORMATIONAL, UNDEFINED or UNTRIAGED stops nothing."""

UNDER_WAY = ("IN_PROGRESS", "PENDING")
NOT_PUSHED, NOT_SCANNED, NOT_TOLD = "not pushed", "not scanned", "not told"
"""Words of ours beside those of ECR."""

Wanted = tuple[EcrImage, str]
"""An image by its digest, and the architecture that it is for."""

_THREADS = 8
_NAMED = 5
"""Findings that a sentence names."""


class Finding(NamedTuple):
    severity: str
    name: str
    package: str = ""


class ScanRule(NamedTuple):
    """Which findings stop an image. `accepts`: names of those that do not. `required`: whether no result stops too."""

    stops_at: str
    accepts: frozenset[str] = frozenset()
    required: bool = True

    @property
    def severities(self) -> tuple[str, ...]:
        return SEVERITIES[: SEVERITIES.index(self.stops_at) + 1]


@dataclass(frozen=True)
class Scan:
    """One image's scan. `status`: ECR's word, or one of ours. `counts`: severity → findings, as ECR counts them.

    `also_in`: the same image in other regions, of which ECR says the same.
    """

    image: EcrImage
    status: str
    description: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    also_in: tuple[EcrImage, ...] = ()

    @property
    def is_under_way(self) -> bool:
        return self.status in UNDER_WAY

    @property
    def is_proof(self) -> bool:
        return self.status in ("COMPLETE", "ACTIVE")


def read_scan(cloud: Cloud, image: EcrImage, architecture: str) -> Scan:
    """The scan of an image, whose reference has a digest. `architecture`: as images say it, `amd64` or `arm64`."""
    with absent_is_none("ImageNotFoundException", "RepositoryNotFoundException"):
        with absent_is_none("ScanNotFoundException"):
            return _read(cloud, image)
        part = _part_for(cloud, image, architecture)
        with absent_is_none("ScanNotFoundException"):
            return _read(cloud, part) if part else Scan(image, NOT_SCANNED)
        return Scan(part or image, NOT_SCANNED)
    return Scan(image, NOT_PUSHED)


def _read(cloud: Cloud, image: EcrImage) -> Scan:
    client = cloud.client("ecr", image.region)
    asked = {"registryId": image.account, "repositoryName": image.repository, "imageId": image.key, "maxResults": 1000}
    findings: list[Finding] = []
    page = client.describe_image_scan_findings(**asked)
    status, found = page["imageScanStatus"], page.get("imageScanFindings", {})
    counts = found.get("findingSeverityCounts", {})
    while True:
        told = page.get("imageScanFindings", {})
        findings += [_basic(each) for each in told.get("findings", [])]
        findings += [_enhanced(each) for each in told.get("enhancedFindings", [])]
        if not page.get("nextToken"):
            break
        page = client.describe_image_scan_findings(**asked, nextToken=page["nextToken"])
    word = status["status"]
    if word == "ACTIVE" and not findings and not counts and "imageScanCompletedAt" not in found:
        # ECR says ACTIVE before the first result, and to callers who may not read those of Inspector.
        word = NOT_TOLD
    return Scan(image, word, status.get("description", ""), counts, tuple(findings))


def _basic(told: Mapping[str, Any]) -> Finding:
    attributes = {each["key"]: each.get("value", "") for each in told.get("attributes", [])}
    package = " ".join(filter(None, (attributes.get("package_name"), attributes.get("package_version"))))
    return Finding(told.get("severity", "UNDEFINED"), told.get("name", "without a name"), package)


def _enhanced(told: Mapping[str, Any]) -> Finding:
    details = told.get("packageVulnerabilityDetails", {})
    name = details.get("vulnerabilityId") or told.get("title", "without a name")
    packages = [f"{each.get('name', '')} {each.get('version', '')}" for each in details.get("vulnerablePackages", [])]
    return Finding(told.get("severity", "UNTRIAGED"), name, packages[0].strip() if packages else "")


def _part_for(cloud: Cloud, image: EcrImage, architecture: str) -> EcrImage | None:
    """Of a list of images the one for an architecture; None for what is no list, or has none."""
    client = cloud.client("ecr", image.region)
    answer = client.batch_get_image(
        registryId=image.account, repositoryName=image.repository, imageIds=[{"imageDigest": image.digest}]
    )
    manifest = json.loads(answer["images"][0]["imageManifest"]) if answer["images"] else {}
    for each in manifest.get("manifests") or []:
        platform = each.get("platform", {})
        if (platform.get("os"), platform.get("architecture")) == ("linux", architecture):
            return image._replace(tag=None, digest=each["digest"])
    return None


def why_not(scan: Scan, rule: ScanRule) -> str | None:
    """Why an image is not to be run by a rule, in sentences; None if it is, or its scan is under way."""
    if scan.is_under_way or scan.status == NOT_PUSHED:
        return None
    if not scan.is_proof:
        return without_result(scan) if rule.required else None
    accepted = Counter(each.severity for each in scan.findings if each.name in rule.accepts)
    left = {severity: scan.counts.get(severity, 0) - accepted[severity] for severity in rule.severities}
    if not any(count > 0 for count in left.values()):
        return None
    others = {name: count for name, count in scan.counts.items() if name not in rule.severities and count}
    besides = f", besides {_counted(others)}" if others else ""
    worst = [each for each in scan.findings if left.get(each.severity, 0) > 0 and each.name not in rule.accepts]
    worst.sort(key=lambda each: rule.severities.index(each.severity))
    named = ", ".join(_told(each) for each in worst[:_NAMED])
    more = f" and {len(worst) - _NAMED} more" if len(worst) > _NAMED else ""
    return (
        f"ECR found {_counted(left)} in {where(scan)}{besides}; images with {rule.stops_at} or worse are not "
        f"deployed. The worst: {named or 'not listed'}{more}. Build the image without them, or accept findings by name "
        "(deployment_image_scan_accepts)."
    )


def without_result(scan: Scan) -> str:
    """That a scan proves nothing, why, and what to do."""
    image = scan.image
    if scan.status == NOT_SCANNED:
        told = f"ECR has not scanned {where(scan)}"
        out = "Scan it: " + "; ".join(_command(each) for each in (image, *scan.also_in))
    elif scan.status == NOT_TOLD:
        told = f"ECR scans {where(scan)} continuously and tells no result"
        out = "Look again in some minutes; reading results needs inspector2:ListFindings and inspector2:ListCoverage"
    else:
        why = f" ({scan.description.rstrip('.')})" if scan.description else ""
        told = f"The scan of {where(scan)} has no result: {scan.status}{why}"
        out = "Look at the scan in ECR, and scan it again if that may help"
    return (
        f"{told}, so nothing says that it is clean. {out}; or deploy without a result "
        "(deployment_image_scan_required=false)."
    )


def where(scan: Scan) -> str:
    """The image in words, and its regions."""
    image = scan.image
    regions = ", ".join(each.region for each in (image, *scan.also_in))
    return f"{tell_image(f'{image.host}/{image.repository}@{image.digest}')} in {regions}"


def _command(image: EcrImage) -> str:
    return (
        f"aws ecr start-image-scan --region {image.region} --registry-id {image.account} "
        f"--repository-name {image.repository} --image-id imageDigest={image.digest}"
    )


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {severity}" for severity, count in counts.items() if count > 0)


def _told(finding: Finding) -> str:
    return f"{finding.name} ({finding.severity}{f', {finding.package}' if finding.package else ''})"


def folded(scans: Iterable[Scan]) -> list[Scan]:
    """Scans of the same image with the same result as one, with the regions that it is of."""
    found: dict[tuple[Any, ...], Scan] = {}
    for scan in scans:
        image = scan.image
        key = (image.account, image.repository, image.digest, scan.status, tuple(sorted(scan.counts.items())))
        first = found.get(key)
        if first is None:
            found[key] = scan
        elif image not in (first.image, *first.also_in):
            found[key] = replace(first, also_in=(*first.also_in, image))
    return list(found.values())


def refusals(scans: Iterable[Scan], rule: ScanRule) -> list[str]:
    """Why images are not to be run by a rule, a text for each; empty if they are, or it is not known yet."""
    return [reason for scan in folded(scans) if (reason := why_not(scan, rule))]


def wanted_of(image: str, definition: Mapping[str, Any]) -> Wanted | None:
    """What is to be asked of an image of a task definition; None if it is not in ECR, or not named by a digest."""
    parts = ecr_image(image)
    platform = definition.get("runtimePlatform") or {}
    return (parts, ARCHITECTURES[platform.get("cpuArchitecture", "X86_64")]) if parts and parts.digest else None


def read_scans(cloud: Cloud, wanted: Iterable[Wanted]) -> list[Scan]:
    """The scans, read side by side."""
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        return list(pool.map(lambda each: read_scan(cloud, *each), wanted))


def wait_for_scans(cloud: Cloud, wanted: list[Wanted], rule: ScanRule, timeout: float) -> list[Scan]:
    """The scans once they have ended. CollectionError: the images are not to be run, or it is not known in time."""
    scans: list[Scan] = []
    for each in wanted:
        latest = [read_scan(cloud, *each)]
        if latest[0].is_under_way:
            cloud.tell(f"  waits for the scan of {where(latest[0])}")
            try:
                what = f"the scan of {where(latest[0])}, which is {latest[0].status}"
                cloud.wait_until(what, partial(_has_ended, cloud, each, latest), timeout=timeout)
            except NotReadyInTime as error:
                if rule.required:
                    raise CollectionError(
                        f"{error} The limit is deployment_image_scan_timeout, {timeout:g} s; "
                        "deployment_image_scan_required=false deploys without a result"
                    ) from error
        scans += latest
    if reasons := refusals(scans, rule):
        raise CollectionError(" ".join(reasons).rstrip("."))
    return scans


def _has_ended(cloud: Cloud, wanted: Wanted, latest: list[Scan]) -> bool:
    latest[:] = [read_scan(cloud, *wanted)]
    return not latest[0].is_under_way
