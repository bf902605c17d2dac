# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of every module. Each file in plugins/action/ is a link to this one, named as its module."""

from __future__ import annotations

from ansible_collections.multiregion.ecs.plugins.plugin_utils.in_process import InProcessAction


class ActionModule(InProcessAction):
    """Runs the module whose name Ansible loaded this file by."""
