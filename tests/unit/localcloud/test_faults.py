# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a call while something is wrong with its region."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from localcloud.faults import Call, FaultError, Faults, Way, as_lines
from localcloud.links import Links
from localcloud.options import OPERATOR_ACCESS_KEY
from localcloud.runner.credentials import task_access_key

HERE, THERE = "us-east-1", "sa-east-1"


@pytest.fixture
def faults() -> Faults:
    return Faults(Links(lag=0.3))


def way(faults: Faults, service: str = "sqs", *regions: str, key: str = OPERATOR_ACCESS_KEY) -> Way:
    return faults.way(Call(service, regions or (HERE,), key))[0]


def test_a_dead_region_answers_nobody_and_the_others_answer(faults: Faults) -> None:
    faults.set_region(HERE, "dead")
    assert way(faults) is Way.CLOSE
    assert way(faults, key=task_access_key(HERE)) is Way.CLOSE
    assert way(faults, "sts") is Way.CLOSE  # its endpoints are regional
    assert way(faults, "sqs", THERE) is Way.PASS
    faults.set_region(HERE, "dead", hang=True)
    assert way(faults) is Way.HANG
    faults.set_region(HERE, "ok")
    assert way(faults) is Way.PASS
    assert not faults


@pytest.mark.parametrize("service", ["iam", "route53", "globalaccelerator"])
def test_a_global_service_belongs_to_no_region(faults: Faults, service: str) -> None:
    for region in ("us-east-1", "us-west-2"):
        faults.set_region(region, "dead")
    assert way(faults, service, "us-east-1", "us-west-2") is Way.PASS


def test_operators_meet_shares_of_all_calls_everywhere_and_tasks_do_not() -> None:
    rough = Faults(Links(lag=0.3), throttled_share=0.3, lost_share=0.05)
    assert rough
    for service in ("sqs", "iam"):
        met = Counter(way(rough, service) for _ in range(4000))
        assert 0.27 < met[Way.THROTTLE] / 4000 < 0.33 and 0.035 < met[Way.LOSE] / 4000 < 0.065
    assert {way(rough, key=task_access_key(HERE)) for _ in range(200)} == {Way.PASS}
    assert {way(rough, "") for _ in range(200)} == {Way.PASS}  # nobody's call
    rough.set_region(HERE, "dead")
    assert {way(rough) for _ in range(200)} == {Way.CLOSE}
    with pytest.raises(FaultError, match="from 0 to 1 together"):
        Faults(Links(lag=0.3), throttled_share=0.9, lost_share=0.2)


def test_an_unreachable_region_is_there_for_its_tasks(faults: Faults) -> None:
    faults.set_region(HERE, "unreachable")
    assert way(faults) is Way.HANG
    assert way(faults, key="ASIAASSUMEDROLE00000") is Way.HANG
    assert way(faults, key=task_access_key(HERE)) is Way.PASS
    assert not faults.is_dead(HERE)
    assert not faults.links.is_cut(HERE, THERE)
    faults.set_region(HERE, "unreachable", hang=False)
    assert way(faults) is Way.CLOSE


def test_a_bucket_needs_both_the_endpoint_and_its_home(faults: Faults) -> None:
    faults.set_region(HERE, "dead")
    faults.set_region(THERE, "slow")
    assert way(faults, "s3", THERE, HERE) is Way.CLOSE
    assert way(faults, "s3", HERE, THERE) is Way.CLOSE
    assert way(faults, "s3", THERE, THERE) is Way.DELAY


def test_a_silent_control_plane_is_silent_whatever_the_region(faults: Faults) -> None:
    faults.set_control_plane("globalaccelerator", "off")
    assert way(faults, "globalaccelerator", "us-west-2") is Way.HANG
    assert way(faults, "route53", "us-east-1") is Way.PASS
    faults.set_control_plane("globalaccelerator", "off", hang=False)
    assert way(faults, "globalaccelerator", "us-west-2") is Way.CLOSE
    faults.set_control_plane("globalaccelerator", "ok")
    assert way(faults, "globalaccelerator", "us-west-2") is Way.PASS


def test_a_cut_line_stays_cut_when_a_dead_region_returns(faults: Faults) -> None:
    faults.set_link(HERE, THERE, "cut")
    faults.set_region(HERE, "dead")
    faults.set_region(HERE, "ok")
    assert faults.links.is_cut(HERE, THERE)
    assert faults.links.is_cut(THERE, HERE)
    faults.set_link(THERE, HERE, "ok")
    assert not faults.links.is_cut(HERE, THERE)
    assert not faults.links.is_cut(THERE, HERE)
    assert faults.describe() == {"regions": {}, "links": [], "control_planes": {}, "services": [], "held_back": 0}


def test_a_lossy_region_may_lose_any_answer_but_is_better_than_a_dead_one(faults: Faults) -> None:
    faults.set_region(HERE, "lossy", share=0.05)
    assert way(faults) is Way.LOSE and not faults.is_dead(HERE)
    assert as_lines(faults.describe()) == ["region us-east-1 is lossy (share 0.05)"]
    faults.set_region(THERE, "dead")
    assert way(faults, "s3", HERE, THERE) is Way.CLOSE


