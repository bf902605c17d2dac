# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of the whole site cannot lie: check mode says it, the run makes exactly it, and drift is all it finds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.inventories import copy_inventory, edit_regions
from harness.playbooks import ROOT, PlaybookFailed
from localcloud import Cloud
from tests.integration.site.drift import DRIFTS, UNCHANGEABLE
from tests.support.site import Play, identities
from tests.support.waiting import eventually

RUNBOOK = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def built(play: Play) -> tuple[list, list, str]:
    """The plan of an empty cloud, what the run then made, and what check mode printed."""
    checked, planned = play("site.yml", "--check", "--diff")
    _run, made = play("site.yml")
    return planned, made, checked.output


def test_the_plan_of_an_empty_cloud_is_printed_with_what_is_not_known_yet(built: tuple) -> None:
    planned, _made, output = built
    assert "(known after apply)" in output and "+++ after: ec2_vpc sales in sa-east-1 (create)" in output
    assert all(change["planned"] for change in planned)
    assert {change["action"] for change in planned} == {"create"}


def test_the_run_makes_exactly_the_planned_changes(built: tuple) -> None:
    planned, made, _output = built
    assert identities(made) == identities(planned)
    assert len(made) > 100 and not any(change["planned"] for change in made)


def test_what_the_plan_said_it_knew_was_true(built: tuple) -> None:
    planned, made, _output = built
    contents = {(c["region"], c["kind"], c["name"]): c["after"] for c in made}
    for change in planned:
        after = contents[change["region"], change["kind"], change["name"]]
        for key, value in change["after"].items():
            if "known after apply" not in repr(value):
                assert after[key] == value, (change["kind"], change["name"], key)


def test_every_kind_that_the_site_makes_is_drifted_below(built: tuple) -> None:
    _planned, made, _output = built
    assert {change["kind"] for change in made} == DRIFTS.keys() | UNCHANGEABLE.keys()


@pytest.fixture(scope="module")
def mended(built: tuple, cloud: Cloud, play: Play) -> tuple[list, list, list]:
    """What was changed by hand, the plan that finds it, and what the run then made."""
    drifted = sorted((*drift(cloud), kind) for kind, drift in DRIFTS.items())
    _checked, planned = play("site.yml", "--check")
    _run, made = play("site.yml")
    return drifted, planned, made


def test_one_of_each_kind_changed_by_hand_is_reported_and_nothing_else(mended: tuple) -> None:
    drifted, planned, made = mended
    assert sorted((c["region"], c["name"], c["kind"]) for c in planned) == drifted
    assert identities(made) == identities(planned)


def test_what_was_built_and_mended_has_nothing_to_change(mended: tuple, play: Play) -> None:
    checked, planned = play("site.yml", "--check", "--diff")
    assert planned == [] and checked.changed == 0
    assert "Nothing to change." in checked.output
    run, made = play("site.yml")
    assert made == [] and run.changed == 0


def test_a_state_set_by_hand_is_reported_and_mended(built: tuple, cloud: Cloud, play: Play) -> None:
    cloud.client("ssm", "us-east-1").put_parameter(Name="/sales/region/state", Value="ACTIVE", Overwrite=True)
    _checked, planned = play("site.yml", "--check", "--tags", "toggle")
    assert [(c["region"], c["kind"], c["name"]) for c in planned] == [
        ("us-east-1", "ssm_parameter", "/sales/region/state")
    ]
    play("site.yml", "--tags", "toggle")
    parameter = cloud.client("ssm", "us-east-1").get_parameter(Name="/sales/region/state")
    assert parameter["Parameter"]["Value"] == "PASSIVE"


def test_a_region_that_fails_stops_what_connects_the_regions_in_words(
    built: tuple, cloud: Cloud, play: Play, tmp_path: Path
) -> None:
    inventory = copy_inventory(tmp_path / "inventory")
    with edit_regions(inventory) as regions:
        regions["us-east-1"]["region_cidr"] = "10.99.0.0/16"
    with pytest.raises(PlaybookFailed) as failure:
        play("site.yml", "--tags", "network,routing,verify", inventory=inventory)
    output = str(failure.value)
    assert "Something failed in us-east-1: its error is above." in output
    assert "known after apply" not in output
    assert "Nothing to change" not in output and "No changes were made." in output
    assert "This is not the whole run: it failed at Create the network (us-east-1)" in output
    lock = {"TableName": "sales-lease", "Key": {"id": {"S": "run"}}, "ConsistentRead": True}
    assert "Item" not in cloud.client("dynamodb", "us-east-1").get_item(**lock), "it keeps nobody out"


def test_one_layer_by_itself_reads_what_the_others_published(built: tuple, play: Play) -> None:
    run, made = play("site.yml", "--tags", "service")
    assert made == [] and "Deploy the services" in run.output


def test_what_a_worker_gave_up_is_given_to_it_again(built: tuple, cloud: Cloud, play: Play) -> None:
    sqs = cloud.client("sqs", "us-east-1")
    url = sqs.get_queue_url(QueueName="sales-queue-dlq")["QueueUrl"]
    gone = sqs.send_message(QueueUrl=url, MessageBody="no sale")["MessageId"]
    (typed,) = re.findall(r"^ansible-playbook (playbooks/redrive.yml) .*$", RUNBOOK, re.MULTILINE)
    _checked, planned = play(typed, "--check")
    assert [(c["region"], c["before"]["messages"]) for c in planned] == [("us-east-1", 1)]
    with pytest.raises(PlaybookFailed, match="There is no queue sales in messaging_queues; there are sales-queue"):
        play(typed, "-e", "queue=sales")
    _run, made = play(typed)
    assert identities(made) == identities(planned)

    def back() -> bool:
        """Whether the worker has given it up once more, as another message."""
        answer = sqs.receive_message(QueueUrl=url, VisibilityTimeout=0, MessageAttributeNames=["All"])
        return [each["MessageId"] for each in answer.get("Messages", [])] not in ([], [gone])

    eventually(back, what="the worker gives it up again")
    sqs.purge_queue(QueueUrl=url)


def test_status_tells_every_region_in_one_table(built: tuple, play: Play) -> None:
    output = play("playbooks/status.yml")[0].output
    rows = [line.strip() for line in output.splitlines() if " │ " in line]
    assert any(row.startswith("sa-east-1 │ ACTIVE") and "100 %" in row for row in rows)
    assert any(row.startswith("us-east-1 │ PASSIVE") and " 0 %" in row for row in rows)
    assert "Every copy of the map agrees at epoch 1." in output


def test_status_is_told_though_the_first_region_and_the_accelerator_do_not_answer(
    built: tuple, cloud: Cloud, play: Play
) -> None:
    cloud.fault("sa-east-1", "unreachable", hang=False)
    cloud.control_plane("globalaccelerator", "off", hang=False)
    try:
        output = play("playbooks/status.yml")[0].output
    finally:
        cloud.fault("sa-east-1", "ok")
        cloud.control_plane("globalaccelerator", "ok")
    rows = [line.strip() for line in output.splitlines() if " │ " in line]
    assert any(row.startswith("sa-east-1") and "unreachable" in row for row in rows)
    assert any(row.startswith("us-east-1 │ PASSIVE") and "sales-api 2/2" in row and row.endswith("?") for row in rows)
    assert "The traffic dials cannot be read" in output
