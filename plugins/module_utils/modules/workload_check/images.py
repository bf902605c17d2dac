# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the images of one's own, and about the services that run them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...images.context import PLATFORMS
from ...images.mirroring import source_problems
from ...services.service_task import containers, own_repository
from ..image_repository import name_problems
from .inventory import listed, unknown

Item = dict[str, Any]


def image_findings(images: list[Item]) -> Iterator[str]:
    """About the images: their repositories, Dockerfiles and platforms."""
    names = [str(image.get("repository")) for image in images]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"images has the repository {name!r} more than once; give each image one of its own."
    for image in images:
        where = f"images[{image.get('repository')}]"
        yield from name_problems(f"{where}.repository", str(image.get("repository")))
        if not image.get("dockerfile"):
            yield f"{where}.dockerfile is missing; give the path of its Dockerfile from the context."
        if image.get("platform", PLATFORMS[0]) not in PLATFORMS:
            yield f"{where}.platform is {image['platform']!r}; Fargate runs {listed(PLATFORMS)}."


def mirror_findings(mirrors: list[Item], images: list[Item]) -> Iterator[str]:
    """About the images that are copied from other registries."""
    built = [str(image.get("repository")) for image in images]
    names = [str(mirror.get("repository")) for mirror in mirrors]
    for name in sorted({name for name in names if names.count(name) > 1 or name in built}):
        yield f"mirrors (image_mirrors) has the repository {name!r}, as another image has; give each one of its own."
    for mirror in mirrors:
        where = f"mirrors[{mirror.get('repository')}]"
        yield from name_problems(f"{where}.repository", str(mirror.get("repository")))
        yield from source_problems(f"{where}.source", str(mirror.get("source") or ""))
        if mirror.get("platform", PLATFORMS[0]) not in PLATFORMS:
            yield f"{where}.platform is {mirror['platform']!r}; Fargate runs {listed(PLATFORMS)}."


def own_image_findings(
    services: list[Item], images: list[Item] | None, mirrors: list[Item] | None = None
) -> Iterator[str]:
    """About services whose image is one of these. Both are None if they are not told."""
    told = None if images is None and mirrors is None else [*(images or []), *(mirrors or [])]
    known = None if told is None else [str(image.get("repository")) for image in told]
    for service in services:
        for container in containers(service):
            image = container.get("image")
            if not isinstance(image, dict):
                continue
            where = f"services[{service.get('name')}].containers[{container.get('name')}].image"
            repository = own_repository(container)
            if repository is None or len(image) > 1:
                yield f"{where} is {image!r}; give the name of an image, or {{repository: NAME}} for one of your own."
            else:
                yield from unknown(
                    f"{where}.repository", repository, "image in image_definitions or image_mirrors", known
                )
