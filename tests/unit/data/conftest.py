# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module's logic as its action plugin would, against moto inside the test's process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from moto import mock_aws

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import cloud
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import ModuleDefinition, run
from tests.modules import checked

ACCOUNT = "123456789012"


SESSION = cloud._new_session(None)
"""Making clients again for every run, and parsing the models of services, would take most of these tests' time."""


@cache
def aws_client(service: str, region: str) -> Any:
    """A client, made once, which speaks to moto while `aws` is in force."""
    return SESSION.create_client(service, region_name=region)


class OneSession:
    """Stands in for the session of every run."""

    def create_client(self, service: str, *, region_name: str, **_others: Any) -> Any:
        return aws_client(service, region_name)


@pytest.fixture(autouse=True)
def _one_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud, "_new_session", lambda profile: OneSession())


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


def told(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The changes as (action, kind, name)."""
    return [(change["action"], change["kind"], change["name"]) for change in result["changes"]]
