# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What EventBridge Scheduler refuses and moto lets through."""

from __future__ import annotations

import json
import re
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from botocore.session import get_session
from moto.core.utils import utcnow
from moto.scheduler.exceptions import ValidationException

from localcloud.ecs.role_rules import ROLE_PROPAGATION
from localcloud.policies import admits, roles_of
from localcloud.scheduler.expressions import InvalidExpression, parse, zone_of
from localcloud.validation import complaints
from localcloud.world import WORLD

PRINCIPAL = "scheduler.amazonaws.com"
ECS_CLUSTER = ":cluster/"
NAME = re.compile(r"[0-9A-Za-z_.-]{1,64}")
WINDOWS = range(1, 1441)

Parameters = dict[str, Any]

_model = get_session().get_service_model("scheduler")


def check_schedule(parameters: Parameters, operation: str, account: str, group_arn: str) -> None:
    """Refuse a CreateSchedule or UpdateSchedule that the service refuses.

    Raises:
        ValidationException: with an equivalent message.
    """
    for complaint in complaints(parameters, _model.operation_model(operation).input_shape):
        raise ValidationException(f"1 validation error detected: {complaint}")
    if not NAME.fullmatch(parameters["Name"]):  # the model's pattern is not anchored
        raise ValidationException(f"1 validation error detected: Name {parameters['Name']!r} must match {NAME.pattern}")
    expression = parameters["ScheduleExpression"]
    try:
        parse(expression)
    except InvalidExpression:
        raise ValidationException(f"Invalid Schedule Expression {expression}.") from None
    zone = parameters.get("ScheduleExpressionTimezone") or "UTC"
    try:
        zone_of(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValidationException(f"The provided timezone {zone} is not valid.") from None
    window = parameters["FlexibleTimeWindow"]
    if (window["Mode"] == "FLEXIBLE") != (window.get("MaximumWindowInMinutes") in WINDOWS):
        raise ValidationException("A FLEXIBLE time window has MaximumWindowInMinutes, 1 to 1440; one that is OFF none.")
    _check_target(parameters["Target"])
    _check_role(parameters["Target"]["RoleArn"], account, group_arn)


def _check_target(target: Parameters) -> None:
    is_ecs = target["Arn"].split(":")[2:3] == ["ecs"] and ECS_CLUSTER in target["Arn"]
    wanted = target.get("EcsParameters")
    if is_ecs != (wanted is not None):
        raise ValidationException(
            f"EcsParameters belong to an ECS cluster and to nothing else; target is {target['Arn']}."
        )
    if wanted is None:
        return
    if wanted.get("LaunchType") and wanted.get("CapacityProviderStrategy"):
        raise ValidationException("Specify a launch type or a capacity provider strategy, not both.")
    if target.get("Input"):
        try:
            json.loads(target["Input"])
        except ValueError:
            raise ValidationException("Invalid Input: it must be JSON, the overrides of the task.") from None


def _check_role(arn: str, account: str, group_arn: str) -> None:
    role = next((each for each in roles_of(account) if each.arn == arn), None)
    is_new = role is not None and (utcnow() - role.create_date).total_seconds() < WORLD.options.delayed(
        ROLE_PROPAGATION
    )
    if (
        role is None
        or is_new
        or not admits(role.assume_role_policy_document, PRINCIPAL, "sts:AssumeRole", "*", group_arn)
    ):
        raise ValidationException(
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
        )
