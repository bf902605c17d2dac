# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module's logic as its action plugin would, against moto inside the test's process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import ModuleDefinition, run
from tests.support.modules import checked, module_named


@pytest.fixture
def aws() -> Iterator[None]:
    with mock_aws():
        yield


@pytest.fixture
def converge(aws: None) -> Callable[..., dict[str, Any]]:
    """A function that runs a module, and asserts that check mode foretold it and that it then has nothing to do."""

    def go(module: ModuleDefinition, **arguments: Any) -> dict[str, Any]:
        params = checked(module, **arguments)
        planned = run(module, params, check_mode=True)
        made = run(module, params)
        assert made["changes"] == planned["changes"]
        assert run(module, params)["changes"] == []
        return made

    return go


def _complete(module: str, **arguments: Any) -> dict[str, Any]:
    """The parameters that `arguments` become, defaults filled in."""
    given = {key: value for key, value in arguments.items() if value is not None}
    return checked(module_named(module), **json.loads(json.dumps({"workload": "sales", **given})))


@pytest.fixture
def problems_of() -> Callable[..., list[str]]:
    """A function `(module, **arguments) -> what cannot be right about them`."""
    return lambda module, **arguments: module_named(module).problems(_complete(module, **arguments))


@pytest.fixture(scope="session")
def run_module() -> Callable[..., dict[str, Any]]:
    """A function `(module, check_mode=False, **arguments) -> result`."""

    def go(module: str, *, check_mode: bool = False, **arguments: Any) -> dict[str, Any]:
        return run(module_named(module), _complete(module, **arguments), check_mode=check_mode)

    return go
