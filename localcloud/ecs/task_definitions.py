# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ECS adds to a task definition: pure functions over the request's own shape.

A description is not what was registered: defaults are filled in, lists that are sets come back in another order,
capabilities are worked out. Comparing the two naively makes a new revision on every run, so none of that may be missing
here.
"""

from __future__ import annotations

import copy

from localcloud.ecs.task_definition_rules import ECR_IMAGE, Definition, Refused, check, network_mode


def described(definition: Definition) -> Definition:
    """A registered definition as DescribeTaskDefinition returns it, but for what is worked out of it."""
    mode = network_mode(definition)
    return {
        **definition,
        "networkMode": mode,
        "containerDefinitions": [enrich_container(each, mode) for each in definition["containerDefinitions"]],
        "volumes": [enrich_volume(each) for each in definition.get("volumes") or []],
    }


def enrich_container(container: Definition, network_mode: str | None) -> Definition:
    """A container as DescribeTaskDefinition returns it."""
    enriched = {
        "cpu": 0,
        "portMappings": [],
        "essential": True,
        "environment": [],
        "mountPoints": [],
        "volumesFrom": [],
        "systemControls": [],
        **copy.deepcopy(container),
    }
    # A variable without a value is none.
    enriched["environment"] = [pair for pair in enriched["environment"] if pair.get("value") is not None]
    for mapping in enriched["portMappings"]:
        mapping.setdefault("protocol", "tcp")
        if "containerPortRange" in mapping:  # the host's ports are found when the task starts
            continue
        if network_mode in ("awsvpc", "host"):
            mapping["hostPort"] = mapping.get("hostPort") or mapping["containerPort"]
        else:
            mapping.setdefault("hostPort", 0)
    # Sets on AWS's side: their order carries no meaning, and is not kept.
    for name in ("environment", "secrets"):
        if name in enriched:
            enriched[name] = sorted(enriched[name], key=lambda pair: pair["name"], reverse=True)
    if enriched.get("healthCheck"):
        enriched["healthCheck"] = {"interval": 30, "timeout": 5, "retries": 3, **enriched["healthCheck"]}
    return enriched


def enrich_volume(volume: Definition) -> Definition:
    """A volume as DescribeTaskDefinition returns it."""
    enriched = copy.deepcopy(volume)
    efs = enriched.get("efsVolumeConfiguration")
    if efs is not None:
        efs.setdefault("rootDirectory", "/")
        if "authorizationConfig" in efs:
            efs["authorizationConfig"].setdefault("iam", "DISABLED")
    elif set(enriched) == {"name"}:
        enriched["host"] = {}
    return enriched


def capabilities(definition: Definition) -> list[dict[str, str]]:
    """`requiresAttributes`: what an agent must be able to do to run the task."""
    containers = definition.get("containerDefinitions") or []
    logs = [(c.get("logConfiguration") or {}).get("logDriver") for c in containers]
    secrets = [secret["valueFrom"] for c in containers for secret in c.get("secrets") or []]
    efs = [v["efsVolumeConfiguration"] for v in definition.get("volumes") or [] if "efsVolumeConfiguration" in v]
    execution_role = bool(definition.get("executionRoleArn"))
    uses_ecr = any(ECR_IMAGE.match(c["image"]) for c in containers)
    needed = {
        "com.amazonaws.ecs.capability.docker-remote-api.1.18": True,
        "com.amazonaws.ecs.capability.docker-remote-api.1.19": "awslogs" in logs or uses_ecr,
        "com.amazonaws.ecs.capability.docker-remote-api.1.29": any(c.get("healthCheck") for c in containers),
        "com.amazonaws.ecs.capability.logging-driver.awslogs": "awslogs" in logs,
        "ecs.capability.execution-role-awslogs": "awslogs" in logs and execution_role,
        "com.amazonaws.ecs.capability.ecr-auth": uses_ecr,
        "ecs.capability.execution-role-ecr-pull": uses_ecr and execution_role,
        "com.amazonaws.ecs.capability.task-iam-role": bool(definition.get("taskRoleArn")),
        "ecs.capability.task-eni": definition.get("networkMode") == "awsvpc",
        "ecs.capability.container-health-check": any(c.get("healthCheck") for c in containers),
        "ecs.capability.container-ordering": any(c.get("dependsOn") for c in containers),
        "ecs.capability.secrets.asm.environment-variables": any(":secretsmanager:" in s for s in secrets),
        "ecs.capability.secrets.ssm.environment-variables": any(":secretsmanager:" not in s for s in secrets),
        "ecs.capability.efs": bool(efs),
        "ecs.capability.efsAuth": any("authorizationConfig" in v or "transitEncryption" in v for v in efs),
    }
    return [{"name": name} for name, is_needed in needed.items() if is_needed]


def compatibilities(definition: Definition) -> list[str]:
    """The launch types a definition would pass the checks of, whatever it requires."""
    fargate = dict(definition, requiresCompatibilities=["FARGATE"])
    try:
        check(fargate)
    except Refused:
        return ["EC2"]
    return ["EC2", "FARGATE"]
