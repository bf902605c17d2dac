# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that are cut stay different, and tags that some service refuses are told before any call."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.multiregion.ecs.plugins.module_utils.aws import names
from ansible_collections.multiregion.ecs.plugins.module_utils.aws.names import MOST_TAGS, shortened, tag_problems
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.bucket_replication import replication_role_name


def test_a_website_has_the_name_that_its_region_gives_it() -> None:
    for region, host in {
        "us-east-1": "site.s3-website-us-east-1.amazonaws.com",
        "sa-east-1": "site.s3-website-sa-east-1.amazonaws.com",
        "us-east-2": "site.s3-website.us-east-2.amazonaws.com",
        "eu-central-1": "site.s3-website.eu-central-1.amazonaws.com",
        "cn-north-1": "site.s3-website.cn-north-1.amazonaws.com.cn",
    }.items():
        assert names.website_host("site", region) == host


def told(tags: dict[str, Any], *, strict: bool = True, ignoring_case: bool = True) -> list[str]:
    return list(tag_problems("tags", tags, strict=strict, ignoring_case=ignoring_case))


@given(st.text("ab-", min_size=1, max_size=90), st.text("ab-", min_size=1, max_size=90), st.sampled_from(["", "-role"]))
def test_two_names_stay_two_and_within_the_limit(one: str, other: str, suffix: str) -> None:
    names = [shortened(name, 32, suffix) for name in (one, other)]
    assert all(len(name) <= 32 and name.endswith(suffix) for name in names)
    assert (names[0] == names[1]) is (one == other)


def test_a_name_that_fits_is_left_as_it_is() -> None:
    assert shortened("a" * 27, 32, "-role") == "a" * 27 + "-role"


def test_replication_roles_of_two_regions_are_two() -> None:
    prefix = "a-lake-of-data-with-a-long-prefix-123456789012"
    one, other = (replication_role_name(f"{prefix}-{region}") for region in ("ap-northeast-1", "ap-northeast-2"))
    assert one != other and max(len(one), len(other)) <= 64
    assert replication_role_name("lake-123456789012-eu-west-1") == "lake-123456789012-eu-west-1-replicate"


@pytest.mark.parametrize(
    ("tags", "part"),
    [
        ({"Workload": "x"}, "'Workload' beside 'workload'; IAM takes both for one key"),
        ({"REGION": "x"}, "'REGION' beside 'region'"),
        ({"team": "a", "Team": "b"}, "'Team' beside 'team'"),
        ({"owner": "sales (south)"}, "the value 'sales (south)' holds ( )"),
        ({"owner": "a, b & c"}, "holds & ,"),
        ({"a&b": "c"}, "the key 'a&b' holds &"),
        ({"aws:own": "x"}, "not beginning with aws:"),
        ({"": "x"}, "1 to 128 characters are valid"),
        ({"k" * 129: "x"}, "1 to 128 characters are valid"),
        ({"k": "v" * 257}, "has 257 characters; AWS takes 256"),
        ({str(number): "x" for number in range(MOST_TAGS - 1)}, "has 49 tags; AWS takes 50"),
    ],
)
def test_a_tag_that_aws_refuses_is_told(tags: dict[str, Any], part: str) -> None:
    (only,) = told(tags)
    assert part in only


def test_a_tag_that_aws_takes_is_right() -> None:
    assert told({"Cost Centre": "Vendas São Paulo: 1/2+3=5_@x.y-z", "empty": "", "number": 5, "Name": "x"}) == []
    assert told({"owner": "(a)", "Workload": "x"}, strict=False, ignoring_case=False) == []


def test_partitions_and_hosts_are_those_of_botocore() -> None:
    session = botocore.session.Session()
    resolver = session.get_component("endpoint_resolver")
    for partition in session.get_available_partitions():
        for region in session.get_available_regions("ecs", partition):
            assert names.partition(region) == partition
            assert names.dns_suffix(region) == resolver.get_partition_dns_suffix(partition)
