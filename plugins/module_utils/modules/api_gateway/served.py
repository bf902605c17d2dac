# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a custom domain is put in front of, whichever kind of API it is."""

from __future__ import annotations

from dataclasses import dataclass

from ...kernel import Resource


@dataclass
class Served:
    """An API, the stage of it that is served, and all that it consists of.

    path: what stands before every path under the API's own name.
    """

    api: Resource
    stage: Resource
    stage_name: str
    resources: list[Resource]
    path: str = ""
