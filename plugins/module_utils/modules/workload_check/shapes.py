# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory leaves out or misspells of what its roles take.

A role hands most of an inventory to a module as it is, after the layers below have been made. So it is held against the
argument spec of that module here, before anything is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError

from ..accelerator.arguments import ARGUMENTS as OF_ACCELERATOR
from ..efs_with_sg.arguments import ARGUMENTS as OF_FILE_SYSTEM
from ..global_table.arguments import ARGUMENTS as OF_TABLE
from ..load_balancer.arguments import ARGUMENTS as OF_LOAD_BALANCER
from ..load_balancer.arguments import LISTENER_OPTIONS
from ..messaging.arguments import ARGUMENTS as OF_MESSAGING
from ..region_network.arguments import ARGUMENTS as OF_NETWORK
from .inventory import NOT_NAMED

Item = dict[str, Any]

NAMED = {"name": {"type": "str", "required": True}}

WHOLE = {
    "security_groups": OF_NETWORK["security_groups"]["options"],
    "topics": OF_MESSAGING["topics"]["options"],
    "queues": OF_MESSAGING["queues"]["options"],
}
"""A variable that is a list, and what its module takes of each item, which the role hands over as it is."""

LISTENERS = {
    **OF_LOAD_BALANCER["listeners"],
    "options": {**LISTENER_OPTIONS, "domain": {"type": "str"}, "zone": {"type": "str"}},
}
"""With the words of which the role makes a certificate."""

IN_PARTS = {
    "tables": OF_TABLE,
    "load_balancers": {**OF_LOAD_BALANCER, "listeners": LISTENERS},
    "file_systems": OF_FILE_SYSTEM,
    "buckets": NAMED,
    "websites": NAMED,
    "services": NAMED,
    "schedules": NAMED,
}
"""The same where the role picks what it knows, and has words of its own."""

IN_OTHER_WORDS = frozenset({"subnets", "security_groups", "regions", "state"})
"""What an inventory says by names, and a module takes by identifiers."""

NEEDED = {"tables": ("hash_key",), "file_systems": ("clients",)}
"""What a role needs of each item although its module can do without."""

NEEDED_OF_ACCELERATOR = ("name", "load_balancer", "listeners")

NEEDED_OF_REGION = {
    "cidr": "region_cidr of {0} is missing; give its VPC a range such as 10.10.0.0/16, another one than other regions.",
    "nat": "network_nat of {0} is missing; give per_az, single or none.",
}
"""What the network of a region cannot be built without."""


def shape_findings(params: dict[str, Any]) -> Iterator[str]:
    """About what is missing, unknown, or of the wrong type, in the words of Ansible."""
    for variable, spec in {**WHOLE, **IN_PARTS}.items():
        for item in params[variable] or []:
            where = f"{variable}[{item.get('name') or NOT_NAMED}]"
            yield from _missing(where, item, NEEDED.get(variable, ()))
            yield from _spec_findings(where, item if variable in WHOLE else _handed_over(item, spec), spec)
    accelerator = params["accelerator"] or {}
    if accelerator:
        yield from _missing("accelerator", accelerator, NEEDED_OF_ACCELERATOR)
        spec = {"listeners": OF_ACCELERATOR["listeners"]}
        yield from _spec_findings("accelerator", _handed_over(accelerator, spec), spec)


def site_findings(params: dict[str, Any]) -> Iterator[str]:
    """About what nothing can be built without."""
    for region in params["regions"]:
        yield from (text.format(region["name"]) for key, text in NEEDED_OF_REGION.items() if region.get(key) is None)


def _missing(where: str, item: Item, needed: tuple[str, ...]) -> Iterator[str]:
    for key in needed:
        if item.get(key) is None:
            yield f"{where}.{key} is missing."


def _handed_over(item: Item, spec: dict[str, Any]) -> Item:
    return {key: value for key, value in item.items() if key in spec and key not in IN_OTHER_WORDS}


def _spec_findings(where: str, item: Item, spec: dict[str, Any]) -> Iterator[str]:
    """What Ansible will refuse."""
    for error in ArgumentSpecValidator(spec).validate(item).errors:
        unknown = "unknown word " if isinstance(error, UnsupportedError) else ""
        yield f"{where}: {unknown}{error.msg.rstrip('.')}."
