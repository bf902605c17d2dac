# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECR refuses of a push."""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import ServiceException


class ImageTagAlreadyExists(ServiceException):
    """A push would move a tag of an immutable repository."""

    code = "ImageTagAlreadyExistsException"


def check_tag(repository: Any, tag: str, digest: str) -> None:
    """Refuse to move a tag of an immutable repository to another image.

    Raises:
        ImageTagAlreadyExists: another image has the tag.
    """
    holder: Any = next((image for image in repository.images if tag in image.image_tags), None)
    if holder is not None and repository.is_tag_immutable() and holder.get_image_digest() != digest:
        raise ImageTagAlreadyExists(
            f"The image tag '{tag}' already exists in the '{repository.name}' repository and cannot be "
            "overwritten because the tag is immutable."
        )
