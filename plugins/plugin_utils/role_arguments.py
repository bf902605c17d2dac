# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the variables of hosts against what the roles of this collection say of them, all at once.

Ansible checks them when a role begins: in a process for each host and each role, and what the last role needs only
after all before it have changed something.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleUndefinedVariable
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from jinja2 import Undefined, UndefinedError

ROLES = Path(__file__).resolve().parents[2] / "roles"
OF_THE_RUN = {"required", "default"}
"""What a specification says that holds only where the role runs, with its defaults beneath it."""


@cache
def described_variables() -> dict[str, dict[str, Any]]:
    """Variable → its specification, of every entry point of every role."""
    described: dict[str, dict[str, Any]] = {}
    for file in sorted(ROLES.glob("*/meta/argument_specs.yml")):
        entry_points = yaml.load(file.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        for entry_point in entry_points["argument_specs"].values():
            for name, option in entry_point["options"].items():
                described[name] = {key: value for key, value in option.items() if key not in OF_THE_RUN}
    return described


def argument_errors(hosts: Iterable[Mapping[str, Any]]) -> list[str]:
    """What is wrong with the variables of hosts, in Ansible's words, each once and with the hosts that it is true of.

    hosts: their variables, as `hostvars` has them. A value that needs what is not known yet is left to its role.
    """
    found: dict[str, list[str]] = {}
    checked: list[tuple[dict[str, Any], list[str]]] = []
    for host in hosts:
        given = _given(host)
        # What the hosts have in common, often all of it, is checked once.
        messages = next((told for same, told in checked if same == given), None)
        if messages is None:
            messages = _messages(given)
            checked.append((given, messages))
        for message in messages:
            found.setdefault(message, []).append(str(host["inventory_hostname"]))
    return [f"{', '.join(names)}: {message}" for message, names in found.items()]


def _messages(given: dict[str, Any]) -> list[str]:
    specification = {name: described_variables()[name] for name in given}
    return list(ArgumentSpecValidator(specification).validate(given, validate_role_argument_spec=True).error_messages)


def _given(host: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of a host that roles describe, as far as they are known."""
    given = {}
    for name in described_variables():
        try:
            value = _plain(host[name]) if name in host else None
        except (AnsibleUndefinedVariable, UndefinedError):  # within a template it is Jinja's
            continue
        if value is not None:
            given[name] = value
    return given


def _plain(value: Any) -> Any:
    """A value without what Ansible notes of its origin, which makes copies of it, and the validator makes many, slow.

    Raises:
        AnsibleUndefinedVariable: it holds a template of something that is not known yet.
    """
    if isinstance(value, Undefined):
        raise AnsibleUndefinedVariable(str(value._undefined_name))
    if isinstance(value, Mapping):
        return {str(key): _plain(value[key]) for key in value}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    for kind in (str, bool, int, float):
        if isinstance(value, kind):
            return kind(value)
    return value
