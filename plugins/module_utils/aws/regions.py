# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of AWS regions before any of them is asked: their names, and which of them differ from the others."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

try:
    from botocore.loaders import Loader
except ImportError:  # reported by the module, in words, before anything uses it
    Loader = None

OPT_IN_REGIONS = frozenset(
    {
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-south-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "ca-west-1",
        "eu-central-2",
        "eu-south-1",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "mx-central-1",
    }
)
"""Regions that an account must enable before use. Botocore does not tell: this is the list in "Cross-region delivery"
of the SNS developer guide, and the regions launched since it was written."""

OSAKA = "ap-northeast-3"
"""Enabled in every account, and yet in that list of the SNS guide: both principals are admitted from and to it."""

STRONG_REGION_SETS = (
    ("us-east-1", "us-east-2", "us-west-2"),
    ("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"),
    ("ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
)
"""A DynamoDB global table with strong consistency lies within one of these (MRSC, developer guide)."""


@lru_cache(maxsize=1)
def known_regions() -> frozenset[str]:
    """Every region of every partition that has EC2, out of botocore's endpoint data: nothing is asked.

    The data are read here, since a session takes a sixth of a second for the same, at the start of every playbook.
    """
    return frozenset(
        region
        for partition in Loader().load_data("endpoints")["partitions"]
        for region in partition["services"].get("ec2", {}).get("endpoints", {})
        if region in partition["regions"]
    )


def region_problems(variable: str, name: str) -> list[str]:
    """One problem if there is no region of that name, with the nearest names as suggestion."""
    if name in known_regions():
        return []
    near = get_close_matches(name, sorted(known_regions()), n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else "An example of a region is sa-east-1."
    return [f"{variable} is {name!r}, which is not an AWS region. {hint}"]


def strong_set_problems(variable: str, regions: Iterable[str]) -> list[str]:
    """One problem unless the regions are three different ones of one region set."""
    wanted = list(regions)
    if len(wanted) == len(set(wanted)) == 3 and any(set(wanted) <= set(members) for members in STRONG_REGION_SETS):
        return []
    valid = "; ".join(", ".join(members) for members in STRONG_REGION_SETS)
    return [
        f"{variable} is {', '.join(wanted) or 'empty'}; strong consistency (MRSC) needs exactly three different "
        f"regions out of one of these sets: {valid}."
    ]


def sns_principals(topic_region: str, queue_region: str) -> list[str]:
    """The service principals as which a topic's messages may arrive at a queue.

    Across regions it is that of the opt-in region, if there is one (SNS developer guide, cross-region delivery).
    """
    if topic_region != queue_region:
        for region in (queue_region, topic_region):
            if region in OPT_IN_REGIONS:
                return [f"sns.{region}.amazonaws.com"]
        if OSAKA in (queue_region, topic_region):
            return ["sns.amazonaws.com", f"sns.{OSAKA}.amazonaws.com"]
    return ["sns.amazonaws.com"]


def fanout_problems(variable: str, regions: Iterable[str], region: str) -> list[str]:
    """One problem for each region with which `region` cannot exchange messages: both are opt-in regions."""
    return [
        f"{variable} names {other}; SNS does not deliver between two opt-in regions ({region} is the other one)."
        for other in regions
        if other != region and other in OPT_IN_REGIONS and region in OPT_IN_REGIONS
    ]
