# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module is documented, can run in process, and is reached by the action group.

`ansible-test sanity` compares documentation and argument specification; here is what it does not look at.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[3]
MODULES = sorted(path.stem for path in REPOSITORY.glob("plugins/modules/[a-z]*.py"))
COLLECTION = "multiregion.ecs"
TASK_KEYWORDS = {"name", "register", "when", "loop", "loop_control", "vars", "check_mode", "diff", "until", "retries"}
TASK_KEYWORDS |= {"delay", "delegate_to", "environment", "failed_when", "changed_when", "tags", "module_defaults"}


@cache
def documentation() -> dict[str, dict[str, Any]]:
    """What ansible-doc shows of every module, documentation fragments merged in: doc, examples, return."""
    command = [Path(sys.executable).with_name("ansible-doc"), "--json", *(f"{COLLECTION}.{name}" for name in MODULES)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    missing = [name for name in MODULES if f"{COLLECTION}.{name}" not in shown]
    assert not missing, f"ansible-doc shows nothing of {missing}: {done.stderr}"
    return {name: shown[f"{COLLECTION}.{name}"] for name in MODULES}


def module_definition(module: str) -> Any:
    return import_module(f"ansible_collections.{COLLECTION}.plugins.module_utils.modules.{module}").MODULE


def option_names(options: dict[str, Any]) -> set[str]:
    return {name for option, spec in options.items() for name in (option, *spec.get("aliases", []))}


@pytest.mark.parametrize("module", MODULES)
def test_examples_use_only_documented_options(module: str) -> None:
    parts = documentation()[module]
    tasks = yaml.safe_load(parts["examples"])
    options = parts["doc"]["options"]
    mine = [task for task in tasks if f"{COLLECTION}.{module}" in task]
    assert mine, f"{module}: no example uses it by its full name"
    for task in tasks:
        assert task.get("name"), f"{module}: an example has no name"
        unknown = {key for key in task if "." not in key} - TASK_KEYWORDS
        assert not unknown, (
            f"{module}: example '{task['name']}' has keys that are neither module nor keyword: {unknown}"
        )
    for task in mine:
        given = task[f"{COLLECTION}.{module}"] or {}
        assert given.keys() <= option_names(options), f"{module}: example '{task['name']}' has undocumented options"
        required = {name for name, spec in options.items() if spec.get("required")}
        for name in required:
            aliases = {name, *options[name].get("aliases", [])}
            assert aliases & given.keys(), f"{module}: example '{task['name']}' leaves out the required {name}"


@pytest.mark.parametrize("module", MODULES)
def test_documentation_describes_the_arguments(module: str) -> None:
    spec = module_definition(module).argument_spec
    options = documentation()[module]["doc"]["options"]
    for name, argument in spec.items():
        assert name in options, f"{module}: argument {name} is not documented"
        documented = options[name]
        assert documented.get("type", "str") == argument.get("type", "str"), f"{module}: type of {name}"
        assert documented.get("default") == argument.get("default"), f"{module}: default of {name}"
        assert documented.get("choices") == argument.get("choices"), f"{module}: choices of {name}"
        assert bool(documented.get("required")) == bool(argument.get("required")), f"{module}: required of {name}"


@pytest.mark.parametrize("module", MODULES)
def test_return_values_are_documented(module: str) -> None:
    returns = documentation()[module]["return"]
    assert returns, f"{module}: RETURN is missing or is no YAML"
    assert "aws_calls" in returns
    assert module_definition(module).read is not None or "changes" in returns


@pytest.mark.parametrize("module", MODULES)
def test_module_has_an_action_plugin(module: str) -> None:
    path = REPOSITORY / "plugins" / "action" / f"{module}.py"
    assert path.is_symlink() and path.readlink() == Path("..", "plugin_utils", "module_action.py"), (
        f"{path} is no link to plugins/plugin_utils/module_action.py; without it the module starts an interpreter for "
        "every task"
    )
    loaded = import_module(f"ansible_collections.{COLLECTION}.plugins.action.{module}")
    assert loaded.ActionModule.module is module_definition(module)


def test_action_group_reaches_every_module() -> None:
    runtime = yaml.safe_load((REPOSITORY / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    group = runtime["action_groups"]["aws"]
    assert [name for name in group if isinstance(name, str)] == MODULES, "meta/runtime.yml: list them in this order"
    assert {"metadata": {"extend_group": ["amazon.aws.aws"]}} in group
    makers = [name for name in MODULES if module_definition(name).build is not None]
    assert runtime["action_groups"]["makers"] == makers, "meta/runtime.yml: list them in this order"
