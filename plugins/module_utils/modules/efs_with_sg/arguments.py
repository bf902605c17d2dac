# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module `efs_with_sg` takes."""

from __future__ import annotations

from typing import Any

from ...resources.file_system import BACK

NEVER = "None"
"""The word of `community.aws.efs` for a transition that shall not happen."""

NO_REPLICA = "none"


def _never_or_days() -> dict[str, Any]:
    return {"type": "str", "choices": [NEVER, "1", "7", "14", "30", "60", "90", "180", "270", "365"], "default": NEVER}


ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "subnets": {"type": "list", "elements": "str"},
    "client_security_groups": {"type": "list", "elements": "str"},
    "security_group_name": {"type": "str"},
    "encrypt": {"type": "bool", "default": True},
    "kms_key_id": {"type": "str", "no_log": False},
    "performance_mode": {"type": "str", "choices": ["general_purpose", "max_io"], "default": "general_purpose"},
    "throughput_mode": {"type": "str", "choices": ["bursting", "elastic", "provisioned"], "default": "elastic"},
    "provisioned_throughput_in_mibps": {"type": "float"},
    "transition_to_ia": _never_or_days(),
    "transition_to_archive": _never_or_days(),
    BACK: {"type": "bool", "default": False},
    "backup": {"type": "bool", "default": True},
    "enforce_transit_encryption": {"type": "bool", "default": True},
    "prevent_anonymous_access": {"type": "bool", "default": True},
    "access_points": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "path": {"type": "str", "default": "/"},
            "uid": {"type": "int"},
            "gid": {"type": "int"},
            "secondary_gids": {"type": "list", "elements": "int", "default": []},
            "owner_uid": {"type": "int"},
            "owner_gid": {"type": "int"},
            "permissions": {"type": "str", "default": "0755"},
        },
        "required_together": [("uid", "gid"), ("owner_uid", "owner_gid")],
    },
    "replicate_to": {"type": "str"},
    "replica_kms_key_id": {"type": "str", "no_log": False},
    "delete_data": {"type": "bool", "default": False},
}
