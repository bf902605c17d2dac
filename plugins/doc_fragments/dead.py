# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    # Regions of which nothing is asked (DEAD_ARGUMENT in module_utils/modules/shared_arguments/dead.py).
    DOCUMENTATION = r"""
options:
  dead:
    description:
      - Regions that do not answer, or that are declared dead. Nothing is asked of them.
      - What is there stays as it is, and so does what other regions have of it. A later run without this completes it.
    type: list
    elements: str
    default: []
"""
