# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What layers publish: it comes back as it was, fits, and what is missing is said in a helpful way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import KNOWN_AFTER_APPLY, CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from ansible_collections.multiregion.ecs.plugins.module_utils.modules import layer_outputs, layer_outputs_info
from ansible_collections.multiregion.ecs.plugins.module_utils.resources.parameter import from_text, to_text
from tests.support.aws_clients import aws_client
from tests.support.aws_clients import one_session as one_session
from tests.support.modules import checked

WRITE, READ = layer_outputs.MODULE, layer_outputs_info.MODULE
PLACE = {"workload": "sales", "region": "sa-east-1"}

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(max_examples=40)
@given(st.dictionaries(st.text(), PLAIN))
def test_outputs_come_back_as_they_were(outputs: dict[str, Any]) -> None:
    assert from_text(to_text(outputs)) == outputs


@given(st.text().filter(lambda text: text[:1] not in ("{", "[")))
def test_text_stays_text(text: str) -> None:
    assert from_text(to_text(text)) == text


def test_what_is_published_can_be_read(converge: Any) -> None:
    outputs = {"vpc_id": "vpc-1", "subnets": ["a", "b"], "nested": {"n": 1}}
    made = converge(WRITE, layer="network", outputs=outputs, **PLACE)
    assert made["ansible_facts"] == {"network_outputs": outputs}

    found = run(READ, checked(READ, layers=["network"], **PLACE))
    assert found["ansible_facts"] == {"network_outputs": outputs}
    assert found["aws_calls"] == 1


def test_twelve_layers_take_two_calls(aws: None) -> None:
    layers = [f"layer-{number}" for number in range(12)]
    for layer in layers:
        run(WRITE, checked(WRITE, layer=layer, outputs={"is": layer}, **PLACE))
    found = run(READ, checked(READ, layers=layers, **PLACE))
    assert found["ansible_facts"]["layer_11_outputs"] == {"is": "layer-11"}
    assert found["aws_calls"] == 2


def test_check_mode_passes_on_what_is_not_known_yet(aws: None) -> None:
    outputs = {"vpc_id": KNOWN_AFTER_APPLY}
    planned = run(WRITE, checked(WRITE, layer="network", outputs=outputs, **PLACE), check_mode=True)
    assert planned["ansible_facts"] == {"network_outputs": outputs}
    assert planned["changed"]


def test_what_is_not_known_is_never_published(aws: None) -> None:
    with pytest.raises(CollectionError, match="must name what does not exist in AWS"):
        run(WRITE, checked(WRITE, layer="network", outputs={"vpc_id": KNOWN_AFTER_APPLY}, **PLACE))
    assert aws_client("ssm", "sa-east-1").describe_parameters()["Parameters"] == []


def test_a_missing_layer_is_named_with_what_to_run(aws: None) -> None:
    with pytest.raises(CollectionError, match=r"no outputs of layer network, cluster.*--tags network,cluster"):
        run(READ, checked(READ, layers=["network", "cluster"], **PLACE))
    found = run(READ, checked(READ, layers=["network"], missing="ignore", **PLACE))
    assert (found["ansible_facts"], found["missing"]) == ({}, ["network"])


def test_more_than_four_kilobytes_are_refused_by_name() -> None:
    params = checked(WRITE, layer="edge", outputs={"small": "x", "large": "x" * 4096}, **PLACE)
    (problem,) = layer_outputs.problems(params)
    assert "layer edge" in problem and "4096" in problem and "largest of them is large" in problem


@pytest.mark.parametrize(("size", "fits"), [(4096, True), (4097, False)])
def test_the_limit_counts_bytes(size: int, fits: bool) -> None:
    frame = len(to_text({"v": ""}))
    text = "é" * ((size - frame) // 2) + "x" * ((size - frame) % 2)
    assert layer_outputs.problems(checked(WRITE, layer="edge", outputs={"v": text}, **PLACE)) is not fits


def test_a_layer_needs_a_name_fit_for_a_fact() -> None:
    assert layer_outputs.problems(checked(WRITE, layer="my layer", outputs={}, **PLACE))
    assert not layer_outputs.problems(checked(WRITE, layer="my-layer", outputs={}, **PLACE))
