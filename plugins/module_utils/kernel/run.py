# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module of this collection does: check the input, make a plan, and carry it out unless it is check mode.

A module states what it is in a `ModuleDefinition`: its arguments, the AWS services it speaks to, and a function that
turns parameters into resources. `run` is the whole of its behaviour. It is called by `run_module` in an ordinary
module, and by the action plugins in the controller's own process.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from ..aws.names import tag_problems
from . import Cloud, CollectionError, InvalidInput, Known, Plan, Resource, carry_out, endpoints, make_plan
from .cloud import BotoCoreError, ClientError

COMMON_ARGUMENTS: dict[str, Any] = {
    "workload": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
    "adopt": {"type": "bool", "default": False},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 600},
}
"""Arguments of every module that makes something. Documented in the fragment `multiregion.ecs.common`."""

INFO_ARGUMENTS: dict[str, Any] = {"workload": {"type": "str", "required": True}}
"""Arguments of every module that only reads."""


TAGS_OF_ANY_CHARACTER = frozenset({"ec2", "sts"})
"""The services whose tags may hold anything, and one that has none."""

SHORTEST_SECRET = 6
"""Ansible masks a secret wherever it occurs, as a part of words too; shorter ones would mask half the output."""

HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
"""What Ansible says in place of a value that it does not log."""


@dataclass
class Composition:
    """What a module wants of AWS, and what it tells afterwards.

    `outputs` is asked for the module's return values with what is known: in check mode, `KNOWN_AFTER_APPLY` stands for
    identifiers that do not exist yet. `around` is entered while changes are made, and only then (a lease, say).
    """

    resources: list[Resource]
    outputs: Callable[[Known], dict[str, Any]] = lambda known: {}
    around: Callable[[], AbstractContextManager[None]] = nullcontext


@dataclass(frozen=True)
class ModuleDefinition:
    """What a module is. Exactly one of `build` (makes things) and `read` (an info module) is given.

    `problems` gets the parameters and returns every reason why they cannot be right; it makes no AWS call.
    `secrets` returns values inside free-form parameters that an ordinary module must not echo in its invocation.
    `rules` are the cross-argument rules of Ansible (`required_if`, `mutually_exclusive` …).
    `removal_is_asked`: the roles ask a person before `state: absent`. Not where it ends something of a run's own, such
    as its lock.
    `prunes`: it has a list of what is wanted, and removes only the rest; the word `prune` allows that.
    """

    arguments: dict[str, Any]
    services: tuple[str, ...]
    build: Callable[[dict[str, Any], Cloud], Composition] | None = None
    read: Callable[[dict[str, Any], Cloud], dict[str, Any]] | None = None
    problems: Callable[[dict[str, Any]], list[str]] = lambda params: []
    secrets: Callable[[dict[str, Any]], set[str]] = lambda params: set()
    rules: dict[str, Any] = field(default_factory=dict)
    removal_is_asked: bool = True
    prunes: bool = False

    @property
    def argument_spec(self) -> dict[str, Any]:
        return {**(INFO_ARGUMENTS if self.build is None else COMMON_ARGUMENTS), **self.arguments}


def run(
    module: ModuleDefinition,
    params: dict[str, Any],
    *,
    check_mode: bool = False,
    diff_mode: bool = False,
    tell: Callable[[str], None] = lambda line: None,
    may_go_on: Callable[[Cloud], None] = lambda cloud: None,
) -> dict[str, Any]:
    """Do what the module is for, and return its result as plain data. `tell` takes lines about a long run's progress.

    `may_go_on` is asked before each change; to stop the run, it raises CollectionError.

    Raises:
        InvalidInput: the parameters cannot be right; no AWS call was made.
        CollectionError: AWS refused, or did not get ready in time.
    """
    strict = bool(set(module.services) - TAGS_OF_ANY_CHARACTER)
    problems = list(tag_problems("tags", params.get("tags"), strict=strict, ignoring_case="iam" in module.services))
    problems += module.problems(params)
    if problems:
        raise InvalidInput(problems)
    try:
        cloud = Cloud(params, wait=params.get("wait", True), wait_timeout=params.get("wait_timeout") or 600, tell=tell)
        if module.read is not None:
            return {"changed": False, **module.read(params, cloud), "aws_calls": cloud.calls.total()}
        return _build(module, params, cloud, check_mode, diff_mode, may_go_on)
    except CollectionError as error:
        error.details.update(endpoints.unreachable(error))
        raise
    except (ClientError, BotoCoreError) as error:
        raise _in_words(error) from error


