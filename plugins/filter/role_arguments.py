# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter with which the variables of all roles are checked before the first of them begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.multiregion.ecs.plugins.plugin_utils.role_arguments import argument_errors


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"argument_errors": argument_errors}