def test_a_sick_region_may_be_well_in_between() -> None:
    now = [100.0]
    faults = Faults(Links(lag=0.3), clock=lambda: now[0])
    faults.set_region(HERE, "sick", every=4)
    felt = []
    for now[0] in (100.0, 103.9, 104.1, 107.9, 108.1):
        felt.append(way(faults))
    assert felt == [Way.FAIL, Way.FAIL, Way.PASS, Way.PASS, Way.FAIL]
    assert way(faults, key=task_access_key(HERE)) is Way.FAIL and not faults.is_dead(HERE)
    assert as_lines(faults.describe()) == ["region us-east-1 is sick (share 0.7, every 4)"]
    faults.set_region(HERE, "sick", share=0.3)
    assert faults.describe()["regions"] == {HERE: {"state": "sick", "share": 0.3, "every": 0.0}}


def test_a_control_plane_may_be_sick(faults: Faults) -> None:
    faults.apply({"control_plane": "globalaccelerator", "state": "sick", "share": 1})
    assert way(faults, "globalaccelerator", "us-west-2") is Way.FAIL
    assert as_lines(faults.describe()) == ["the control plane of globalaccelerator is sick"]
    faults.apply({"control_plane": "globalaccelerator", "state": "ok"})
    assert not faults


def test_one_service_of_a_region_may_be_sick_and_the_others_well(faults: Faults) -> None:
    faults.apply({"service": ["s3", HERE], "state": "sick", "share": 0.5})
    assert (way(faults, "s3"), way(faults, "s3", THERE), way(faults)) == (Way.FAIL, Way.PASS, Way.PASS)
    assert way(faults, "s3", THERE, HERE) is Way.FAIL  # a bucket of the region that is asked for elsewhere
    assert as_lines(faults.describe()) == ["s3 of us-east-1 is sick (share 0.5)"]
    faults.apply({"service": ["s3", HERE], "state": "ok"})
    assert not faults


def test_s3_may_be_late_in_a_region_and_answers_all_the_same(faults: Faults) -> None:
    faults.apply({"service": ["s3", HERE], "state": "late", "lag": 20})
    assert (faults.lag_of("s3", HERE), faults.lag_of("s3", THERE), way(faults, "s3")) == (20, 0, Way.PASS)
    assert as_lines(faults.describe()) == ["s3 of us-east-1 is late (lag 20)"]


def test_a_new_state_replaces_the_former(faults: Faults) -> None:
    faults.set_region(HERE, "dead")
    faults.set_region(HERE, "slow", latency=0.1)
    assert not faults.links.is_cut(HERE, THERE)
    assert faults.describe()["regions"] == {HERE: {"state": "slow", "latency": 0.1}}


def test_what_is_wrong_is_told(faults: Faults) -> None:
    faults.apply({"region": HERE, "state": "dead"})
    faults.apply({"link": [HERE, THERE], "state": "cut"})
    faults.apply({"control_plane": "route53", "state": "off"})
    faults.links.send(THERE, HERE, lambda: None)
    assert as_lines(faults.describe()) == [
        "region us-east-1 is dead (hang False)",
        "the line between sa-east-1 and us-east-1 is cut",
        "the control plane of route53 is off",
        "1 deliveries wait for a region or a line",
    ]


@pytest.mark.parametrize(
    ("wanted", "complaint"),
    [
        ({"region": HERE}, "and a state"),
        ({"state": "dead"}, "expected one of region, link, control_plane"),
        ({"region": HERE, "link": [HERE, THERE], "state": "ok"}, "expected one of"),
        ({"region": HERE, "state": "asleep"}, "state 'asleep': expected dead or unreachable"),
        ({"region": "moon", "state": "dead"}, "region 'moon'"),
        ({"region": HERE, "state": "throttled", "share": 2}, "share 2: expected from 0 to 1"),
        ({"region": HERE, "state": "slow", "latency": -1}, "latency -1"),
        ({"region": HERE, "state": "dead", "every": 4}, "every 4: expected from 0 to 3600 seconds, of a sick region"),
        ({"control_plane": "route53", "state": "sick", "share": 2}, "share 2"),
        ({"region": HERE, "state": "slow", "speed": 3}, "speed"),
        ({"link": [HERE], "state": "cut"}, "link"),
        ({"link": [HERE, HERE], "state": "cut"}, "another region"),
        ({"link": [HERE, THERE], "state": "dead"}, "expected cut or ok"),
        ({"control_plane": "ecs", "state": "off"}, "expected globalaccelerator or route53"),
        ({"service": ["iam", HERE], "state": "sick"}, "one with an endpoint in each region"),
        ({"service": ["sqs", HERE], "state": "late"}, "only s3 can be late"),
        ({"service": ["s3", HERE], "state": "late", "lag": -1}, "lag -1"),
        ("dead", "expected one of"),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(faults: Faults, wanted: Any, complaint: str) -> None:
    with pytest.raises(FaultError, match=complaint):
        faults.apply(wanted)
    assert not faults
    assert not faults.links.is_cut(HERE, THERE)
