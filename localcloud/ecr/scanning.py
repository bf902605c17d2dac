# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Basic scanning of images: when a scan is there, how long it takes, and what it says.

There is no database of vulnerabilities here. What scans find is told from outside, for a repository or for one image of
it: `python -m localcloud scan`, `Cloud.scan`, or POST /_localcloud/scans. Untold, they find nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.ecr.exceptions import InvalidParameterException, LimitExceededException, ScanNotFoundException
from moto.ecr.models import ECRBackend as MotoBackend
from moto.ecr.models import ecr_backends

from localcloud.ecr.errors import UnsupportedImageType
from localcloud.ecr.rules import read_manifest
from localcloud.options import ACCOUNT_ID
from localcloud.world import WORLD

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED")
STATUSES = ("COMPLETE", "FAILED", "UNSUPPORTED_IMAGE", "IN_PROGRESS", "PENDING")

ONCE_IN = timedelta(hours=24)
"""An image is scanned once in this time, the scan after its push included."""

PAGE = 100
"""Findings in an answer, unless `maxResults` says another number."""

DESCRIPTIONS = {
    "COMPLETE": "The scan was completed successfully.",
    "UNSUPPORTED_IMAGE": "UnsupportedImageError: The operating system and/or package manager are not supported.",
}


@dataclass(frozen=True)
class Verdict:
    """What scans of an image say. `findings`: (severity, name, package)."""

    status: str = "COMPLETE"
    findings: tuple[tuple[str, str, str], ...] = ()


class Scanning(MotoBackend):
    """The part of a region's registry that scans. `verdicts`: by repository, or by `repository@digest`."""

    def __init__(self, region_name: str, account_id: str):
        super().__init__(region_name, account_id)
        self.verdicts: dict[str, Verdict] = {}

    def scan_pushed(self, repository: Any, image: Any) -> None:
        """Begin the scan of an image that is new, if its repository says so. A list of images is not scanned."""
        is_wanted = (repository.image_scanning_configuration or {}).get("scanOnPush")
        if is_wanted and not image.last_scan and _can_be_scanned(image):
            image.last_scan = datetime.now(UTC)

    def start_image_scan(self, registry_id: str, repository_name: str, image_id: dict[str, str]) -> dict[str, Any]:
        repository, image = self._image(registry_id, repository_name, image_id)
        if not _can_be_scanned(image):
            raise UnsupportedImageType(
                f"An artifact with media type '{image.image_manifest_media_type}' cannot be scanned. For more "
                "information, see the Amazon ECR documentation."
            )
        if image.last_scan and datetime.now(UTC) - image.last_scan < ONCE_IN:
            raise LimitExceededException()
        image.last_scan = datetime.now(UTC)
        return {**_named(repository, image), "imageScanStatus": {"status": "IN_PROGRESS"}}

    def describe_image_scan_findings(
        self, registry_id: str, repository_name: str, image_id: dict[str, Any], start: int = 0, size: int = PAGE
    ) -> dict[str, Any]:
        """As moto's; of the findings those from `start` on, at most `size`."""
        repository, image = self._image(registry_id, repository_name, image_id)
        if not image.last_scan:
            digest, tag = (image_id.get(key, "null") for key in ("imageDigest", "imageTag"))
            told = f"{{imageDigest:'{digest}', imageTag:'{tag}'}}"
            raise ScanNotFoundException(told, repository_name, repository.registry_id)
        done = image.last_scan + timedelta(seconds=WORLD.options.delayed(WORLD.options.scan_delay))
        verdict = self._verdict(repository_name, image) if datetime.now(UTC) >= done else Verdict("IN_PROGRESS")
        status = {"status": verdict.status}
        if verdict.status in DESCRIPTIONS:
            status["description"] = DESCRIPTIONS[verdict.status]
        answer = {**_named(repository, image), "imageScanStatus": status}
        if verdict.status == "COMPLETE":
            counts = {each: [f[0] for f in verdict.findings].count(each) for each in SEVERITIES}
            answer["imageScanFindings"] = {
                "imageScanCompletedAt": done,
                "vulnerabilitySourceUpdatedAt": done,
                "findings": [_finding(*each) for each in verdict.findings[start : start + size]],
                "findingSeverityCounts": {severity: count for severity, count in counts.items() if count},
            }
            if start + size < len(verdict.findings):
                answer["nextToken"] = str(start + size)
        return answer

    def _image(self, registry_id: str | None, name: str, image_id: dict[str, str]) -> tuple[Any, Any]:
        repository: Any = self._get_repository(name, registry_id)
        if not image_id.get("imageTag") and not image_id.get("imageDigest"):
            raise InvalidParameterException(
                "Invalid parameter at 'imageId' failed to satisfy constraint: 'imageTag or imageDigest is required'"
            )
        return repository, repository._get_image(image_id.get("imageTag"), image_id.get("imageDigest"))

    def _verdict(self, repository: str, image: Any) -> Verdict:
        default = self.verdicts.get(repository, Verdict())
        return self.verdicts.get(f"{repository}@{image.get_image_digest()}", default)


def set_verdict(wanted: dict[str, Any]) -> dict[str, Any]:
    """Have scans of an image or of a repository say something from now on. The lock is held.

    `wanted`: `image` (`repository`, or `repository@digest`), `findings` (lists of severity, name, package), `status`,
    `region` (None for all).

    Raises:
        ValueError: a severity or a status that ECR does not have.
    """
    findings = tuple((severity, name, package) for severity, name, package in wanted.get("findings") or [])
    status = wanted.get("status") or "COMPLETE"
    for what, value, known in (("status", status, STATUSES), *(("severity", f[0], SEVERITIES) for f in findings)):
        if value not in known:
            raise ValueError(f"{what} {value!r}: expected one of {', '.join(known)}")
    if findings and status != "COMPLETE":
        raise ValueError(f"status {status} has no findings: give either")
    backends = ecr_backends[ACCOUNT_ID]
    regions = [wanted["region"]] if wanted.get("region") else backends.regions
    for region in regions:
        if region not in backends.regions:
            raise ValueError(f"region {region!r}: AWS has no region of that name")
        backend: Any = backends[region]
        backend.verdicts[wanted["image"]] = Verdict(status, findings)
    return {"image": wanted["image"], "status": status, "findings": [list(each) for each in findings]}


def _can_be_scanned(image: Any) -> bool:
    return "layers" in read_manifest(image.image_manifest)


def _named(repository: Any, image: Any) -> dict[str, Any]:
    told = {"imageDigest": image.get_image_digest(), "imageTag": image.image_tag}
    return {
        "registryId": repository.registry_id,
        "repositoryName": repository.name,
        "imageId": {key: value for key, value in told.items() if value},
    }


def _finding(severity: str, name: str, package: str) -> dict[str, Any]:
    return {
        "name": name,
        "severity": severity,
        "uri": f"https://nvd.nist.gov/vuln/detail/{name}",
        "attributes": [{"key": "package_name", "value": package}] if package else [],
    }
