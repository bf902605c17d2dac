# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls that name an IAM role which may be new."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ..kernel import Cloud
from ..kernel.cloud import ClientError

ASSUMABLE_WITHIN_SECONDS = 60


def until_assumable(cloud: Cloud, call: Callable[[], Any], refusal: str = "unable to assume") -> Any:
    """A new IAM role cannot be assumed for some seconds; that `refusal`, and no other, is retried."""
    deadline = time.monotonic() + ASSUMABLE_WITHIN_SECONDS

    def attempt() -> Any:
        try:
            return call()
        except ClientError as error:
            if refusal not in str(error).lower() or time.monotonic() >= deadline:
                raise
            return None

    return cloud.wait_until("the roles to be assumable", attempt, timeout=ASSUMABLE_WITHIN_SECONDS * 2)
