# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real task definitions of public projects: what is written by hand means the same, and unfit ones are told why.

They are not part of the repository. Without them the tests are skipped, saying so.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_taskdef_revision import MODULE
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.ecs_taskdef_revision.checks import problems
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef import compare
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.canonical import canonical
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.model import read
from tests.support import task_definitions as make


def judged(definition: dict[str, Any]) -> list[str]:
    return problems(dict.fromkeys(MODULE.argument_spec) | {"state": "present", "definition": definition})


@pytest.mark.parametrize("document", make.real_definitions(fit=True))
def test_a_fit_one_has_no_problems(document: dict[str, Any]) -> None:
    assert judged(document) == []
    assert judged(make.by_hand(document)) == []


@pytest.mark.parametrize("document", make.real_definitions(fit=False))
def test_an_unfit_one_is_told_why(document: dict[str, Any], request: pytest.FixtureRequest) -> None:
    found = judged(document)
    for pattern in make.UNFIT[request.node.callspec.id]:
        assert any(re.search(pattern, problem) for problem in found), (pattern, found)


@pytest.mark.parametrize("document", make.real_definitions())
def test_one_written_by_hand_means_what_aws_answers(document: dict[str, Any]) -> None:
    answer = canonical(read(make.answered(read(document)[0]))[0])
    assert compare.differences(answer, canonical(read(make.by_hand(document))[0])) == {}
