# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about the parameters of `ecs_taskdef_revision`. Pure: no call is made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...taskdef.problems import problems as definition_problems
from .definition import LATEST, PARTS, PREVIOUS, REVISION_NAME, given_parts, with_defaults


def problems(params: dict[str, Any]) -> list[str]:
    definition, found = given_parts(params)
    if params["state"] == "absent" or params.get("revision") is not None:
        return [*([] if definition.get("family") else ["family is missing; name the family."]), *_of_revision(params)]
    found = [*_of_base(params, definition), *_of_prune(params), *found]
    if params.get("base"):  # what is made from a base can only be judged when the base is known
        return found
    judged = definition_problems(with_defaults(definition, params))
    # Containers that could not be read are not missing.
    unread = any(told.startswith("containerDefinitions") for told in found)
    found += [told for told in judged if not (unread and told.startswith("containers is empty"))]
    return list(dict.fromkeys(found))


def _of_revision(params: dict[str, Any]) -> Iterator[str]:
    wanted = params.get("revision")
    if wanted is None:
        return
    if wanted != PREVIOUS and not re.fullmatch(r"[1-9]\d*", wanted):
        yield f"revision is {wanted!r}; give {PREVIOUS!r} or the number of a revision."
    others = [*PARTS, "ephemeral_storage_gib", "definition", "base", "prune"]
    given = [name for name in others if name != "family" and params.get(name) is not None]
    if given:
        yield f"revision returns a revision that exists; leave out {', '.join(given)}."


def _of_base(params: dict[str, Any], definition: dict[str, Any]) -> Iterator[str]:
    base = params.get("base")
    if base is None:
        return
    if base != LATEST and not REVISION_NAME.fullmatch(base):
        yield f"base is {base!r}; give {LATEST!r} or <family>:<number>."
    elif not definition.get("family"):
        yield "family is missing; with base: latest it says of which family."


def _of_prune(params: dict[str, Any]) -> Iterator[str]:
    keep = (params.get("prune") or {}).get("keep")
    if keep is not None and keep < 1:
        yield f"prune.keep is {keep}; at least 1 revision stays. To remove all, set state: absent."
