# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every reason why a task definition cannot be registered or would not start, found before AWS is asked.

The functions take a definition as `model.read` returns it. Values that are not known yet are not judged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..kernel.values import is_unknown
from .compare import SECRET_SOURCE, masked
from .fargate import fargate_problems, size_problems
from .fargate_sizes import cpu_units, memory_mib
from .model import called
from .model_rules import model_problems
from .networking import networking_problems
from .placeholders import unfilled, unfilled_names
from .references import reference_problems, volume_problems

_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")

# The grammar of image references: optional host with port, lower-case path, optional tag, optional digest.
_IMAGE = re.compile(
    r"((?P<host>[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::\d+)?)/)?"
    r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@[A-Za-z0-9]+:[0-9a-fA-F]{32,})?"
)
_ROLE = re.compile(r"(arn:[a-z-]+:iam::\w+:role/)?[\w+=,.@/-]+")
_ENVIRONMENT_FILE = re.compile(r"arn:[a-z-]+:s3:::[^/]+/.+\.env")
_LOG_OPTIONS = {
    "awslogs-group": (re.compile(r"[A-Za-z0-9_/.#-]{1,512}"), "the name of a log group"),
    "awslogs-region": (re.compile(r"[a-z]{2,}(-[a-z0-9]+)+"), "a region"),
}

RANGES: dict[str, dict[str, tuple[int, int]]] = {
    "healthCheck": {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "startPeriod": (0, 300)},
    "restartPolicy": {"restartAttemptPeriod": (60, 1800)},
    "linuxParameters": {"swappiness": (0, 100)},
}
"""What AWS accepts, by member of a container; the documentation of each in the API reference says so."""

MOST: dict[str, int] = {"containerDefinitions": 10, "placementConstraints": 10}
MOST_OF_CONTAINER: dict[str, int] = {"environmentFiles": 10, "credentialSpecs": 1}
LEAST_MEMORY_MIB = 4
"""What the oldest Docker daemon reserves for a container; less is refused."""

Definition = dict[str, Any]


def problems(definition: Definition) -> list[str]:
    """All findings, in the order in which a person would read the definition."""
    fargate = "FARGATE" in (definition.get("requiresCompatibilities") or [])
    found = [
        *_of_task(definition),
        *model_problems(definition),
        *_of_containers(definition),
        *unfilled_names(definition),
    ]
    found += [*networking_problems(definition), *reference_problems(definition), *volume_problems(definition)]
    found += size_problems(definition)
    found += fargate_problems(definition) if fargate else _of_memory_elsewhere(definition)
    found += _of_what_containers_reserve(definition)
    return list(dict.fromkeys(found))


def containers(definition: Definition) -> list[Definition]:
    return definition.get("containerDefinitions") or []


def _of_task(definition: Definition) -> Iterator[str]:
    family = definition.get("family")
    if not family:
        yield "family is missing; give the task definition a name."
    elif not is_unknown(family) and not _NAME.fullmatch(family):
        yield from unfilled("family", family) or [
            f"family is {family!r}; AWS accepts up to 255 letters, digits, hyphens and underscores."
        ]
    for name in ("executionRoleArn", "taskRoleArn"):
        role = definition.get(name)
        if role and not is_unknown(role):
            yield from unfilled(name, role) or (
                [] if _ROLE.fullmatch(role) else [f"{name} is {role!r}; expected the ARN of an IAM role."]
            )
    if not containers(definition):
        yield "containers is empty; a task needs at least one."
    elif not any(c.get("essential", True) for c in containers(definition)):
        yield "no container is essential; at least one must be."
    for name, most in MOST.items():
        count = len(definition.get(name) or [])
        if count > most:
            yield f"{name} has {count} items; AWS accepts {most}."
    trusted = definition.get("trustedExecutionConfiguration") or {}
    if trusted.get("isolationMode") == "CONFIDENTIAL_SANDBOX" and not trusted.get("attestationPolicy"):
        yield "trustedExecutionConfiguration: CONFIDENTIAL_SANDBOX needs attestationPolicy."


def _of_containers(definition: Definition) -> Iterator[str]:
    for name, count in Counter(c.get("name") for c in containers(definition)).items():
        if name and count > 1:
            yield f"{count} containers are called {name!r}; names must be unique in a task."
    for container in containers(definition):
        yield from _of_container(container)


def _of_container(container: Definition) -> Iterator[str]:
    where, image = called(container), container.get("image")
    if not container.get("name"):
        yield f"{where}: name is missing."
    elif not is_unknown(container["name"]) and not _NAME.fullmatch(container["name"]):
        yield f"{where}: a name has up to 255 letters, digits, hyphens and underscores."
    if not image:
        yield f"{where}: image is empty; give the image to run, for instance nginx:1.29."
    elif not is_unknown(image):
        yield from unfilled(f"{where}: image", image, ("image",)) or (
            []
            if _IMAGE.fullmatch(image)
            else [f"{where}: image is {masked(('image',), image)!r}, which is no image reference."]
        )
    yield from _of_environment(container)
    yield from _of_logging(container)
    yield from _of_numbers(container)
    hard, soft = container.get("memory"), container.get("memoryReservation")
    if hard and soft and not is_unknown([hard, soft]) and hard < soft:
        yield f"{where}: memory is {hard} MiB, less than the memoryReservation of {soft} MiB."


