# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's modules as Python: found by name, and given arguments as Ansible gives them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import ModuleDefinition, run


def module_named(name: str) -> ModuleDefinition:
    """What a module of plugins/modules/ does, such as `lake_bucket`."""
    module: ModuleDefinition = import_module(
        f"ansible_collections.multiregion.ecs.plugins.module_utils.modules.{name}"
    ).MODULE
    return module


def checked(module: ModuleDefinition, **arguments: Any) -> dict[str, Any]:
    """The arguments with defaults, as a module gets them."""
    result = ArgumentSpecValidator({**aws_argument_spec(), **module.argument_spec}, **module.rules).validate(arguments)
    assert not result.error_messages, result.error_messages
    parameters: dict[str, Any] = result.validated_parameters
    return parameters


def run_named(name: str, /, *, check_mode: bool = False, **arguments: Any) -> dict[str, Any]:
    """The result of a module for the workload `sales`, as its action plugin gets it."""
    module = module_named(name)
    return run(module, checked(module, workload="sales", **arguments), check_mode=check_mode)


def told(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The changes of a result as (action, kind, name)."""
    return [(change["action"], change["kind"], change["name"]) for change in result["changes"]]
