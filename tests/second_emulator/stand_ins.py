# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single answers in which MiniStack tells less than AWS, completed on their way, so that all else can be seen.

Each is a known gap. The case of the module in `seen_in` needs it; when it does not any more, the test of that module
fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from tests.second_emulator.inventory import Clients

Answer = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """A call and its answer. `clients` ask MiniStack, and nothing completes what they are answered."""

    params: Mapping[str, Any]
    answer: Answer
    region: str
    clients: Clients


@dataclass(frozen=True)
class StandIn:
    """`complete` says whether the answer lacked something, which it has added, or raises what AWS raises."""

    call: str
    lacks: str
    seen_in: str
    complete: Callable[[Call], bool]


def _nothing_of(*members: str) -> Callable[[Call], bool]:
    def complete(call: Call) -> bool:
        served = "Error" not in call.answer
        if not served:
            call.answer.clear()
            call.answer.update({member: [] for member in members})
        return not served

    return complete


def _refused_when_empty(asked: str, member: str, code: str, operation: str) -> Callable[[Call], bool]:
    def complete(call: Call) -> bool:
        if asked in call.params and call.answer.get(member) == []:
            raise ClientError({"Error": {"Code": code, "Message": "MiniStack answers with an empty list"}}, operation)
        return False

    return complete


def _protocol_version(call: Call) -> bool:
    lacking = [
        group
        for group in call.answer.get("TargetGroups", [])
        if group["Protocol"] in ("HTTP", "HTTPS") and "ProtocolVersion" not in group
    ]
    for group in lacking:
        group["ProtocolVersion"] = "HTTP1"
    return bool(lacking)


def _interfaces_of_mount_targets(call: Call) -> bool:
    if call.answer.get("NetworkInterfaces") != []:
        return False
    efs = call.clients("efs", call.region)
    wanted = {each for test in call.params.get("Filters", []) for each in test["Values"]}
    call.answer["NetworkInterfaces"] = [
        {
            "NetworkInterfaceId": target["NetworkInterfaceId"],
            "Groups": [
                {"GroupId": group}
                for group in efs.describe_mount_target_security_groups(MountTargetId=target["MountTargetId"])[
                    "SecurityGroups"
                ]
            ],
        }
        for page in efs.get_paginator("describe_file_systems").paginate()
        for system in page["FileSystems"]
        for target in efs.describe_mount_targets(FileSystemId=system["FileSystemId"])["MountTargets"]
        if target["NetworkInterfaceId"] in wanted
    ]
    return bool(call.answer["NetworkInterfaces"])


def _option_that_is_off(call: Call) -> bool:
    options = call.params.get("RequesterPeeringConnectionOptions") or call.params["AccepterPeeringConnectionOptions"]
    refused = "Error" in call.answer and not any(options.values())
    if refused:
        call.answer.clear()
    return refused


STAND_INS = (
    StandIn(
        "application-autoscaling.DescribeScalableTargets",
        "Application Auto Scaling is not served: HTTP 400 without a code",
        "ecs_service",
        _nothing_of("ScalableTargets"),
    ),
    StandIn(
        "ec2.DescribeNetworkInterfaces",
        "a mount target's network interface, which CreateMountTarget names, is not told",
        "efs_with_sg",
        _interfaces_of_mount_targets,
    ),
    StandIn(
        "ec2.ModifyVpcPeeringConnectionOptions",
        "InvalidAction, also where an option is to be off, as it is",
        "network_peering",
        _option_that_is_off,
    ),
    StandIn(
        "ecr.DescribeImages",
        "imageIds that do not exist are answered with an empty list, not with ImageNotFoundException",
        "workload_image",
        _refused_when_empty("imageIds", "imageDetails", "ImageNotFoundException", "DescribeImages"),
    ),
    StandIn(
        "elbv2.DescribeTargetGroups",
        "Names that do not exist are answered with an empty list, not with TargetGroupNotFound",
        "workload_status_info",
        _refused_when_empty("Names", "TargetGroups", "TargetGroupNotFound", "DescribeTargetGroups"),
    ),
    StandIn(
        "elbv2.DescribeTargetGroups",
        "ProtocolVersion of an HTTP target group is not told",
        "load_balancer",
        _protocol_version,
    ),
)


class Completed:
    """The stand-ins at work in a botocore session; `needed` are those whose answer lacked something."""

    def __init__(self, clients: Clients) -> None:
        self.needed: set[StandIn] = set()
        self._clients = clients

    def register(self, session: Any) -> None:
        session.register("before-parameter-build", self._note)
        session.register("after-call", self._complete)

    def _note(self, params: dict[str, Any], context: dict[str, Any], **_others: Any) -> None:
        context["asked"] = params

    def _complete(
        self, http_response: Any, parsed: Answer, model: Any, context: dict[str, Any], **_others: Any
    ) -> None:
        name = f"{model.service_model.service_name}.{model.name}"
        for stand_in in (each for each in STAND_INS if each.call == name):
            call = Call(context["asked"], parsed, context["client_region"], self._clients)
            try:
                lacked = stand_in.complete(call)
            except ClientError:
                self.needed.add(stand_in)
                raise
            if lacked:
                self.needed.add(stand_in)
                http_response.status_code = 200
