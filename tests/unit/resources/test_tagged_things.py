# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an ARN that the Resource Groups Tagging API tells means to the modules of this collection."""

from __future__ import annotations

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.resources.tagged_things import OTHER, PART, thing_of

HERE = "us-east-1:123456789012"


@pytest.mark.parametrize(
    ("arn", "tags", "kind", "name"),
    [
        (f"arn:aws:ecs:{HERE}:service/sales/api", {}, "ecs_service", "sales/api"),
        (f"arn:aws:ecs:{HERE}:cluster/sales", {}, "ecs_cluster", "sales"),
        (f"arn:aws:ecs:{HERE}:task-definition/sales-api:12", {}, "ecs_task_definition", "sales-api"),
        (f"arn:aws:ecs:{HERE}:task/sales/0a1b", {}, PART, "task/sales/0a1b"),
        (f"arn:aws:elasticloadbalancing:{HERE}:loadbalancer/app/shop/0a1b", {}, "elbv2_load_balancer", "shop"),
        (
            f"arn:aws:elasticloadbalancing:{HERE}:targetgroup/api/0a1b",
            {"load_balancer": "shop"},
            "elbv2_load_balancer",
            "shop",
        ),
        (f"arn:aws:elasticloadbalancing:{HERE}:listener/app/shop/0a/1b", {}, PART, "listener/app/shop/0a/1b"),
        (f"arn:aws:sqs:{HERE}:sales-queue", {}, "sqs_queue", "sales-queue"),
        (f"arn:aws:sns:{HERE}:sales-notices", {}, "sns_topic", "sales-notices"),
        ("arn:aws:s3:::sales-lake", {}, "s3_bucket", "sales-lake"),
        (f"arn:aws:dynamodb:{HERE}:table/sales", {}, "dynamodb_table", "sales"),
        (f"arn:aws:ecr:{HERE}:repository/sales/api", {}, "ecr_repository", "sales/api"),
        (f"arn:aws:logs:{HERE}:log-group:/ecs/sales/api", {}, "log_group", "/ecs/sales/api"),
        (f"arn:aws:logs:{HERE}:log-group:/ecs/sales/api:*", {}, "log_group", "/ecs/sales/api"),
        (f"arn:aws:ssm:{HERE}:parameter/sales/outputs/edge", {}, "ssm_parameter", "/sales/outputs/edge"),
        (f"arn:aws:scheduler:{HERE}:schedule-group/sales", {}, "schedule_group", "sales"),
        (f"arn:aws:elasticfilesystem:{HERE}:file-system/fs-0a", {"Name": "sales-db"}, "efs_file_system", "sales-db"),
        (f"arn:aws:ec2:{HERE}:subnet/subnet-0a", {"network": "sales"}, "ec2_network", "sales"),
        (f"arn:aws:ec2:{HERE}:instance/i-0a", {}, OTHER, f"arn:aws:ec2:{HERE}:instance/i-0a"),
        (f"arn:aws:kms:{HERE}:key/0a1b", {}, OTHER, f"arn:aws:kms:{HERE}:key/0a1b"),
        ("arn:aws:globalaccelerator::123456789012:accelerator/0a", {}, "globalaccelerator_accelerator", "0a"),
    ],
)
def test_an_arn_means(arn: str, tags: dict[str, str], kind: str, name: str) -> None:
    thing = thing_of(arn, tags, "us-east-1")
    assert (thing.kind, thing.name, thing.arn) == (kind, name, arn)
