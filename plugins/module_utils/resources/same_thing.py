# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that AWS tells in another spelling than they were given: the same thing makes no difference in a plan.

A key of KMS may be given by alias, id or ARN, and a namespace of Cloud Map by name or ARN. What AWS tells is put into
the wanted spelling if both mean the same, and is asked for only where the spellings differ.
"""

from __future__ import annotations

from collections.abc import Callable

from ..kernel import Cloud, absent_is_none, is_unknown


def key_as_wanted(cloud: Cloud, region: str, told: str | None, wanted: str | None) -> str | None:
    """The key that AWS tells, in the wanted spelling if it is that key."""
    return _as_wanted(told, wanted, ":key/", lambda name: _key_arn(cloud, region, name))


def namespace_as_wanted(cloud: Cloud, region: str, told: str | None, wanted: str | None) -> str | None:
    """The namespace that AWS tells, in the wanted spelling if it is that namespace."""
    return _as_wanted(told, wanted, ":namespace/", lambda name: _namespace_name(cloud, region, name))


def _as_wanted(told: str | None, wanted: str | None, of_arn: str, identity: Callable[[str], str | None]) -> str | None:
    if not told or not wanted or told == wanted or is_unknown(wanted):
        return told
    if of_arn in told and of_arn in wanted:  # two ARNs are two things
        return told
    if told.endswith(f"{of_arn}{wanted}") or wanted.endswith(f"{of_arn}{told}"):
        return wanted
    meant = identity(wanted)
    return wanted if meant is not None and meant == identity(told) else told


def _key_arn(cloud: Cloud, region: str, name: str) -> str | None:
    if ":key/" in name:
        return name
    with absent_is_none("NotFoundException"):
        return str(cloud.client("kms", region).describe_key(KeyId=name)["KeyMetadata"]["Arn"])
    return None


def _namespace_name(cloud: Cloud, region: str, name: str) -> str | None:
    if ":namespace/" not in name:
        return name
    with absent_is_none("NamespaceNotFound"):
        found = cloud.client("servicediscovery", region).get_namespace(Id=name.rpartition("/")[2])
        return str(found["Namespace"]["Name"])
    return None
