# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is refused late: what the service model or the embedded cloud refuses is told before any call is made.

Definitions are generated from botocore's model: any member, with values that fit and values that do not, nulls, blanks,
and members left out that are needed. What passes the checks is registered, and described again it plans nothing.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.validate import ParamValidator
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import KNOWN_AFTER_APPLY
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_taskdef_revision import MODULE
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_taskdef_revision.checks import problems
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_taskdef_revision.definition import (
    given_parts,
    with_defaults,
)
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.canonical import DEFAULTS, canonical
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.model import needed, read, request_shape
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.problems import problems as definition_problems
from localcloud.ecs.task_definition_rules import Refused, check
from localcloud.ecs.task_definitions import described
from tests.support import task_definitions as make

generated = settings(max_examples=250, deadline=None, database=None)

LAUNCHES: list[dict[str, Any]] = [
    {"requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc"},
    {"requiresCompatibilities": ["FARGATE"]},
    {"requiresCompatibilities": ["EC2"], "networkMode": "bridge"},
    {"requiresCompatibilities": ["EC2", "FARGATE"], "networkMode": "awsvpc"},
    {"requiresCompatibilities": ["EXTERNAL"]},
    {"requiresCompatibilities": ["MANAGED_INSTANCES"]},
    {"requiresCompatibilities": ["MANAGED_INSTANCES"], "networkMode": "host"},
    {"networkMode": "none"},
    {},
]
WHOLE = {
    "family": "api",
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [{"name": "a", "image": "nginx:1.29"}, {"name": "b", "image": "busybox:1"}],
    "volumes": [{"name": "a"}],
}
TEXTS = {
    name: [text] for name, text in make.PLAUSIBLE.items() if text and name not in ("links", "executionRoleArn")
} | {
    "links": ["a", "b", "c"],
    "sourceContainer": ["a", "b", "c"],
    "containerName": ["a", "b", "c"],
    "executionRoleArn": [make.PLAUSIBLE["executionRoleArn"], "", "arn:aws:iam::ACCOUNT_ID:role/x", "${ROLE}"],
    "taskRoleArn": [make.PLAUSIBLE["taskRoleArn"], "", "<role>"],
    "containerPortRange": ["8000-8010", "8010-8000", "80", ""],
    "add": ["SYS_PTRACE", "NET_ADMIN"],
    "valueFrom": ["/goals/token", "arn:aws:ssm:sa-east-1:123456789012:parameter/x", "not a name", ""],
    "value": ["1", "arn:aws:s3:::bucket/a.env", ""],
    "image": ["nginx:1.29", "123456789012.dkr.ecr.sa-east-1.amazonaws.com/a:1", "", "No Image"],
    "cpu": ["256", ".5 vcpu", "300", "", "0.1"],
    "memory": ["512", "1 GB", "much"],
}
NUMBERS = [0, 1, 3, 5, 80, 128, 300, 8080, 70000, "80", 10.9, None]


def wild(shape: Any, member: str = "") -> st.SearchStrategy[Any]:
    """Values of a shape as people write them, right and wrong."""
    if shape.type_name == "structure":
        always = {name: wild(child, name) for name, child in shape.members.items() if name in needed(shape)}
        rest = {name: wild(child, name) for name, child in shape.members.items() if name not in always}
        complete = st.fixed_dictionaries(always, optional=rest)
        return st.one_of(complete, complete, st.fixed_dictionaries({}, optional={**always, **rest}))
    if shape.type_name == "list":
        return st.lists(wild(shape.member, member), max_size=2)
    if shape.type_name == "map":
        return st.dictionaries(st.sampled_from(["a", "awslogs-group", "awslogs-region"]), make.WORDS, max_size=2)
    if shape.type_name == "boolean":
        return st.sampled_from([True, False, "yes", None])
    if shape.type_name == "string":
        fitting = list(shape.enum) if shape.enum else TEXTS.get(member, ["text", "x y", ""])
        return st.sampled_from([*fitting, fitting[0], None])
    return st.sampled_from(NUMBERS)


@st.composite
def written(draw: st.DrawFn) -> dict[str, Any]:
    """A definition that would be right, but for some members that are given at random."""
    definition = copy.deepcopy(WHOLE) | draw(st.sampled_from(LAUNCHES))
    whole = request_shape().members
    places = [
        (definition, whole),
        (definition["containerDefinitions"][0], whole["containerDefinitions"].member.members),
    ]
    for place, members in (places[0], places[1], places[1]):
        name = draw(st.sampled_from([None, *(n for n in members if n not in ("tags", "containerDefinitions"))]))
        if name is not None:
            place[name] = draw(wild(members[name], name))
    return definition


