# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lake of one region, and its replication to the lakes of others.

The names of the other buckets are computed, so that no other region needs to answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..aws.names import bucket_name, resource_tags
from ..aws.regions import region_problems
from ..kernel import Cloud, CollectionError, Known
from ..kernel.run import Composition, ModuleDefinition
from ..resources.bucket import Bucket, bucket_arn, expiry_rule, holds_data, tls_only_policy
from ..resources.bucket_replication import (
    TRUST,
    BucketReplication,
    destination,
    owes,
    read,
    replication_role_name,
    role_policy,
    rules,
)
from ..resources.role import Role
from .shared_arguments.dead import DEAD_ARGUMENT, dead_problems

NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d")
ACCOUNT_DIGITS = 12
NAME_LENGTH = 63


def name_problems(variable: str, name: str) -> list[str]:
    """What cannot be right about a bucket's name, or the beginning of one."""
    if NAME.fullmatch(name):
        return []
    return [f"{variable} is {name!r}; S3 takes 3 to 63 lower-case letters, digits and hyphens, no hyphen at the ends."]


def prefix_problems(variable: str, prefix: str, region: str) -> list[str]:
    """What cannot be right about a prefix, the account and the region still to be added."""
    length = len(bucket_name(prefix, "0" * ACCOUNT_DIGITS, region))
    if length > NAME_LENGTH:
        return [
            f"{variable} is {prefix!r}; with account and region ({region}) the bucket's name has {length} characters, "
            f"and S3 takes {NAME_LENGTH}."
        ]
    return name_problems(variable, prefix)


def problems(params: dict[str, Any]) -> list[str]:
    found = []
    if params["name"]:
        found += name_problems("name", params["name"])
    if params["prefix"]:
        found += prefix_problems("prefix", params["prefix"], params["region"] or "")
    for key in ("noncurrent_days", "abort_uploads_days"):
        if params[key] < 1:
            found.append(f"{key} is {params[key]}; S3 takes 1 or more days.")
    for entry in params["replicate_to"] or []:
        found += _destination_problems(entry, params)
    found += dead_problems(params, [entry for entry in params["replicate_to"] or [] if REGION.fullmatch(entry)])
    return found


def _destination_problems(entry: str, params: dict[str, Any]) -> list[str]:
    found = []
    if REGION.fullmatch(entry):
        found += region_problems("replicate_to", entry)
        if not params["prefix"]:
            found.append(f"replicate_to names region {entry}; without prefix, give the name of the bucket there.")
    else:
        found += name_problems("replicate_to", entry)
    is_own = entry in (params["region"], params["name"])
    if params["encryption"] == "kms" and not is_own and entry not in (params["replica_kms_keys"] or {}):
        found.append(f"replica_kms_keys has no key for {entry}; with encryption kms each destination needs one.")
    return found


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    region, state = cloud.region, params["state"]
    name = params["name"] or bucket_name(params["prefix"], cloud.account_id, region)
    whole = params["scope"] == "all"
    if state == "absent" and whole and not params["delete_data"] and holds_data(cloud, region, name):
        raise CollectionError(
            f"S3 bucket {name} in {region} is not empty, so it is left alone. Give delete_data: true to remove it with "
            "every version of every object."
        )
    tags = resource_tags(params, region)
    bucket = Bucket(
        name,
        region,
        state=state,
        purge_tags=params["purge_tags"],
        versioning=True,
        public_access_blocked=True,
        object_ownership="BucketOwnerEnforced",
        encryption={"type": params["encryption"], "kms_key_id": params["kms_key_id"]},
        policy=tls_only_policy(name, region),
        lifecycle=[expiry_rule(params["noncurrent_days"], params["abort_uploads_days"])],
        tags=tags,
    )
    kept = _rules_of_the_dead(params, name, cloud)
    destinations = _destinations(params, name, cloud, kept)
    resources: list[Any] = [bucket] if whole else []
    replication: list[Any] = []
    if state == "absent" or destinations is not None:
        replication = _replication(params, bucket, destinations or {}, kept, tags, cloud.account_id)
        replication[-1].needs = tuple(resources)
        resources += replication

    def outputs(known: Known) -> dict[str, Any]:
        told = {"name": name, "arn": bucket_arn(name, region), "region": region}
        if destinations is not None:
            told["replicates_to"] = sorted(destinations)
            put = known.attribute(replication[-1], "rules") or []
            told["owes_older_objects_to"] = sorted(destination(rule) for rule in put if owes(rule))
        return {"bucket": told}

    return Composition(resources, outputs)


