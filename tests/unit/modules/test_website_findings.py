# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The websites of an inventory: what is wrong with them is found before any layer is built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.modules.workload_check import MODULE, problems
from tests.support.modules import checked

SITE = {"name": "site", "folder": "workloads/mysfits_site/public", "config": {"api": {"load_balancer": "sales"}}}


def findings(root: Path | None, *sites: dict[str, Any]) -> list[str]:
    known = {"load_balancers": [{"name": "sales"}], "buckets": [{"name": "lake"}], "queues": [{"name": "q"}]}
    rooted = {"websites_root": str(root)} if root else {}
    regions = [{"name": "us-east-1"}]
    return problems(checked(MODULE, workload="sales", regions=regions, websites=list(sites), **known, **rooted))


def test_a_sound_one_has_none_and_without_a_root_its_files_are_not_looked_at(repository: Path) -> None:
    assert findings(repository, SITE) == []
    elsewhere = {"name": "site", "folder": "elsewhere", "config": {"region": {"region": "name"}, "plain": "text"}}
    assert findings(None, elsewhere) == []
    assert any("'site' 2 times" in text for text in findings(None, elsewhere, elsewhere))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": "Site"}, "websites[Site].name is 'sales-Site'; S3 takes 3 to 63 lower-case letters"),
        ({"name": "s" * 40}, "characters, and S3 takes 63"),
        ({"name": "lake"}, "websites[lake].name is the name of a bucket too (storage_buckets)"),
        ({"folder": None}, "websites[site].folder is missing; give that of its files"),
        ({"folder": "workloads"}, "has no index.html (index_document). Give the name of a file."),
        ({"folder": "nowhere"}, "which is no folder; give that of the website's files"),
        ({"config": {"api": {"load_balancer": "slaes"}}}, "websites[site].config.api refers to load_balancer 'slaes'"),
        ({"config": {"api": {"queue": "q"}}}, "give text, or one reference by load_balancer, region: everybody"),
    ],
)
def test_each_mistake_is_found_and_named(repository: Path, given: dict[str, Any], expected: str) -> None:
    found = findings(repository, {**SITE, **given})
    assert any(expected in text for text in found), found
