# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals of ECR that moto has no class for."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class ImageDigestDoesNotMatch(ServiceException):
    """A push says another digest than that of its manifest."""

    code = "ImageDigestDoesNotMatchException"


class ImageTagAlreadyExists(ServiceException):
    """A push would move a tag of an immutable repository."""

    code = "ImageTagAlreadyExistsException"


class KmsError(ServiceException):
    """A key that encrypts a repository cannot be used."""

    code = "KmsException"


class LayersNotFound(ServiceException):
    """A manifest names layers that the repository does not have."""

    code = "LayersNotFoundException"


class LayerAlreadyExists(ServiceException):
    """The repository has the layer whose upload ends."""

    code = "LayerAlreadyExistsException"


class LayerInaccessible(ServiceException):
    """No image of the repository has the layer."""

    code = "LayerInaccessibleException"


class LayerPartTooSmall(ServiceException):
    """A part that is not the last one is smaller than 5 MiB."""

    code = "LayerPartTooSmallException"


class InvalidLayer(ServiceException):
    """What was uploaded has another digest than its sender says."""

    code = "InvalidLayerException"


class EmptyUpload(ServiceException):
    """An upload ends without a part."""

    code = "EmptyUploadException"


class UnsupportedImageType(ServiceException):
    """A scan is asked for of what is no image, such as a list of them."""

    code = "UnsupportedImageTypeException"


class ReferencedImagesNotFound(ServiceException):
    """A list of images names one that the repository does not have."""

    code = "ReferencedImagesNotFoundException"


class PullThroughCacheRuleAlreadyExists(ServiceException):
    """The registry has a rule with this prefix."""

    code = "PullThroughCacheRuleAlreadyExistsException"


class PullThroughCacheRuleNotFound(ServiceException):
    """The registry has no rule with this prefix."""

    code = "PullThroughCacheRuleNotFoundException"