def _rules_of_the_dead(params: dict[str, Any], own: str, cloud: Cloud) -> dict[str, dict[str, Any]]:
    """The rules that lead to regions of which nothing is asked, by their destination: they stay as they are."""
    places = {*params["dead"]} & {*(params["replicate_to"] or [])} - {cloud.region}
    if not places:
        return {}
    names = {bucket_name(params["prefix"], cloud.account_id, place) for place in places}
    there = (read(cloud, cloud.region, own) or {"Rules": []})["Rules"]
    return {destination(rule): rule for rule in there if destination(rule) in names}


def _destinations(
    params: dict[str, Any], own: str, cloud: Cloud, kept: Mapping[str, Any]
) -> dict[str, str | None] | None:
    """The buckets to copy to, each with the key of its replicas. None if the replication is to stay as it is.

    Of those in dead regions only the `kept` ones: whether there is another, and whose it is, cannot be asked.
    """
    if params["replicate_to"] is None or params["state"] == "absent":
        return None
    keys = params["replica_kms_keys"] or {}
    found = {}
    for entry in params["replicate_to"]:
        is_region = REGION.fullmatch(entry)
        name = bucket_name(params["prefix"], cloud.account_id, entry) if is_region else entry
        if name != own and (entry not in params["dead"] or name in kept):
            found[name] = keys.get(entry)
    return found


def _replication(
    params: dict[str, Any],
    bucket: Bucket,
    destinations: dict[str, str | None],
    kept: Mapping[str, dict[str, Any]],
    tags: dict[str, str],
    account: str,
) -> list[Any]:
    """The replication and its role; both absent when there is nowhere to copy to."""
    region, uses_kms = bucket.region, params["encryption"] == "kms"
    state = "present" if destinations else "absent"
    names = list(destinations)
    policy = role_policy(
        bucket.name,
        region,
        names,
        kms_key_id=params["kms_key_id"] if uses_kms else None,
        replica_keys=[key for key in destinations.values() if key],
    )
    role = Role(
        replication_role_name(bucket.name),
        region,
        state=state,
        purge_tags=params["purge_tags"],
        description=f"S3 copies the objects of {bucket.name} to other regions",
        path="/",
        trust=TRUST,
        policies={"replicate": policy},
        managed_policies=[],
        tags=tags,
    )
    namesakes = {
        each: bucket_name(params["prefix"], account, each)
        for each in params["replicate_to"] or []
        if REGION.fullmatch(each) and each not in params["dead"]
    }
    wanted = rules(
        region,
        names,
        delete_markers=params["replicate_delete_markers"],
        modifications=params["replicate_modifications"],
        metrics=params["replication_metrics"],
        time_control=params["replication_time_control"],
        kms_keys={name: key or "" for name, key in destinations.items()} if uses_kms else None,
    )
    replication = BucketReplication(
        bucket.name,
        region,
        state=state,
        namesakes={place: name for place, name in namesakes.items() if name in destinations},
        role_arn=role.ref("arn"),
        rules=[{**kept.get(destination(rule), rule), "Priority": rule["Priority"]} for rule in wanted],
    )
    return [role, replication]


MODULE = ModuleDefinition(
    arguments={
        "name": {"type": "str"},
        "prefix": {"type": "str"},
        "encryption": {"type": "str", "choices": ["s3", "kms"], "default": "s3"},
        "kms_key_id": {"type": "str", "no_log": False},
        "noncurrent_days": {"type": "int", "default": 30},
        "abort_uploads_days": {"type": "int", "default": 7},
        "replicate_to": {"type": "list", "elements": "str"},
        "replicate_delete_markers": {"type": "bool", "default": False},
        "replicate_modifications": {"type": "bool", "default": False},
        "replication_metrics": {"type": "bool", "default": False},
        "replication_time_control": {"type": "bool", "default": False},
        "replica_kms_keys": {"type": "dict", "no_log": False},
        "delete_data": {"type": "bool", "default": False},
        "scope": {"type": "str", "choices": ["all", "replication"], "default": "all"},
        **DEAD_ARGUMENT,
    },
    services=("s3", "iam", "sts"),
    build=build,
    problems=problems,
    rules={
        "required_one_of": [("name", "prefix")],
        "mutually_exclusive": [("name", "prefix")],
        "required_if": [("encryption", "kms", ["kms_key_id"]), ("scope", "replication", ["replicate_to"])],
    },
)
