# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that this collection's playbooks and roles remove goes without the questions of the role `removal`.

The role ends by setting a fact that names the workload and this very run. The action plugin of every module looks for
it before it removes something, so that no `--limit`, `--tags`, `--skip-tags` or `--start-at-task` leads around the
questions. A task of somebody's own, outside of the collection, is its author's word.

With the word `prune` the role allows less: the modules that remove only what an inventory does not name. With `retire`
it allows what is of the regions that are retired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.controller import find_controller
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import ModuleDefinition

FACT = "removal_consent"
"""The fact that says that a workload may be removed in this run."""

WHOLE, UNNAMED = "whole", "unnamed"
"""How much may be removed: all of the workload, or what its inventory does not name."""

OURS = tuple(Path(__file__).resolve().parents[2] / folder for folder in ("playbooks", "roles"))
"""Where the tasks are written that need it."""


def consent(workload: str, what: str | Sequence[str] = WHOLE) -> dict[str, Any]:
    """What the fact says once it was said in this run that `workload` may be removed: whole, what is `UNNAMED`, or what
    is of these regions.
    """
    said = what if isinstance(what, str) else sorted(map(str, what))
    return {"workload": str(workload), "run": find_controller().run_id, "what": said}


def refusal(
    module: ModuleDefinition, arguments: Mapping[str, Any], path: str | None, variables: Mapping[str, Any]
) -> str:
    """Why the task at `path` (`file:line`) may not be carried out with these arguments; "" if it may."""
    default = module.argument_spec.get("state", {}).get("default")
    if arguments.get("state", default) != "absent" or not module.removal_is_asked or not _is_ours(path):
        return ""
    workload = str(arguments.get("workload"))
    given = variables.get(FACT)
    if given == consent(workload):
        return ""
    regions = given.get("what") if isinstance(given, Mapping) else None
    if isinstance(regions, list) and arguments.get("region") in regions and given == consent(workload, regions):
        return ""
    if module.prunes and arguments.get("wanted") and given == consent(workload, UNNAMED):
        return ""
    return (
        f"Nothing was removed. This task removes part of the workload {workload}, and nobody was asked in this run. "
        f"Run playbooks/destroy.yml -e destroy={workload} without --limit, --tags, --skip-tags and --start-at-task. "
        "A playbook of your own gives the role multiregion.ecs.removal to all its hosts first."
    )


def _is_ours(path: str | None) -> bool:
    file = Path(str(path).rpartition(":")[0]).resolve()
    return any(file.is_relative_to(folder) for folder in OURS)
