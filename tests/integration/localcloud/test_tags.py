# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Resource Groups Tagging API: everything of a region by its tags, and for a while what is gone."""

from __future__ import annotations

from localcloud import Cloud
from tests.support.waiting import eventually


def told(cloud: Cloud, region: str, name: str) -> set[str]:
    client = cloud.client("resourcegroupstaggingapi", region)
    pages = client.get_paginator("get_resources").paginate(TagFilters=[{"Key": "workload", "Values": [name]}])
    return {each["ResourceARN"] for page in pages for each in page["ResourceTagMappingList"]}


def test_everything_of_a_region_is_told_by_its_tags(cloud: Cloud, name: str) -> None:
    tags = [{"Key": "workload", "Value": name}]
    place = {"LocationConstraint": "sa-east-1", "Tags": tags}
    cloud.client("s3", "sa-east-1").create_bucket(Bucket=name, CreateBucketConfiguration=place)
    repository = cloud.client("ecr", "sa-east-1").create_repository(repositoryName=name, tags=tags)["repository"]
    accelerators = cloud.client("globalaccelerator", "us-west-2")
    accelerator = accelerators.create_accelerator(Name=name, Tags=tags, IdempotencyToken=name)["Accelerator"]
    assert told(cloud, "sa-east-1", name) == {f"arn:aws:s3:::{name}", repository["repositoryArn"]}
    assert told(cloud, "us-west-2", name) == {accelerator["AcceleratorArn"]}
    assert told(cloud, "us-east-1", name) == set()


def test_what_is_gone_is_told_for_a_while(cloud: Cloud, name: str) -> None:
    queues = cloud.client("sqs", "sa-east-1")
    url = queues.create_queue(QueueName=name, tags={"workload": name})["QueueUrl"]
    assert len(told(cloud, "sa-east-1", name)) == 1
    queues.delete_queue(QueueUrl=url)
    assert len(told(cloud, "sa-east-1", name)) == 1
    eventually(lambda: not told(cloud, "sa-east-1", name))


def test_a_page_can_be_asked_for_again(cloud: Cloud, name: str) -> None:
    queues = cloud.client("sqs", "sa-east-1")
    for number in range(5):
        queues.create_queue(QueueName=f"{name}-{number}", tags={"workload": name})
    asked = {"TagFilters": [{"Key": "workload", "Values": [name]}], "ResourcesPerPage": 2}
    client = cloud.client("resourcegroupstaggingapi", "sa-east-1")
    first = client.get_resources(**asked)
    second, again = (client.get_resources(**asked, PaginationToken=first["PaginationToken"]) for _ in range(2))
    assert second["ResourceTagMappingList"] == again["ResourceTagMappingList"]
    last = client.get_resources(**asked, PaginationToken=again["PaginationToken"])
    pages = [page["ResourceTagMappingList"] for page in (first, second, last)]
    assert [len(page) for page in pages] == [2, 2, 1] and not last.get("PaginationToken")
    assert len({each["ResourceARN"] for page in pages for each in page}) == 5
