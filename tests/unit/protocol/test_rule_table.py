# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of docs/protocol.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path


def test_every_rule_names_tests_that_exist(repository: Path) -> None:
    text = (repository / "docs/protocol.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", text[text.index("## Rule → test") :], re.MULTILINE)
    rules = [(rule, tests) for rule, tests in rows if "**" not in rule and not rule.startswith("rule")]
    assert len(rules) > 30
    sources = {
        path.stem.removeprefix("test_"): path.read_text(encoding="utf-8")
        for path in (repository / "tests/unit/protocol").glob("test_*.py")
    }
    for place in ("unit/toggle", "unit/switch", "integration/switch"):
        for path in (repository / "tests" / place).glob("test_*.py"):
            area = place.rpartition("/")[2]
            sources[area] = sources.get(area, "") + path.read_text(encoding="utf-8")
    for rule, tests in rules:
        for part in tests.split(";"):
            place, _colon, names = part.partition(":")
            source = sources[place.strip().split(" ")[0].rpartition("/")[2].removeprefix("test_")]
            for name in names.split(","):
                name = name.strip()
                assert name, f"{rule}: names no test"
                found = re.search(
                    rf"def (test_)?{re.escape(name.removesuffix('…'))}{'' if name.endswith('…') else '[(]'}", source
                )
                assert found, f"{rule}: there is no test {name} in {place.strip()}"
