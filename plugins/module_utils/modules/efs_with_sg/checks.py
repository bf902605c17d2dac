# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the parameters of `efs_with_sg`. Pure: no call is made."""

from __future__ import annotations

import re
from typing import Any

from ...aws.regions import region_problems
from ...kernel import is_unknown
from .arguments import NEVER, NO_REPLICA

TOKEN_LENGTH = 64
PATH = re.compile(r"/|(/(?!\.)[^$#<>;`|&?{}^*/\n]+){1,4}")
PATH_LENGTH = 100
PERMISSIONS = re.compile(r"[0-7]{3,4}")
HIGHEST_ID = 2**32 - 1
SECONDARY_GIDS = 16
LEAST_MIBPS, MOST_MIBPS = 1, 3414
GROUP_NAME = re.compile(r"(?!sg-)[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}")


def problems(params: dict[str, Any]) -> list[str]:
    """Every reason why these parameters cannot be right. Pure: no call is made."""
    found = _name_problems(params)
    if params["state"] == "absent":
        return found
    for key, prefix in (("subnets", "subnet-"), ("client_security_groups", "sg-")):
        found += _id_problems(key, params[key] or [], prefix)
    return found + _throughput_problems(params) + _storage_problems(params) + _access_point_problems(params)


def _name_problems(params: dict[str, Any]) -> list[str]:
    name, group = params["name"], params["security_group_name"]
    found = []
    if not 1 <= len(name) <= TOKEN_LENGTH:
        found.append(f"name is {name!r}; EFS takes a creation token of 1 to {TOKEN_LENGTH} characters.")
    if (group or name) and not GROUP_NAME.fullmatch(group or name):
        where = "security_group_name" if group else "name"
        found.append(
            f"{where} is {group or name!r}; the name of a security group has up to 255 letters, digits, spaces and "
            "._-:/()#,@[]+=&;{}!$*, and does not begin with sg-."
        )
    return found


def _id_problems(key: str, values: list[str], prefix: str) -> list[str]:
    found = []
    if not values:
        found.append(f"{key} is empty; give at least one, or no client can reach the file system.")
    for value in values:
        if not is_unknown(value) and not value.startswith(prefix):
            found.append(f"{key} has {value!r}; expected an id that begins with {prefix}.")
    twice = sorted({value for value in values if values.count(value) > 1 and not is_unknown(value)})
    return found + [f"{key} has {value} twice." for value in twice]


def _throughput_problems(params: dict[str, Any]) -> list[str]:
    mode, provisioned = params["throughput_mode"], params["provisioned_throughput_in_mibps"]
    found = []
    if mode == "provisioned" and provisioned is None:
        found.append("provisioned_throughput_in_mibps is required with throughput_mode=provisioned.")
    if mode != "provisioned" and provisioned is not None:
        found.append(f"provisioned_throughput_in_mibps is {provisioned}, but throughput_mode is {mode}.")
    if provisioned is not None and not LEAST_MIBPS <= provisioned <= MOST_MIBPS:
        found.append(f"provisioned_throughput_in_mibps is {provisioned}; EFS takes {LEAST_MIBPS} to {MOST_MIBPS}.")
    if mode == "elastic" and params["performance_mode"] == "max_io":
        found.append("performance_mode is max_io, which EFS does not offer with throughput_mode=elastic.")
    return found


def _storage_problems(params: dict[str, Any]) -> list[str]:
    infrequent, archive = params["transition_to_ia"], params["transition_to_archive"]
    found = []
    if archive != NEVER:
        if params["throughput_mode"] != "elastic" or params["performance_mode"] != "general_purpose":
            found.append(
                f"transition_to_archive is {archive}; the archive class needs throughput_mode=elastic and "
                "performance_mode=general_purpose."
            )
        if infrequent != NEVER and int(archive) <= int(infrequent):
            found.append(
                f"transition_to_archive is {archive} days, transition_to_ia {infrequent}; archiving must come later."
            )
    if params["kms_key_id"] and not params["encrypt"]:
        found.append("kms_key_id is given, but encrypt is false.")
    destination = params["replicate_to"]
    if destination not in (None, NO_REPLICA):
        found += region_problems("replicate_to", destination)
        if destination == params["region"]:
            found.append(f"replicate_to is {destination}, which is the region of the file system itself.")
    elif params["replica_kms_key_id"]:
        found.append("replica_kms_key_id is given, but replicate_to names no region.")
    return found


def _access_point_problems(params: dict[str, Any]) -> list[str]:
    points = params["access_points"]
    names = [point["name"] for point in points]
    found = [f"access_points has {name!r} twice." for name in sorted({n for n in names if names.count(n) > 1})]
    for point in points:
        where = f"access_points: {point['name']}"
        path = point["path"]
        if not PATH.fullmatch(path) or len(path) > PATH_LENGTH:
            found.append(
                f"{where} has the path {path!r}; EFS takes up to {PATH_LENGTH} characters and four folders, such as "
                "/goals/data, none of them beginning with a dot."
            )
        if path != "/" and point["uid"] is None and point["owner_uid"] is None:
            found.append(
                f"{where} has the path {path!r} but neither uid and gid nor owner_uid and owner_gid; without an owner "
                "EFS does not make the folder, and mounts fail."
            )
        if not PERMISSIONS.fullmatch(point["permissions"]):
            found.append(
                f"{where} has the permissions {point['permissions']!r}; expected three or four octal digits, quoted, "
                "such as '0755'."
            )
        for key in ("uid", "gid", "owner_uid", "owner_gid"):
            if point[key] is not None and not 0 <= point[key] <= HIGHEST_ID:
                found.append(f"{where} has the {key} {point[key]}; 0 to {HIGHEST_ID} are valid.")
        if len(point["secondary_gids"]) > SECONDARY_GIDS:
            found.append(f"{where} has {len(point['secondary_gids'])} secondary_gids; EFS takes {SECONDARY_GIDS}.")
        if point["secondary_gids"] and point["uid"] is None:
            found.append(f"{where} has secondary_gids, but no uid and gid for them to go with.")
    return found