def _of_environment(container: Definition) -> Iterator[str]:
    given = Counter(item.get("name") for item in container.get("environment") or [])
    secret = Counter(item.get("name") for item in container.get("secrets") or [])
    for name, count in (given + secret).items():
        if not name or is_unknown(name):
            continue
        if given[name] and secret[name]:
            yield f"{called(container)}: {name} is both an environment variable and a secret; AWS accepts one of them."
        elif count > 1:
            yield f"{called(container)}: {name} is given {count} times."
    logging = container.get("logConfiguration") or {}
    for item in [*(container.get("secrets") or []), *(logging.get("secretOptions") or [])]:
        where, source = f"{called(container)}: secret {item.get('name')}", item.get("valueFrom")
        if source and not is_unknown(source):
            # What is not the name of a secret may be the secret itself, so it is not repeated.
            yield from unfilled(where, source, ("secretOptions", "")) or (
                []
                if SECRET_SOURCE.fullmatch(source)
                else [f"{where}: valueFrom is neither an ARN of Secrets Manager or SSM nor a parameter's name."]
            )


def _of_logging(container: Definition) -> Iterator[str]:
    logging = container.get("logConfiguration")
    if not logging:
        return
    if logging.get("logDriver") != "awslogs":
        return
    options = logging.get("options") or {}
    for option, (form, what) in _LOG_OPTIONS.items():
        where, value, path = f"{called(container)}: {option}", options.get(option), ("options", option)
        if not value:
            yield f"{called(container)}: the log driver awslogs needs the option {option}."
        elif not is_unknown(value):
            yield from unfilled(where, value, path) or (
                [] if form.fullmatch(value) else [f"{where} is {masked(path, value)!r}; expected {what}."]
            )


def _of_numbers(container: Definition) -> Iterator[str]:
    """What is out of range, or too many."""
    where = called(container)
    for member, ranges in RANGES.items():
        given = container.get(member) or {}
        for name, (least, most) in ranges.items():
            if name in given and not is_unknown(given[name]) and not least <= given[name] <= most:
                yield f"{where}: {member}.{name} is {given[name]}; AWS accepts {least} to {most}."
    for name, maximum in MOST_OF_CONTAINER.items():
        if len(container.get(name) or []) > maximum:
            yield f"{where}: {name} has {len(container[name])} items; AWS accepts {maximum}."
    for name, least in (("cpu", 0), ("memory", LEAST_MEMORY_MIB), ("memoryReservation", LEAST_MEMORY_MIB)):
        value = container.get(name)
        if value and not is_unknown(value) and value < least:
            yield f"{where}: {name} is {value}; expected {least} or more."
    for limit in container.get("ulimits") or []:
        soft, hard = limit.get("softLimit"), limit.get("hardLimit")
        # -1 is no limit.
        if isinstance(soft, int) and isinstance(hard, int) and hard >= 0 and not 0 <= soft <= hard:
            yield f"{where}: ulimits[{limit.get('name')}]: softLimit is {soft}, more than the hardLimit of {hard}."
    for item in container.get("resourceRequirements") or []:
        # Only a GPU that is shared says how much of it elsewhere.
        if not item.get("value") and not (item.get("type") == "GPU" and item.get("sharingStrategy")):
            yield f"{where}: a resource requirement {item.get('type') or ''} needs value."
    for file in container.get("environmentFiles") or []:
        source = file.get("value")
        if source and not is_unknown(source) and not unfilled("", source) and not _ENVIRONMENT_FILE.fullmatch(source):
            yield f"{where}: environmentFiles has {source!r}; expected the ARN of an S3 object that ends in .env."


def _of_what_containers_reserve(definition: Definition) -> Iterator[str]:
    """What containers reserve together, or one may use at most, fits into the task's size, if it has one."""
    for name, size, unit in (("cpu", cpu_units, "CPU units"), ("memory", memory_mib, "MiB")):
        given = definition.get(name)
        total = size(given) if given and not is_unknown(given) else None
        reserved = [_reserved(c, name) for c in containers(definition)]
        if total is None or is_unknown(reserved):
            continue
        if sum(reserved) > total:
            yield f"the containers reserve {sum(reserved)} {unit} of {name}; the task has {total}."
        for container in containers(definition):
            limit = container.get("memory") or 0
            if name == "memory" and not is_unknown(limit) and limit > total:
                yield f"{called(container)}: memory is {limit} MiB; the task has {total}."


def _reserved(container: Definition, name: str) -> Any:
    if name == "memory":
        return container.get("memoryReservation") or container.get("memory") or 0
    return container.get(name) or 0


def _of_memory_elsewhere(definition: Definition) -> Iterator[str]:
    """On EC2 the task or each container must say how much memory it takes."""
    if definition.get("memory"):
        return
    for container in containers(definition):
        if not container.get("memory") and not container.get("memoryReservation"):
            yield f"{called(container)}: needs memory or memoryReservation, because the task has no memory of its own."
