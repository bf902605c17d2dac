# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module's logic inside the test's own process, with its arguments checked as Ansible checks them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import run as running
from tests.modules import checked, module_named


def complete(module: str, **arguments: Any) -> dict[str, Any]:
    """The parameters that `arguments` become, defaults filled in."""
    given = {key: value for key, value in arguments.items() if value is not None}
    return checked(module_named(module), **json.loads(json.dumps({"workload": "sales", **given})))


@pytest.fixture
def problems_of() -> Callable[..., list[str]]:
    """A function `(module, **arguments) -> what cannot be right about them`."""
    return lambda module, **arguments: module_named(module).problems(complete(module, **arguments))


@pytest.fixture(scope="session")
def run_module() -> Callable[..., dict[str, Any]]:
    """A function `(module, check_mode=False, **arguments) -> result`."""

    def run(module: str, *, check_mode: bool = False, **arguments: Any) -> dict[str, Any]:
        return running.run(module_named(module), complete(module, **arguments), check_mode=check_mode)

    return run


def actions(result: dict[str, Any]) -> set[tuple[str, str, str]]:
    """What a result says was changed: action, kind and name of each."""
    return {(change["action"], change["kind"], change["name"]) for change in result["changes"]}
