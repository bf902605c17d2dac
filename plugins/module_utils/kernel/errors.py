# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of this collection. Each says what, where, what was expected, what was found, and what to do."""

from __future__ import annotations

from typing import Any


class CollectionError(Exception):
    """Something stops the work. `details` (a plain dict) travels to the module's result beside the message.

    `advice` is what to do about it, where running the same again is not it.
    """

    def __init__(self, message: str, *, advice: str = "", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.details = details


class InvalidInput(CollectionError):
    """The parameters cannot be right. Raised before the first AWS call; `problems` lists every one of them."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems), problems=problems)
        self.problems = problems


class NotReadyInTime(CollectionError):
    """A resource did not reach the wanted condition within the time given."""


class ChangeFailed(CollectionError):
    """A planned change could not be made; the plan that was carried out holds those made before it."""
