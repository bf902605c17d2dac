# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about websites: their names, their files, and what their pages are told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..lake_bucket import prefix_problems
from ..website import MODULE, folder_problems
from .inventory import NOT_NAMED, listed, reference_findings, repeated

DEFAULTS = {name: argument["default"] for name, argument in MODULE.arguments.items() if "default" in argument}

REFERENCES = ("load_balancer", "region")
"""What a page may be told of, in the words of a service's environment."""


def website_findings(params: dict[str, Any], longest_region: str, known: dict[str, list[str] | None]) -> Iterator[str]:
    """About the websites of `params`, whose folders begin at `websites_root`; without that, files are not looked at."""
    websites, root = params["websites"] or [], params["websites_root"]
    names = [str(site.get("name") or "") for site in websites]
    yield from repeated("websites", names)
    for name in set(names) & {str(bucket.get("name")) for bucket in params["buckets"] or []}:
        yield f"websites[{name}].name is the name of a bucket too (storage_buckets); give one of them another name."
    for site, name in zip(websites, names, strict=True):
        where = f"websites[{name or NOT_NAMED}]"
        yield from prefix_problems(f"{where}.name", f"{params['workload']}-{name}", longest_region)
        if not site.get("folder"):
            yield f"{where}.folder is missing; give that of its files, such as workloads/mysfits_site/public."
        elif root:
            given = {**DEFAULTS, **site, "folder": str(Path(root, site["folder"]))}
            yield from folder_problems(f"{where}.folder", given)
        for variable, value in (site.get("config") or {}).items():
            if isinstance(value, dict):
                yield from _reference_findings(f"{where}.config.{variable}", value, known)


def _reference_findings(where: str, value: dict[str, Any], known: dict[str, list[str] | None]) -> Iterator[str]:
    if set(value) <= set(REFERENCES):
        yield from reference_findings(where, value, known)
    else:
        yield f"{where} is {value!r}; give text, or one reference by {listed(REFERENCES)}: everybody can read it."
