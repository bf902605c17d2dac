# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the images of one's own, and about the services that run them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...images.context import PLATFORMS
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


def own_image_findings(services: list[Item], images: list[Item] | None) -> Iterator[str]:
    """About services whose image is one of these. `images` is None if they are not told."""
    known = None if images is None else [str(image.get("repository")) for image in images]
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
                yield from unknown(f"{where}.repository", repository, "image in image_definitions", known)
