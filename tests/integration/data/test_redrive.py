# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was given up goes back to its queue, whoever began to move it; of this workload's queues alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import ChangeFailed, CollectionError
from localcloud import Cloud
from tests.support.modules import run_named, told
from tests.support.waiting import eventually

REGION = "sa-east-1"
QUEUE = {"region": REGION, "queue": "sales-queue"}

Redrive = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as running:
        yield running


@pytest.fixture
def redrive(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Redrive:
    for key, value in cloud.env().items():
        monkeypatch.setenv(key, value)
    run_named("messaging", region=REGION, queues=[{"name": "sales-queue"}])
    return lambda **given: run_named("queue_redrive", **{**QUEUE, **given})


def url(cloud: Cloud, queue: str) -> str:
    return str(cloud.client("sqs", REGION).get_queue_url(QueueName=queue)["QueueUrl"])


def arn(queue: str) -> str:
    return f"arn:aws:sqs:{REGION}:123456789012:{queue}"


def give_up(cloud: Cloud, count: int) -> None:
    for number in range(count):
        cloud.client("sqs", REGION).send_message(QueueUrl=url(cloud, "sales-queue-dlq"), MessageBody=str(number))


def waiting(cloud: Cloud, queue: str) -> int:
    asked = {"QueueUrl": url(cloud, queue), "AttributeNames": ["ApproximateNumberOfMessages"]}
    return int(cloud.client("sqs", REGION).get_queue_attributes(**asked)["Attributes"]["ApproximateNumberOfMessages"])


def test_what_a_worker_gave_up_goes_back(cloud: Cloud, redrive: Redrive) -> None:
    give_up(cloud, 12)
    before = waiting(cloud, "sales-queue")
    (change,) = redrive(check_mode=True)["changes"]
    assert (change["before"], change["after"]) == ({"messages": 12}, {"messages": 0})
    assert waiting(cloud, "sales-queue-dlq") == 12
    done = redrive()
    assert (done["moved"], done["dead_letter_queue"]) == (12, "sales-queue-dlq")
    assert (waiting(cloud, "sales-queue"), waiting(cloud, "sales-queue-dlq")) == (before + 12, 0)
    again = redrive()
    assert not again["changed"] and again["moved"] == 0


def test_a_move_that_another_run_began_is_waited_for_or_stopped(cloud: Cloud, redrive: Redrive) -> None:
    give_up(cloud, 6)
    between = {"SourceArn": arn("sales-queue-dlq"), "DestinationArn": arn("sales-queue")}
    sqs = cloud.client("sqs", REGION)
    sqs.start_message_move_task(**between, MaxNumberOfMessagesPerSecond=5)
    assert told(redrive(check_mode=True)) == [("update", "sqs_message_move_task", "sales-queue")]
    assert redrive()["moved"] == 6
    assert len(sqs.list_message_move_tasks(SourceArn=between["SourceArn"], MaxResults=10)["Results"]) == 2

    give_up(cloud, 20)
    sqs.start_message_move_task(**between, MaxNumberOfMessagesPerSecond=1)
    assert told(redrive(state="absent")) == [("delete", "sqs_message_move_task", "sales-queue")]
    assert not redrive(state="absent")["changed"]
    eventually(lambda: 0 < waiting(cloud, "sales-queue-dlq") <= 20, what="the rest stays")
    redrive()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"queue": "sales-other"}, "there is no queue sales-other in sa-east-1"),
        ({"queue": "sales-queue-dlq"}, "queue sales-queue-dlq in sa-east-1 has no dead-letter queue"),
        ({"queue": "shop-queue"}, "queue shop-queue in sa-east-1 belongs to the workload 'shop', expected 'sales'"),
        ({"queue": "anybodys"}, "queue anybodys in sa-east-1 carries no tag `workload`, expected 'sales'"),
        ({"max_messages_per_second": 501}, "max_messages_per_second is 501; SQS moves from 1 to 500"),
    ],
)
def test_what_cannot_be_moved_is_refused_before_anything_is(
    cloud: Cloud, redrive: Redrive, given: Any, said: str
) -> None:
    cloud.client("sqs", REGION).create_queue(QueueName="shop-queue", tags={"workload": "shop"})
    cloud.client("sqs", REGION).create_queue(QueueName="anybodys")
    with pytest.raises(CollectionError, match=said):
        redrive(**given)


def test_a_move_that_sqs_ends_is_told_with_its_reason(cloud: Cloud, redrive: Redrive) -> None:
    give_up(cloud, 2)
    # Somebody else's, which does not say where to.
    cloud.client("sqs", REGION).start_message_move_task(
        SourceArn=arn("sales-queue-dlq"), MaxNumberOfMessagesPerSecond=1
    )
    with pytest.raises(ChangeFailed, match="ended as FAILED, after 0 of them: CouldNotDetermineMessageSource"):
        redrive()
    assert redrive()["moved"] == 2
