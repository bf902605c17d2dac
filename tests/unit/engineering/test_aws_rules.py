# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger of AWS's rules is true: every rule has a source that resolves, and a test that exists.

That these tests can fail is tried for a sample of rules by `python scripts/rule_mutations.py --ledger aws`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.model import NoShapeFoundError, ServiceModel
from botocore.session import Session

from tests.support.rule_mutations import mutation_faults, read_mutations
from tests.unit.engineering.aws_ledger import HEADER, LEDGER, MUTATIONS, TEST, read_rules, rules, witnesses_of

REPOSITORY = Path(__file__).resolve().parents[3]
NOWHERE = "–"
LEAST = 120
"""So many rules were in it once; it only grows."""
FEWEST_BROKEN = 100
"""Of so many of them it is tried that their tests notice when they are broken; that only grows, too."""

MODEL = re.compile(r"model: (?P<service>[a-z0-9-]+) (?P<shape>\w+)(?:\.(?P<member>\w+))?")
SOURCE = re.compile(r"guide: \S.{9,}|report: [\w.-]+/[\w.-]+#\d+")
ENFORCED = re.compile(r"`(?P<file>localcloud/[\w/]+\.py)`")


@cache
def model(service: str) -> ServiceModel:
    return Session().get_service_model(service)


def source_faults(source: str) -> Iterator[str]:
    """Why a source is none."""
    match = MODEL.fullmatch(source)
    if match is None:
        if not SOURCE.fullmatch(source):
            yield f"{source!r} is no source; write model:, guide: or report:"
        return
    try:
        shape = model(match["service"]).shape_for(match["shape"])
    except (UnknownServiceError, NoShapeFoundError):
        # What a query protocol calls an error is not always what its shape is called.
        errors = model(match["service"]).error_shapes if match["service"] in Session().get_available_services() else []
        if not any(match["shape"] in (error.name, error.error_code) for error in errors):
            yield f"botocore's model of {match['service']} has no {match['shape']}"
        return
    if match["member"] and match["member"] not in getattr(shape, "members", {}):
        yield f"{match['shape']} of {match['service']} has no member {match['member']}"


@cache
def functions(file: str) -> dict[str, str]:
    """The test functions of a file, with their sources, decorators included."""
    text = (REPOSITORY / file).read_text(encoding="utf-8")
    lines = text.splitlines()
    found = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            found[node.name] = "\n".join(lines[first - 1 : node.end_lineno])
    return found


def test_faults(tests: str) -> Iterator[str]:
    """Why what should be a test is none."""
    named = list(TEST.finditer(tests))
    if not named or "".join(match[0] for match in named) != tests:
        yield f'{tests!r} names no test; write `tests/…/test_x.py::test_y`, maybe with ("words of it")'
    for match in named:
        if not (REPOSITORY / match["file"]).is_file():
            yield f"there is no {match['file']}"
        elif match["function"] not in functions(match["file"]):
            yield f"{match['file']} has no {match['function']}"
        elif match["words"] and match["words"] not in functions(match["file"])[match["function"]]:
            yield f"{match['function']} does not say {match['words']!r}"


test_faults.__test__ = False  # type: ignore[attr-defined]  # it looks for the faults of tests


def faults(text: str) -> list[str]:
    """Everything that is not true of a ledger."""
    found = []
    seen: dict[str, int] = {}
    for rule in rules(text):
        told = [*source_faults(rule.source), *test_faults(rule.tests)]
        if seen.setdefault(rule.rule, rule.line) != rule.line:
            told.append(f"line {seen[rule.rule]} has the same rule")
        match = ENFORCED.fullmatch(rule.enforced)
        if rule.enforced != NOWHERE and (match is None or not (REPOSITORY / match["file"]).is_file()):
            told.append(f"{rule.enforced!r} is no file of the embedded cloud; write one, or {NOWHERE}")
        found += [f"{LEDGER}:{rule.line}: {text}" for text in told]
    return found


def test_every_rule_has_a_source_and_a_test() -> None:
    text = (REPOSITORY / LEDGER).read_text(encoding="utf-8")
    assert faults(text) == []
    assert len(list(rules(text))) >= LEAST


def test_every_mutation_breaks_a_rule_of_the_ledger_and_names_tests_of_it() -> None:
    mutations = read_mutations(REPOSITORY / MUTATIONS)
    assert list(mutation_faults(REPOSITORY, mutations)) == []
    for mutation in mutations:
        assert witnesses_of(REPOSITORY, mutation), mutation.rule
        assert mutation.file.startswith(("localcloud/", "plugins/")), mutation.file


def test_rules_of_every_section_are_broken_on_purpose() -> None:
    ledger = read_rules(REPOSITORY)
    broken = {mutation.rule for mutation in read_mutations(REPOSITORY / MUTATIONS)}
    assert len(broken) >= FEWEST_BROKEN
    assert {ledger[rule].section for rule in broken} == {rule.section for rule in ledger.values()}


GOOD = {
    "rule": "One thing",
    "source": "model: ecs PortMapping.hostPort",
    "enforced": "`localcloud/policies.py`",
    "tests": '`tests/unit/engineering/test_aws_rules.py::test_a_fault_is_found` ("sources that are none")',
}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        # sources that are none
        ({}, None),
        ({"source": "guide: Amazon ECS task definition parameters"}, None),
        ({"source": "report: aws/aws-cli#7288"}, None),
        ({"source": "model: sqs QueueDeletedRecently"}, None),
        ({"enforced": NOWHERE}, None),
        ({"source": ""}, "is no source"),
        ({"source": "somebody said so"}, "is no source"),
        ({"source": "model: ecs PortMapping.nothing"}, "has no member nothing"),
        ({"source": "model: ecs Nothing"}, "has no Nothing"),
        ({"source": "model: nothing PortMapping"}, "has no PortMapping"),
        ({"enforced": "`localcloud/nothing.py`"}, "is no file of the embedded cloud"),
        ({"tests": "by hand"}, "names no test"),
        ({"tests": "`tests/unit/test_nothing.py::test_a`"}, "there is no tests/unit/test_nothing.py"),
        ({"tests": "`tests/unit/engineering/test_aws_rules.py::test_nothing`"}, "has no test_nothing"),
        ({"tests": GOOD["tests"].replace("that", "which")}, "does not say"),
    ],
)
def test_a_fault_is_found(change: dict[str, str], told: str | None) -> None:
    found = faults(f"{HEADER}\n|---|---|---|---|\n| {' | '.join((GOOD | change).values())} |\n")
    assert (found == []) if told is None else (told in "; ".join(found))
