# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags hold what AWS's patterns allow, which are written for Java."""

from __future__ import annotations

import pytest

from localcloud.ecs.task_definition_rules import Refused, check
from localcloud.validation import tag_complaints


@pytest.mark.parametrize(
    ("text", "right"), [("Vendas São Paulo: 1/2+3=5_@x.y-z", True), ("", True), ("a (b)", False), ("a&b", False)]
)
def test_characters_of_tags(text: str, right: bool) -> None:
    assert (list(tag_complaints([{"Key": "owner", "Value": text}])) == []) is right
    definition = {
        "family": "a",
        "memory": "64",
        "containerDefinitions": [{"name": "a", "image": "a"}],
        "tags": [{"key": "owner", "value": text}],
    }
    if right:
        check(definition)
    else:
        with pytest.raises(Refused, match="does not match"):
            check(definition)
