# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of variables before any role begins is what Ansible says of them when one does."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.template import trust_as_template
from ansible.vars.hostvars import HostVarsVars
from jinja2 import UndefinedError

from ansible_collections.multiregion.ecs.plugins.plugin_utils.role_arguments import (
    ROLES,
    argument_errors,
    described_variables,
)


def host(name: str, **variables: Any) -> HostVarsVars:
    """A host whose variables are templates, as `hostvars` has it."""
    return HostVarsVars({"inventory_hostname": name, **variables}, DataLoader(), name)


WRONG: dict[str, Any] = {
    "network_zone_count": "three",
    "network_nat": "sometimes",
    "edge_load_balancers": ["sales"],
    "workload_tags": "team",
    "routing_accelerator": "yes",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_told_as_its_role_would_tell_it(name: str) -> None:
    option = next(
        entry["options"][name]
        for file in ROLES.glob("*/meta/argument_specs.yml")
        for entry in yaml.safe_load(file.read_text())["argument_specs"].values()
        if name in entry["options"]
    )
    option = {key: value for key, value in option.items() if key not in ("required", "default")}
    told = ArgumentSpecValidator({name: option}).validate({name: WRONG[name]}, validate_role_argument_spec=True)
    assert told.error_messages
    found = argument_errors([host("us-east-1", **{name: WRONG[name]})])
    assert found == list(dict.fromkeys(f"us-east-1: {message}" for message in told.error_messages))


def test_what_is_wrong_in_several_hosts_is_told_once() -> None:
    right, wrong = {"network_nat": "single"}, {"network_nat": "sometimes"}
    (told,) = argument_errors([host("us-east-1", **wrong), host("sa-east-1", **right), host("eu-west-1", **wrong)])
    assert told.startswith("us-east-1, eu-west-1: value of network_nat must be one of")


def test_templates_are_followed_and_what_is_not_known_yet_is_left_to_the_role() -> None:
    found = argument_errors([
        host(
            "us-east-1",
            few="two",
            network_zone_count=trust_as_template("{{ few }}"),
            network_cidr=trust_as_template("{{ not_known_yet }}"),
            storage_buckets=[{"name": trust_as_template("{{ not_known_yet }}")}],
        )
    ])  # fmt: skip
    assert len(found) == 1
    assert "network_zone_count" in found[0]
    assert "two" in found[0]


def test_what_a_template_says_of_what_is_not_known_yet_is_left_to_the_role_too() -> None:
    class InATemplate(dict[str, Any]):
        """A container whose values Ansible watches, as it does within a template."""

        def __getitem__(self, key: str) -> Any:
            raise UndefinedError(f"{key} needs 'of_another_host', which is undefined")

    balancers = [{"listeners": [InATemplate(port=None)]}]
    control = {"inventory_hostname": "localhost", "network_nat": "sometimes", "edge_load_balancers": balancers}
    (told,) = argument_errors([control])
    assert "network_nat" in told


def test_nothing_that_is_missing_or_of_no_role_is_told() -> None:
    assert argument_errors([host("us-east-1", workload="sales", shop=["anything"], network_nat=None)]) == []


def test_a_variable_of_several_roles_means_the_same_in_all() -> None:
    kinds: dict[str, set[str]] = {}
    for file in ROLES.glob("*/meta/argument_specs.yml"):
        for entry in yaml.safe_load(file.read_text())["argument_specs"].values():
            for name, option in entry["options"].items():
                said = {key: option.get(key) for key in ("type", "elements", "choices")}
                kinds.setdefault(name, set()).add(yaml.safe_dump(said))
    assert {name for name, said in kinds.items() if len(said) > 1} == set()
    assert kinds.keys() == described_variables().keys()
