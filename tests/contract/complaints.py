# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way in which the results of a life, or of two, are not what the contract expects."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.contract import case as cases
from tests.contract.case import Way
from tests.contract.comparison import broken_promises, changes, comparable, outputs


def complaints(case: cases.Case, steps: list[cases.Step], results: list[dict[str, Any]]) -> Iterator[str]:
    """Every way in which the results are not what the steps expect."""
    prediction: dict[str, Any] | None = None
    done: dict[str, Any] = {}
    for step, result in zip(steps, results, strict=True):
        if step.expects == "reads":
            if result["changed"]:
                yield f"{step.name}: it reports a change"
            for broken in broken_promises(outputs(prediction or result), outputs(result), case.volatile):
                yield f"{step.name}: of what was read first, {broken}"
            prediction = result
            continue
        if result["changed"] != bool(changes(result)):
            yield f"{step.name}: changed is {result['changed']} with {len(changes(result))} changes"
        if step.expects == "nothing" and changes(result):
            yield f"{step.name}: it has {json.dumps(changes(result), indent=2)}"
        if step.expects == "nothing":
            for broken in broken_promises(outputs(done), outputs(result), case.volatile):
                yield f"{step.name}: after the run that made it, {broken}"
        if step.expects == "predicts":
            prediction = result
            if not changes(result):
                yield f"{step.name}: it predicts no change"
            if len(result["diff"]) != len(changes(result)):
                yield f"{step.name}: diff mode shows {len(result['diff'])} of {len(changes(result))} changes"
        if step.expects == "does":
            done = result
            if not changes(result):
                yield f"{step.name}: it changes nothing"
            if prediction is not None:
                if changes(result) != changes(prediction):
                    yield (
                        f"{step.name}: predicted {json.dumps(changes(prediction))}, and did "
                        f"{json.dumps(changes(result))}"
                    )
                for broken in broken_promises(outputs(prediction), outputs(result), case.volatile):
                    yield f"{step.name}: {broken}"
            prediction = None


def differences(case: cases.Case, in_process: list[dict[str, Any]], ordinary: list[dict[str, Any]]) -> Iterator[str]:
    """Where the ordinary way of running gave other results than the one in process, generated identifiers aside.

    A step that both lives have must give the same result; one that ends as another step does, the same outputs.
    """
    steps = cases.life(case, Way.IN_PROCESS)
    expected = {step.name: result for step, result in zip(steps, in_process, strict=True)}
    for step, result in zip(cases.life(case, Way.ORDINARY), ordinary, strict=True):
        pair = [expected[step.ends_as or step.name], result]
        if step.ends_as:
            pair = [outputs(each) for each in pair]
        one, other = (comparable(each, case.generated, case.volatile + case.history) for each in pair)
        for key in sorted(one.keys() | other.keys()):
            if one.get(key) != other.get(key):
                yield (
                    f"'{step.name}' differs in {key}: in process it is {json.dumps(one.get(key))}, "
                    f"as an ordinary module {json.dumps(other.get(key))}"
                )
