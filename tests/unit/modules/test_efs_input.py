# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot be right about a file system's parameters is said before anything is asked, all of it at once."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import KNOWN_AFTER_APPLY
from ansible_collections.multiregion.ecs.plugins.module_utils.modules.efs_with_sg import MODULE, network_checks
from tests.support.modules import checked

RIGHT: dict[str, Any] = {
    "workload": "goals",
    "region": "sa-east-1",
    "name": "goals-db-storage",
    "subnets": ["subnet-0a", "subnet-0b"],
    "client_security_groups": ["sg-0c"],
}


def problems(**changes: Any) -> list[str]:
    return MODULE.problems(checked(MODULE, **{**RIGHT, **changes}))


def point(**changes: Any) -> dict[str, Any]:
    return {"access_points": [{"name": "data", **changes}]}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"subnets": [KNOWN_AFTER_APPLY, KNOWN_AFTER_APPLY], "client_security_groups": [KNOWN_AFTER_APPLY]},
        {"throughput_mode": "provisioned", "provisioned_throughput_in_mibps": 3414},
        {"throughput_mode": "bursting", "performance_mode": "max_io", "transition_to_ia": "7"},
        {"transition_to_ia": "30", "transition_to_archive": "60"},
        {"transition_to_archive": "1"},
        {"replicate_to": "us-east-1", "replica_kms_key_id": "alias/there"},
        {"replicate_to": "none"},
        {"encrypt": False},
        point(),
        point(path="/a/b/c/d", uid=0, gid=0),
        point(path="/a", owner_uid=4294967295, owner_gid=0, permissions="1777"),
    ],
)
def test_what_can_be_right_passes(changes: dict[str, Any]) -> None:
    assert problems(**changes) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "n" * 65}, "1 to 64 characters"),
        ({"name": ""}, "1 to 64 characters"),
        ({"security_group_name": "sg-mine"}, "security_group_name is 'sg-mine'"),
        ({"subnets": []}, "subnets is empty"),
        ({"subnets": ["vpc-0a"]}, "subnets has 'vpc-0a'; expected an id that begins with subnet-"),
        ({"subnets": ["subnet-0a", "subnet-0a"]}, "subnets has subnet-0a twice"),
        ({"client_security_groups": []}, "client_security_groups is empty"),
        ({"client_security_groups": ["0.0.0.0/0"]}, "client_security_groups has '0.0.0.0/0'"),
        ({"throughput_mode": "provisioned"}, "provisioned_throughput_in_mibps is required"),
        ({"provisioned_throughput_in_mibps": 10}, "but throughput_mode is elastic"),
        ({"throughput_mode": "provisioned", "provisioned_throughput_in_mibps": 0.5}, "EFS takes 1 to 3414"),
        ({"performance_mode": "max_io"}, "does not offer with throughput_mode=elastic"),
        ({"transition_to_archive": "90", "throughput_mode": "bursting"}, "needs throughput_mode=elastic"),
        ({"transition_to_ia": "90", "transition_to_archive": "90"}, "archiving must come later"),
        ({"encrypt": False, "kms_key_id": "alias/x"}, "encrypt is false"),
        ({"replicate_to": "sa-east-1"}, "the region of the file system itself"),
        ({"replicate_to": "sa-east-9"}, "sa-east-9"),
        ({"replica_kms_key_id": "alias/x"}, "replicate_to names no region"),
        (point(path="data", uid=0, gid=0), "has the path 'data'"),
        (point(path="/a/b/c/d/e", uid=0, gid=0), "four folders"),
        (point(path="/.data", uid=0, gid=0), "has the path '/.data'"),
        (point(path="/" + "a" * 100, uid=0, gid=0), "100 characters"),
        (point(path="/data"), "EFS does not make the folder"),
        (point(permissions="493"), "octal digits, quoted"),
        (point(permissions="0888"), "octal digits, quoted"),
        (point(uid=-1, gid=0), "has the uid -1"),
        (point(uid=0, gid=4294967296), "has the gid 4294967296"),
        (point(secondary_gids=[1]), "no uid and gid"),
        (point(uid=0, gid=0, secondary_gids=list(range(17))), "EFS takes 16"),
        ({"access_points": [{"name": "data"}, {"name": "data"}]}, "access_points has 'data' twice"),
    ],
)
def test_what_cannot_be_right_is_named(changes: dict[str, Any], words: str) -> None:
    found = problems(**changes)
    assert len(found) == 1 and words in found[0], found


def test_absent_needs_a_name_only() -> None:
    params = checked(MODULE, workload="goals", region="sa-east-1", name="goals", state="absent")
    assert MODULE.problems(params) == []


class Surroundings:
    """Stands in for what AWS tells of the network."""

    region = "sa-east-1"

    def __init__(self, places: dict[str, tuple[str, str]], groups: tuple[str, ...] = ("sg-0c",), vpc: str = "") -> None:
        self.places, self.groups, self.vpc = places, groups, vpc

    def subnets(self, _wanted: list[str]) -> dict[str, dict[str, str]]:
        return {name: {"AvailabilityZone": zone, "VpcId": vpc} for name, (zone, vpc) in self.places.items()}

    def security_groups(self) -> list[dict[str, str]]:
        return [{"GroupId": group} for group in self.groups]

    def mount_targets(self) -> list[dict[str, str]]:
        return [{"MountTargetId": "fsmt-1", "VpcId": self.vpc}] if self.vpc else []


@pytest.mark.parametrize(
    ("around", "words"),
    [
        (Surroundings({"subnet-0a": ("a", "vpc-1"), "subnet-0b": ("b", "vpc-1")}), []),
        (Surroundings({"subnet-0a": ("a", "vpc-1"), "subnet-0b": ("b", "vpc-1")}, vpc="vpc-1"), []),
        (Surroundings({"subnet-0a": ("a", "vpc-1")}), ["subnets has subnet-0b, which does not exist in sa-east-1"]),
        (
            Surroundings({"subnet-0a": ("a", "vpc-1"), "subnet-0b": ("a", "vpc-2")}),
            ["subnet-0a and subnet-0b, all of them in a;", "subnet-0a in vpc-1; subnet-0b in vpc-2"],
        ),
        (
            Surroundings({"subnet-0a": ("a", "vpc-1"), "subnet-0b": ("b", "vpc-1")}, groups=(), vpc="vpc-2"),
            ["mount targets in vpc-2 (fsmt-1)", "sg-0c, which does not exist in vpc-1"],
        ),
    ],
)
def test_a_network_that_efs_would_refuse_is_named(around: Any, words: list[str]) -> None:
    found = network_checks.misplaced(checked(MODULE, **RIGHT), around)
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True)), found


def test_a_network_that_is_still_to_be_made_is_not_judged() -> None:
    params = checked(MODULE, **{**RIGHT, "subnets": [KNOWN_AFTER_APPLY], "client_security_groups": [KNOWN_AFTER_APPLY]})
    assert network_checks.misplaced(params, Surroundings({})) == []  # type: ignore[arg-type]