def judged(definition: dict[str, Any]) -> list[str]:
    return problems(dict.fromkeys(MODULE.argument_spec) | {"state": "present", "definition": definition})


def request_of(definition: dict[str, Any]) -> dict[str, Any]:
    """What is sent to AWS."""
    params = dict.fromkeys(MODULE.argument_spec) | {"definition": definition}
    return with_defaults(given_parts(params)[0], params)


NO_DEVICES = {
    "family": "api",
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [{"name": "a", "image": "nginx:1.29", "linuxParameters": {"devices": []}}],
    "requiresCompatibilities": ["FARGATE"],
    "networkMode": "awsvpc",
}


@generated
@given(written())
@example(NO_DEVICES)
def test_what_passes_the_checks_is_registered(definition: dict[str, Any]) -> None:
    found = judged(definition)
    event("refused" if found else "registered")
    assert len(found) == len(set(found))
    if found:
        return
    request = request_of(definition)
    report = ParamValidator().validate(request, request_shape())
    assert not report.has_errors(), report.generate_report()
    check(request)
    assert canonical(read(described(request))[0]) == canonical(request)


@generated
@given(written())
def test_what_the_embedded_cloud_refuses_was_told(definition: dict[str, Any]) -> None:
    request = request_of(definition)
    try:
        refused = ParamValidator().validate(request, request_shape()).has_errors()
        if not refused:
            check(request)
    except Refused:
        refused = True
    assert not refused or judged(definition)


@settings(max_examples=60, deadline=None, database=None)
@given(written(), st.randoms(use_true_random=False))
def test_what_is_not_known_yet_breaks_no_check(definition: dict[str, Any], choice: Any) -> None:
    """Whatever value is unknown, the rest is judged."""
    complete, _told = read(definition)
    paths = list(make.leaves(complete))
    for path in choice.sample(paths, min(len(paths), 8)):
        place: Any = (other := copy.deepcopy(complete))
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = KNOWN_AFTER_APPLY
        assert not re.search(rf"is '?{re.escape(KNOWN_AFTER_APPLY)}", str(definition_problems(other)))


def structures(shape: Any, value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every structure of a definition by its path, with its shape."""
    if isinstance(value, dict) and shape.type_name == "structure":
        yield path, shape
        for name, item in value.items():
            yield from structures(shape.members[name], item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from structures(shape.member, item, (*path, index))


EVERYTHING = make.everything(request_shape())
NEEDED = [(path, name) for path, shape in structures(request_shape(), EVERYTHING) for name in needed(shape)]


def at(definition: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        definition = definition[step]
    return definition


def test_everything_that_the_model_has_is_right() -> None:
    assert judged(EVERYTHING) == []


@pytest.mark.parametrize("nothing", [None, "", "absent"])
def test_whatever_is_needed_and_missing_is_told(nothing: str | None) -> None:
    told_nothing = []
    for path, name in NEEDED:
        definition = copy.deepcopy(EVERYTHING)
        place = at(definition, path)
        if nothing == "absent":
            del place[name]
        else:
            place[name] = nothing
        # Blank credentials of a registry are none, since AWS itself describes them so.
        if not judged(definition) and name != "credentialsParameter":
            told_nothing.append((path, name))
    assert told_nothing == []


@pytest.mark.parametrize("nothing", [None, ""])
def test_whatever_stands_for_nothing_plans_nothing_twice(nothing: str | None) -> None:
    """Each member is null or blank in turn: it is refused, or registered as if it had not been given."""
    for path in make.leaves(EVERYTHING):
        if not isinstance(path[-1], str):
            continue
        definition = copy.deepcopy(EVERYTHING)
        at(definition, path[:-1])[path[-1]] = nothing
        if not judged(definition):
            request = request_of(definition)
            check(request)
            assert canonical(read(described(request))[0]) == canonical(request), path


def test_every_default_may_be_written_out() -> None:
    for path, shape in structures(request_shape(), EVERYTHING):
        for name, default in DEFAULTS.get(shape.name, {}).items():
            explicit, left_out = copy.deepcopy(EVERYTHING), copy.deepcopy(EVERYTHING)
            at(explicit, path)[name] = default
            at(left_out, path).pop(name, None)
            assert make.planned(explicit, left_out) == {} == make.planned(left_out, explicit), (path, name)
