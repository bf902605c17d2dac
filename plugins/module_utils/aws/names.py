# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, tags and ARNs: how the resources of a workload are called in every region.

They are computed, never looked up, so that one region can name what stands in another one that does not answer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

MOST_TAGS, LONGEST_KEY, LONGEST_VALUE = 50, 128, 256

TAG_SIGNS = "_.:/=+-@"
"""What a tag may hold beside letters, digits and spaces. EC2 alone takes anything."""

PARTITIONS = {
    "cn-": ("aws-cn", "amazonaws.com.cn"),
    "us-gov-": ("aws-us-gov", "amazonaws.com"),
    "us-iso-": ("aws-iso", "c2s.ic.gov"),
    "us-isob-": ("aws-iso-b", "sc2s.sgov.gov"),
    "eu-isoe-": ("aws-iso-e", "cloud.adc-e.uk"),
    "us-isof-": ("aws-iso-f", "csp.hci.ic.gov"),
    "eusc-": ("aws-eusc", "amazonaws.eu"),
}
"""How the names of regions begin that are not of the partition `aws`, with partition and DNS suffix (botocore's
endpoint data)."""

WEBSITES_WITH_DASH = frozenset(
    {
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "eu-west-1",
        "sa-east-1",
        "us-east-1",
        "us-gov-west-1",
        "us-west-1",
        "us-west-2",
    }
)
"""The regions, all old ones, whose S3 website endpoint is `s3-website-<region>`; in the others it is
`s3-website.<region>` (AWS General Reference, "Amazon S3 website endpoints")."""

DNS_SUFFIXES = ("amazonaws.com", *sorted({suffix for _name, suffix in PARTITIONS.values()} - {"amazonaws.com"}))

OWN_TAGS = ("workload", "region")
"""The keys of the tags by which a resource is found again."""


ROLE_NAME_LENGTH = 64
"""How long the name of a role may be."""


def shortened(name: str, most: int, suffix: str = "") -> str:
    """`name` and `suffix` within `most` characters.

    What does not fit is cut off the name, and a hash of the whole takes its place, so that two names that differ only
    in what was cut stay two.
    """
    if len(name) + len(suffix) <= most:
        return name + suffix
    own = f"-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return name[: most - len(own) - len(suffix)] + own + suffix


def tag_problems(variable: str, tags: dict[str, Any] | None, *, strict: bool, ignoring_case: bool) -> Iterator[str]:
    """What cannot be right about tags of the user's. `strict`: not every character goes; `ignoring_case`: as in IAM."""
    given = {str(key): str(value) for key, value in (tags or {}).items()}
    if len(given) > MOST_TAGS - len(OWN_TAGS):
        yield f"{variable} has {len(given)} tags; AWS takes {MOST_TAGS}, and {', '.join(OWN_TAGS)} are added to them."
    seen = {key: key for key in OWN_TAGS}
    for key, value in given.items():
        if not 1 <= len(key) <= LONGEST_KEY or key.lower().startswith("aws:"):
            yield f"{variable} has the key {key!r}; 1 to {LONGEST_KEY} characters are valid, not beginning with aws:."
        if len(value) > LONGEST_VALUE:
            yield f"{variable}.{key} has {len(value)} characters; AWS takes {LONGEST_VALUE}."
        other = seen.setdefault(key.lower(), key)
        if ignoring_case and other != key:
            yield f"{variable} has {key!r} beside {other!r}; IAM takes both for one key. Leave one out, or rename it."
        for what, text in (("the key", key), ("the value", value)):
            wrong = sorted({sign for sign in text if not (sign.isalnum() or sign.isspace() or sign in TAG_SIGNS)})
            if strict and wrong:
                yield (
                    f"{variable}: {what} {text!r} holds {' '.join(wrong)}; letters, digits, spaces and {TAG_SIGNS} are "
                    "valid in ECS, ECR, IAM and most others."
                )