def _in_words(error: Exception) -> CollectionError:
    if isinstance(error, CollectionError):
        return error
    which = endpoints.unreachable(error)
    region = which.get("unreachable_region")
    way_out = f" If {region} is dead, site.yml and any switch go on without it: -e dead={region}." if region else ""
    if isinstance(error, ClientError):
        return CollectionError(f"AWS answered: {endpoints.tell(error)}{way_out}", **_response_details(error), **which)
    return CollectionError(f"AWS could not be asked: {endpoints.tell(error)}.{way_out}", **which)


def _build(
    module: ModuleDefinition,
    params: dict[str, Any],
    cloud: Cloud,
    check_mode: bool,
    diff_mode: bool,
    may_go_on: Callable[[Cloud], None],
) -> dict[str, Any]:
    if module.build is None:
        raise TypeError("a module is defined with neither `build` nor `read`")
    composition = module.build(params, cloud)
    plan = make_plan(cloud, composition.resources, None if params.get("adopt") else params.get("workload"))
    try:
        if check_mode:
            known = plan.known()
        else:
            with composition.around() if plan.changes else nullcontext():
                known = Known(carry_out(cloud, plan, lambda: may_go_on(cloud)), {})
        outputs = composition.outputs(known) if params.get("state") != "absent" else {}
    except (CollectionError, ClientError, BotoCoreError) as error:
        failure = _in_words(error)
        failure.details.update(_what_became_of(plan, check_mode))
        if failure is error:  # it keeps what it came from
            raise
        raise failure from error
    waiting = [change.report() for change in plan.waiting]
    # A plan shows what waits too; a run tells what it made.
    changes = [change.report() for change in plan.changes] + (waiting if check_mode else [])
    result: dict[str, Any] = {"changed": bool(changes), "changes": changes, **outputs}
    if waiting:
        result["waiting"] = waiting
    if diff_mode:
        result["diff"] = [as_diff(change) for change in result["changes"]]
    result["aws_calls"] = cloud.calls.total()
    return result


def _what_became_of(plan: Plan, check_mode: bool) -> dict[str, Any]:
    """The changes of a plan that was not carried out to its end, for the summary of a run that failed."""
    if check_mode:
        changes = [change.report() for change in plan.changes]
        return {"changed": bool(changes), "changes": changes}
    made = plan.reports(done=True)
    return {"changed": bool(made), "changes": made, "not_made": plan.reports(done=False)}


def as_diff(change: dict[str, Any]) -> dict[str, str]:
    """A reported change in the form in which Ansible prints differences."""
    header = f"{change['kind']} {change['name']} in {change['region']}"
    return {
        "before_header": f"{header} (now)",
        "after_header": f"{header} ({change['action']})",
        "before": _lines(change["before"]),
        "after": _lines(change["after"]),
    }


def _lines(attributes: dict[str, Any] | None) -> str:
    if attributes is None:
        return ""
    lines = []
    for key, value in sorted(attributes.items()):
        text = value if isinstance(value, str) else json.dumps(value, indent=2, sort_keys=True, default=str)
        lines.append(f"{key}: {text}\n")
    return "".join(lines)


def _response_details(error: Exception) -> dict[str, Any]:
    response = getattr(error, "response", None)
    if not isinstance(response, dict):
        return {}
    return {"error": response.get("Error", {}), "operation": getattr(error, "operation_name", None)}


def run_module(module: ModuleDefinition) -> None:
    """The `main()` of an ordinary module."""
    # Imported here: an action plugin, which runs in the controller, has no use for it.
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

    ansible = AnsibleAWSModule(argument_spec=module.argument_spec, supports_check_mode=True, **module.rules)
    params, hidden = ansible.params, module.secrets(ansible.params)
    ansible._module.no_log_values.update(value for value in hidden if len(value) >= SHORTEST_SECRET)
    # What Ansible repeats as the invocation.
    ansible._module.params = without(params, hidden)
    try:
        result = run(module, params, check_mode=ansible.check_mode, diff_mode=ansible._diff)
    except CollectionError as error:
        ansible.fail_json(msg=error.message, **error.details)
    ansible.exit_json(**result)


def without(value: Any, hidden: set[str]) -> Any:
    """Parameters with `HIDDEN` in the place of every value that is one of these."""
    if isinstance(value, dict):
        return {key: without(item, hidden) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without(item, hidden) for item in value]
    return HIDDEN if value is not None and not isinstance(value, bool) and str(value) in hidden else value
