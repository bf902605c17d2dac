# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What EFS accepts as settings of a file system. Pure: no backend is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator

from localcloud.policies import as_list

DAY_SECONDS = 24 * 60 * 60

LIFECYCLE_TRANSITIONS = ("TransitionToIA", "TransitionToPrimaryStorageClass", "TransitionToArchive")


def throughput_complaints(mode: str, provisioned: float | None, performance_mode: str) -> Iterator[str]:
    """What is wrong with a throughput mode and the throughput that goes with it."""
    if mode == "provisioned" and provisioned is None:
        yield "Throughput mode is provisioned, but ProvisionedThroughputInMibps is not given"
    if mode != "provisioned" and provisioned is not None:
        yield f"ProvisionedThroughputInMibps is given, but throughput mode is {mode}"
    if mode == "elastic" and performance_mode == "maxIO":
        yield "maxIO performance mode is not supported for file systems that use elastic throughput"


def too_early(now: float, changed_at: float | None, before: tuple[str, float], after: tuple[str, float]) -> bool:
    """Whether a change of throughput comes less than a day after the last change of mode or decrease.

    `before` and `after` are mode and provisioned MiB/s. Raising the provisioned throughput is always accepted.
    """
    same_mode = before[0] == after[0]
    if same_mode and after[1] >= before[1]:
        return False
    return changed_at is not None and now - changed_at < DAY_SECONDS


def lifecycle_complaints(policies: list[dict[str, str]], throughput_mode: str, performance_mode: str) -> Iterator[str]:
    """What is wrong with a lifecycle configuration, one transition per policy."""
    given: dict[str, str] = {}
    for policy in policies:
        transitions = [name for name in LIFECYCLE_TRANSITIONS if policy.get(name)]
        if len(transitions) != 1:
            yield "Each LifecyclePolicy object can have only a single transition"
            return
        if transitions[0] in given:
            yield f"{transitions[0]} is given twice"
        given[transitions[0]] = policy[transitions[0]]
    archive, infrequent = given.get("TransitionToArchive"), given.get("TransitionToIA")
    if archive and (throughput_mode != "elastic" or performance_mode != "generalPurpose"):
        yield "TransitionToArchive needs the elastic throughput mode and the generalPurpose performance mode"
    if archive and infrequent and days(archive) <= days(infrequent):
        yield "TransitionToArchive must be later than TransitionToIA"


def days(rule: str) -> int:
    """`AFTER_30_DAYS` as 30."""
    return int(rule.split("_")[1])


def policy_complaint(text: str) -> str | None:
    """Why a file system policy is malformed or would lock everybody out; None if it is neither."""
    try:
        document = json.loads(text)
    except ValueError as error:
        return f"the policy is not JSON: {error}"
    statements = as_list(document.get("Statement")) if isinstance(document, dict) else []
    if not statements:
        return "the policy has no statement"
    for number, statement in enumerate(statements, 1):
        missing = [key for key in ("Effect", "Principal", "Action") if key not in statement]
        if missing:
            return f"statement {number} has no {', '.join(missing)}"
    return None


def locks_out(text: str) -> bool:
    """Whether a policy denies everyone, without any condition, to put another policy."""
    for statement in as_list(json.loads(text)["Statement"]):
        everyone = statement["Principal"] in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        actions = {"*", "elasticfilesystem:*", "elasticfilesystem:PutFileSystemPolicy"} & set(
            as_list(statement["Action"])
        )
        if statement["Effect"] == "Deny" and everyone and actions and not statement.get("Condition"):
            return True
    return False
