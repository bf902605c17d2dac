# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images in ECR: what a reference to one names, whether it is there, and the digest behind its tag.

Images elsewhere are left alone: asking another registry needs credentials that only the agent has.

Fargate pulls what is for the platform of the task definition. An image that is for another one is not pulled, or ends
with "exec format error": https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-arm64.html
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from ..aws.image_names import tell_image
from ..aws.registries import ECR_HOST
from ..images.platforms import platforms_of
from ..kernel import KNOWN_AFTER_APPLY, Cloud, absent_is_none, error_code, is_unknown
from ..kernel.cloud import BotoCoreError, ClientError

_ECR = re.compile(ECR_HOST + r"(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>.+))?")


ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}
"""ECS's word → that of images."""


class EcrImage(NamedTuple):
    """An image in a private ECR registry."""

    host: str
    account: str
    region: str
    repository: str
    tag: str | None
    digest: str | None

    @property
    def key(self) -> dict[str, str]:
        """How ECR's API tells images apart; a digest says more than a tag."""
        return {"imageDigest": self.digest} if self.digest else {"imageTag": self.tag or "latest"}

    def at(self, digest: str) -> str:
        """The reference to this image by its digest."""
        return f"{self.host}/{self.repository}@{digest}"


def ecr_image(reference: str) -> EcrImage | None:
    """The parts of a reference into ECR; None for an image elsewhere."""
    match = _ECR.fullmatch(reference)
    return EcrImage(**match.groupdict()) if match else None


class Images:
    """Asks ECR about each image once."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._asked: dict[EcrImage, tuple[str | None, str | None]] = {}
        self._rules: dict[tuple[str, str], list[str]] = {}
        self._platforms: dict[EcrImage, list[str]] = {}

    def digest(self, image: EcrImage) -> tuple[str | None, str | None]:
        """The digest of `image`, or why there is none; neither of one that ECR fetches when it is first pulled."""
        if image not in self._asked:
            self._asked[image] = self._ask(image)
        return self._asked[image]

    def misfit(self, image: EcrImage, definition: dict[str, Any]) -> str | None:
        """Why tasks of a definition cannot run `image`, which is there; None if they can, or nobody tells."""
        wanted = platform_of(definition)
        if wanted is None:
            return None
        if image not in self._platforms:
            self._platforms[image] = self._ask_platforms(image)
        found = self._platforms[image]
        if not found or wanted in found:
            return None
        name = tell_image(f"{image.host}/{image.repository}{f'@{image.digest}' if image.digest else f':{image.tag}'}")
        return (
            f"the image {name} is for {', '.join(found)}, and runtime_platform asks for {wanted}; build it for that, "
            "or give the other cpu_architecture in runtime_platform."
        )

    def _ask_platforms(self, image: EcrImage) -> list[str]:
        client = self._cloud.client("ecr", image.region)
        try:
            return platforms_of(client, image.repository, image.key, registryId=image.account)
        except (BotoCoreError, ClientError, OSError, ValueError):
            return []  # who may not read images is not kept from running them

    def _ask(self, image: EcrImage) -> tuple[str | None, str | None]:
        client = self._cloud.client("ecr", image.region)
        where = f"in account {image.account}, {image.region}"
        try:
            found = client.describe_images(
                registryId=image.account, repositoryName=image.repository, imageIds=[image.key]
            )["imageDetails"]
        except ClientError as error:
            if error_code(error) == "RepositoryNotFoundException":
                if self.is_fetched(image):
                    return None, None
                return None, f"ECR has no repository {image.repository} {where}; push the image first."
            if error_code(error) != "ImageNotFoundException":
                return None, f"ECR could not be asked for {image.repository} {where}: {error}"
            found = []
        if not found and self.is_fetched(image):
            return None, None
        if not found:
            ((kind, value),) = image.key.items()
            kind = "digest" if kind == "imageDigest" else "tag"
            return None, f"repository {image.repository} {where} has no image with the {kind} {value}; push it first."
        return found[0]["imageDigest"], None

    def is_fetched(self, image: EcrImage) -> bool:
        """Whether a pull-through cache rule covers the repository: its registry fetches what it does not have yet."""
        prefixes = self._prefixes(image.account, image.region)
        return "ROOT" in prefixes or any(image.repository.startswith(f"{prefix}/") for prefix in prefixes)

    def _prefixes(self, account: str, region: str) -> list[str]:
        """Those of the rules of a registry; none where it does not tell."""
        if (account, region) not in self._rules:
            prefixes: list[str] = []
            with absent_is_none("AccessDeniedException", "AccessDenied"):
                rules = self._cloud.paginate("ecr", "describe_pull_through_cache_rules", region, registryId=account)
                prefixes = [rule["ecrRepositoryPrefix"].rstrip("/") for rule in rules]
            self._rules[account, region] = prefixes
        return self._rules[account, region]


def platform_of(definition: dict[str, Any]) -> str | None:
    """The platform that tasks of a definition run on, in the words of images; None if the host decides."""
    given = definition.get("runtimePlatform") or {}
    if not given and "FARGATE" not in (definition.get("requiresCompatibilities") or []):
        return None
    system = "windows" if str(given.get("operatingSystemFamily", "")).startswith("WINDOWS") else "linux"
    architecture = ARCHITECTURES.get(given.get("cpuArchitecture") or "X86_64")
    return f"{system}/{architecture}" if architecture else None


def pinned(
    definition: dict[str, Any], images: Images, former: dict[str, Any] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """The definition with the images that are in ECR named by digest, and why that was not possible.

    The digest of an image that is not there yet is `KNOWN_AFTER_APPLY`. One that ECR fetches when it is first pulled
    keeps its tag, also afterwards where `former`, the definition before, has it by its tag.
    """
    before = [(each["name"], each["image"]) for each in (former or {}).get("containerDefinitions", [])]
    containers, findings = [], []
    for container in definition["containerDefinitions"]:
        image = None if is_unknown(container["image"]) else ecr_image(container["image"])
        if image is not None:
            digest, why = images.digest(image)
            if why:
                findings.append(f"container {container['name']}: {why}")
            stays = (container["name"], container["image"]) in before and not image.digest
            if (digest or why) and not (stays and images.is_fetched(image)):
                container = {**container, "image": image.at(digest or KNOWN_AFTER_APPLY)}
        containers.append(container)
    return {**definition, "containerDefinitions": containers}, findings
