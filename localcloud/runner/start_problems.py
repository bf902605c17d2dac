# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a task could not be started, in ECS's words."""

from __future__ import annotations

from localcloud.runner import secrets
from localcloud.runner.dependencies import NeverReady
from localcloud.runner.execution_role import NotAuthorized
from localcloud.runner.file_systems import MountFailed
from localcloud.runner.logs import NoLogGroup


class ImageNotFound(Exception):
    """An image is not there, or no local command stands for it."""


class NoFargate(Exception):
    """The zone of the task's subnet has no Fargate."""

    def __init__(self) -> None:
        super().__init__(
            "Capacity is unavailable at this time. Please try again later or in a different availability zone"
        )


class NothingToRun(Exception):
    """An image is there, and says no command."""


def cannot_pull(image: str) -> str:
    """What ECS says when an image is not there."""
    repository = image.partition("@")[0].rpartition(":")[0] or image
    return (
        f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: "
        f"pull access denied for {repository}, repository does not exist or may require authorization"
    )


def not_pushed(image: str) -> str:
    """What ECS says when an image of an ECR repository was never pushed; a repository that is missing is no other."""
    return (
        f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: "
        f"{image}: not found"
    )


def not_for(image: str, platform: str) -> str:
    """What ECS says when a list of images has none for the task's platform."""
    return (
        f"CannotPullContainerError: pull image manifest has been retried 1 time(s): image Manifest does not contain "
        f"descriptor matching platform '{platform}': {image}"
    )


WORDED = (
    ImageNotFound,
    NoFargate,
    NothingToRun,
    NoLogGroup,
    MountFailed,
    NeverReady,
    NotAuthorized,
    secrets.SecretNotFound,
)
"""Errors whose message is the stopped reason."""


def start_problem(error: Exception) -> tuple[str, str]:
    """(stopped reason, stop code) of a task that could not be started."""
    if isinstance(error, WORDED):
        return str(error), "TaskFailedToStart"
    return f"CannotStartContainerError: {type(error).__name__}: {error}", "TaskFailedToStart"
