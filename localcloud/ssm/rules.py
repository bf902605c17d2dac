# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Parameter Store accepts. Pure: no backend is asked."""

from __future__ import annotations

from moto.ssm.exceptions import ValidationException

LARGEST = {"Standard": 4096, "Advanced": 8192, "Intelligent-Tiering": 8192}
"""Tier → largest value in bytes."""


def check_size(tier: str, size: int) -> None:
    """Refuse a value of so many bytes that a tier does not take.

    Raises:
        ValidationException: it is too large.
    """
    if size > LARGEST[tier]:
        raise ValidationException(
            f"{tier} tier parameters support a maximum parameter value of {LARGEST[tier]} characters. To create a "
            "larger parameter value, upgrade the parameter to use the advanced-parameter tier."
        )
