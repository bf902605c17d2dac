# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ECR of one region in memory: images by tag, and what their scans say."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from botocore.exceptions import ClientError

ACCOUNT = "123456789012"


def host_in(region: str) -> str:
    return f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com"


def digest_of(name: str) -> str:
    """The digest of everything that has this name."""
    return "sha256:" + hashlib.sha256(name.encode()).hexdigest()


def result(*findings: tuple[str, str], status: str = "COMPLETE", description: str = "") -> dict[str, Any]:
    """What a scan says that found this: (severity, name)."""
    told = [{"severity": severity, "name": name, "attributes": []} for severity, name in findings]
    severities = [severity for severity, _name in findings]
    counts = {severity: severities.count(severity) for severity in severities}
    scan: dict[str, Any] = {"imageScanStatus": {"status": status, "description": description}}
    return (
        scan
        if status != "COMPLETE"
        else {**scan, "imageScanFindings": {"findings": told, "findingSeverityCounts": counts}}
    )


class Registry:
    """Answers what is asked of images. Every tag that ends as one of `tags` is there, in every repository.

    scans: digest → the answers to DescribeImageScanFindings, one after the other, the last again and again.
    lists: digest → architecture → digest, of lists of images.
    """

    def __init__(self, *tags: str) -> None:
        self.tags = list(tags)
        self.scans: dict[str, list[dict[str, Any]]] = {}
        self.lists: dict[str, dict[str, str]] = {}

    def scanned(self, tag: str, *answers: dict[str, Any]) -> None:
        self.scans[digest_of(tag)] = list(answers)

    def describe_images(self, registryId: str, repositoryName: str, imageIds: list[dict[str, str]]) -> dict[str, Any]:
        (key,) = imageIds
        for tag in self.tags:
            if key in ({"imageTag": tag}, {"imageDigest": digest_of(tag)}):
                return {"imageDetails": [{"imageDigest": digest_of(tag)}]}
        raise _error("ImageNotFoundException", "DescribeImages")

    def describe_image_scan_findings(
        self, imageId: dict[str, str], nextToken: str = "", **_asked: Any
    ) -> dict[str, Any]:
        digest = imageId["imageDigest"]
        if digest not in self.lists and digest not in map(digest_of, self.tags):
            raise _error("ImageNotFoundException", "DescribeImageScanFindings")
        answers = self.scans.get(digest)
        if not answers:
            raise _error("ScanNotFoundException", "DescribeImageScanFindings")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def describe_pull_through_cache_rules(self, **_asked: Any) -> dict[str, Any]:
        return {"pullThroughCacheRules": []}

    def batch_get_image(self, imageIds: list[dict[str, str]], **_asked: Any) -> dict[str, Any]:
        listed = self.lists.get(imageIds[0]["imageDigest"], {})
        parts = [{"digest": d, "platform": {"os": "linux", "architecture": name}} for name, d in listed.items()]
        return {"images": [{"imageManifest": json.dumps({"manifests": parts} if parts else {"layers": []})}]}


def _error(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "none"}}, operation)
