# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an accelerator of an embedded cloud needs: a load balancer, a listener."""

from __future__ import annotations

from typing import Any

from localcloud import Cloud


def make_load_balancer(cloud: Cloud, name: str, region: str = "sa-east-1") -> tuple[str, str, str]:
    """An ALB with one target group behind its listener; returns the ARNs of the ALB, the group and its VPC's id."""
    ec2, elb = cloud.client("ec2", region), cloud.client("elbv2", region)
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.77.{number}.0/24", AvailabilityZone=region + zone)["Subnet"]
        for number, zone in enumerate("ab")
    ]
    balancer = elb.create_load_balancer(Name=name, Subnets=[s["SubnetId"] for s in subnets], Scheme="internal")
    arn = balancer["LoadBalancers"][0]["LoadBalancerArn"]
    group = elb.create_target_group(Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip")
    group_arn = group["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": "forward", "TargetGroupArn": group_arn}]
    elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=forward)
    return arn, group_arn, vpc


def make_listener(client: Any, name: str) -> tuple[str, str]:
    accelerator = client.create_accelerator(Name=name, IdempotencyToken=name)["Accelerator"]["AcceleratorArn"]
    listener = client.create_listener(
        AcceleratorArn=accelerator, PortRanges=[{"FromPort": 80, "ToPort": 80}], Protocol="TCP", IdempotencyToken=name
    )
    return accelerator, listener["Listener"]["ListenerArn"]