def resource_tags(params: dict[str, Any], region: str | None = None) -> dict[str, str]:
    """The tags of every resource: the user's, and `workload` and `region`, by which it is found again."""
    given = {str(key): str(value) for key, value in (params.get("tags") or {}).items()}
    return {**given, "workload": params["workload"], "region": region or params["region"]}


def named(tags: dict[str, str], name: str) -> dict[str, str]:
    """`tags` with the `Name` that EC2 resources carry."""
    return {**tags, "Name": name}


def to_tag_list(tags: dict[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """`{name: value}` in the list form of most AWS services; ECS says `key` and `value`."""
    return [{key: name, value: text} for name, text in sorted(tags.items())]


def from_tag_list(tags: list[dict[str, str]] | None, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """The list form of most AWS services as `{name: value}`."""
    return {tag[key]: tag[value] for tag in tags or []}


def tag_changes(before: dict[str, str], after: dict[str, str]) -> tuple[dict[str, str], list[str]]:
    """What to set and which keys to remove to come from one set of tags to the other. AWS's own stay."""
    to_set = {key: value for key, value in after.items() if before.get(key) != value}
    to_remove = sorted(key for key in before if key not in after and not key.startswith("aws:"))
    return to_set, to_remove


def certificate_problems(variable: str, certificate: str | None, region: str | None) -> Iterator[str]:
    """Why a service of `region` cannot use this certificate: it takes those of its own region, or of IAM.

    What is not an ARN, such as an identifier that is not known yet, is left to AWS.
    """
    parts = (certificate or "").split(":")
    if region and len(parts) > 5 and parts[0] == "arn" and parts[3] not in ("", region):
        yield (
            f"{variable} is {certificate}, which is in {parts[3]}; a certificate works in its own region, so one of "
            f"{region} is needed here."
        )


def partition(region: str) -> str:
    """The AWS partition of a region: `aws`, `aws-cn`, `aws-us-gov` …"""
    return _partition(region)[0]


def dns_suffix(region: str) -> str:
    """What the names of AWS's hosts in a region end with: `amazonaws.com`, `amazonaws.com.cn` …"""
    return _partition(region)[1]


def _partition(region: str) -> tuple[str, str]:
    return next((told for prefix, told in PARTITIONS.items() if region.startswith(prefix)), ("aws", "amazonaws.com"))


def arn(service: str, region: str, account: str, rest: str, *, within: str | None = None) -> str:
    """An ARN; for an empty region (a global service) or `*` give, in `within`, a region to know the partition by."""
    return f"arn:{partition(within or region)}:{service}:{region}:{account}:{rest}"


def flow_log_group(network: str) -> str:
    """The log group that the flow log of a network is written to."""
    return f"/vpc/{network}"


def flow_log_role(network: str, region: str) -> str:
    """The role that it is written with."""
    return shortened(network, ROLE_NAME_LENGTH, f"-flow-logs-{region}")


def dimension_value(value: str) -> str:
    """What CloudWatch calls a target group or a load balancer: the end of its ARN. Anything else is as it is."""
    if not value.startswith("arn:") or ":elasticloadbalancing:" not in value:
        return value
    return value.rpartition(":")[2].removeprefix("loadbalancer/")


def repository_uri(account: str, region: str, name: str) -> str:
    """What images of an ECR repository are named by, before `:<tag>` or `@<digest>`."""
    return f"{account}.dkr.ecr.{region}.{dns_suffix(region)}/{name}"


def website_host(bucket: str, region: str) -> str:
    """The name under which S3 serves a bucket as a website, over HTTP only."""
    mark = "-" if region in WEBSITES_WITH_DASH else "."
    return f"{bucket}.s3-website{mark}{region}.{dns_suffix(region)}"


def filled_in(template: str, account: str, region: str) -> str:
    """What a name with {account} and {region} in it is in one region."""
    return template.format(account=account, region=region)


def bucket_name(prefix: str, account: str, region: str) -> str:
    """The name of a region's bucket: such names are global, so the account and the region are part of it."""
    return f"{prefix}-{account}-{region}"
