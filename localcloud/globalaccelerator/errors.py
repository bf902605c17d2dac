# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors of Global Accelerator, of which moto knows none."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class GlobalAcceleratorError(ServiceException):
    """An error of this service; moto finds the service's model by the module the class is in."""


def refusal(code: str, message: str) -> GlobalAcceleratorError:
    """An error by its code without the word Exception."""
    return GlobalAcceleratorError(code + "Exception", message)
