# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings that the images read from their environment."""

from __future__ import annotations

import pytest

from sales_common.settings import SettingsError, read_api_settings, read_worker_settings

API = {
    "AWS_REGION": "sa-east-1",
    "SNS_SALES_PROCESSING_TOPIC": "arn:aws:sns:sa-east-1:123456789012:sales-processing",
    "SSM_PARAMETER_STORE_STATE": "/sales/sa-east-1/state",
    "DYNAMO_SALES_TABLE": "sales",
}
WORKER = {
    "AWS_REGION": "sa-east-1",
    "SQS_SALES_QUEUE": "https://sqs.sa-east-1.amazonaws.com/123456789012/sales-queue",
    "SSM_PARAMETER_STORE_STATE": "/sales/sa-east-1/state",
    "DYNAMO_SALES_TABLE": "sales",
    "DYNAMO_SALES_IDEMPOTENCY_TABLE": "sales-idempotency",
    "S3_SALES_BUCKET": "lake",
}


def test_the_contract_s_variables_are_enough():
    api, worker = read_api_settings(API), read_worker_settings(WORKER)
    assert api.region == worker.region == "sa-east-1"
    # The parameter's cache is the reference images' 30 s.
    assert api.view.state_table is None and api.view.ttl == 30 and api.view.refresh == 10
    assert worker.receive_wait == 20 and worker.claim_to_effect == 20


def test_the_optional_variables_are_read():
    view = read_api_settings(API | {"STATE_TABLE": "sales-state", "PEER_REGIONS": "us-east-1, eu-west-1"}).view
    assert (view.ttl, view.refresh, view.join_patience) == (10, 1, 120)
    assert view.peer_regions == ("us-east-1", "eu-west-1")
    short = read_worker_settings(WORKER | {"STATE_TABLE": "s", "VIEW_TTL_SECONDS": "3", "RECEIVE_WAIT_SECONDS": "1"})
    assert (short.view.ttl, short.view.refresh, short.receive_wait) == (3, 1, 1)


def test_everything_wrong_is_told_at_once():
    wrong = {"AWS_REGION": "Brazil", "SNS_SALES_PROCESSING_TOPIC": "sales", "VIEW_TTL_SECONDS": "soon"}
    with pytest.raises(SettingsError) as refusal:
        read_api_settings(wrong)
    for name in (*wrong, "SSM_PARAMETER_STORE_STATE", "DYNAMO_SALES_TABLE"):
        assert name in str(refusal.value)
    with pytest.raises(SettingsError, match="VIEW_REFRESH_SECONDS is 10"):
        read_worker_settings(WORKER | {"STATE_TABLE": "s", "VIEW_REFRESH_SECONDS": "10"})
