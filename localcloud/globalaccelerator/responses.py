# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Global Accelerator's requests and answers; shapes come from botocore's model of the service."""

from __future__ import annotations

from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.core.utils import get_service_model

from localcloud.globalaccelerator.errors import refusal
from localcloud.globalaccelerator.models import (
    HOME_REGION,
    GlobalAcceleratorBackend,
    globalaccelerator_backends,
)
from localcloud.validation import complaints

PAGE = 100


class GlobalAcceleratorResponse(BaseResponse):
    """Answers GlobalAccelerator_V20180706 targets."""

    def __init__(self) -> None:
        super().__init__(service_name="globalaccelerator")
        self.automated_parameter_parsing = True

    @property
    def backend(self) -> GlobalAcceleratorBackend:
        return globalaccelerator_backends[self.current_account]["global"]

    def call_action(self) -> TYPE_RESPONSE:
        try:
            self._check_request()
        except ServiceException as error:
            status, headers, body = self.serialized(ActionResult(error))
            return status, headers, body
        return super().call_action()

    def _check_request(self) -> None:
        if self.region != HOME_REGION:
            # On AWS the host name does not even resolve; this says the same, and what to do.
            raise refusal(
                "AccessDenied",
                f"Global Accelerator answers in {HOME_REGION} only, whatever its endpoint groups' regions; this "
                f"request went to {self.region}",
            )
        shape = get_service_model("globalaccelerator").operation_model(self._get_action()).input_shape
        found = list(complaints(self._parameters(), shape))
        if found:
            raise refusal("InvalidArgument", "; ".join(found))

    def _parameters(self) -> dict[str, Any]:
        return {name: value for name, value in self.params.items() if value is not None}

    def _given(self, *taken: str) -> tuple[dict[str, Any], list[Any]]:
        """The optional parameters, and the values of those in `taken`, in that order."""
        given = self._parameters()
        values = [given.pop(name, None) for name in taken]
        return given, values

    def _page(self, name: str, described: list[dict[str, Any]]) -> ActionResult:
        start = int(self._get_param("NextToken") or 0)
        end = start + (self._get_param("MaxResults") or PAGE)
        answer: dict[str, Any] = {name: described[start:end]}
        if end < len(described):
            answer["NextToken"] = str(end)
        return ActionResult(answer)

    # Accelerators

    def create_accelerator(self) -> ActionResult:
        given, (name, token) = self._given("Name", "IdempotencyToken")
        return ActionResult({"Accelerator": self.backend.create_accelerator(name, token, **given).describe()})

    def describe_accelerator(self) -> ActionResult:
        return ActionResult({"Accelerator": self.backend.accelerator(self._get_param("AcceleratorArn")).describe()})

    def list_accelerators(self) -> ActionResult:
        return self._page("Accelerators", [a.describe() for a in self.backend.accelerators.values()])

    def update_accelerator(self) -> ActionResult:
        given, (arn,) = self._given("AcceleratorArn")
        return ActionResult({"Accelerator": self.backend.update_accelerator(arn, **given).describe()})

    def delete_accelerator(self) -> ActionResult:
        self.backend.delete_accelerator(self._get_param("AcceleratorArn"))
        return EmptyResult()

    def describe_accelerator_attributes(self) -> ActionResult:
        accelerator = self.backend.accelerator(self._get_param("AcceleratorArn"))
        return ActionResult({"AcceleratorAttributes": accelerator.attributes})

    def update_accelerator_attributes(self) -> ActionResult:
        given, (arn,) = self._given("AcceleratorArn")
        return ActionResult({"AcceleratorAttributes": self.backend.update_attributes(arn, **given).attributes})

    # Listeners

    def create_listener(self) -> ActionResult:
        given, (arn, token) = self._given("AcceleratorArn", "IdempotencyToken")
        return ActionResult({"Listener": self.backend.create_listener(arn, token, **given).describe()})

    def describe_listener(self) -> ActionResult:
        return ActionResult({"Listener": self.backend.listener(self._get_param("ListenerArn"))[1].describe()})

    def list_listeners(self) -> ActionResult:
        accelerator = self.backend.accelerator(self._get_param("AcceleratorArn"))
        return self._page("Listeners", [listener.describe() for listener in accelerator.listeners.values()])

    def update_listener(self) -> ActionResult:
        given, (arn,) = self._given("ListenerArn")
        return ActionResult({"Listener": self.backend.update_listener(arn, **given).describe()})

    def delete_listener(self) -> ActionResult:
        self.backend.delete_listener(self._get_param("ListenerArn"))
        return EmptyResult()

    # Endpoint groups

    def create_endpoint_group(self) -> ActionResult:
        given, (arn, token, region) = self._given("ListenerArn", "IdempotencyToken", "EndpointGroupRegion")
        group = self.backend.create_endpoint_group(arn, token, region, **given)
        return ActionResult({"EndpointGroup": group.describe()})

    def describe_endpoint_group(self) -> ActionResult:
        group = self.backend.endpoint_group(self._get_param("EndpointGroupArn"))[2]
        return ActionResult({"EndpointGroup": group.describe()})

    def list_endpoint_groups(self) -> ActionResult:
        listener = self.backend.listener(self._get_param("ListenerArn"))[1]
        return self._page("EndpointGroups", [group.describe() for group in listener.groups.values()])

    def update_endpoint_group(self) -> ActionResult:
        given, (arn,) = self._given("EndpointGroupArn")
        return ActionResult({"EndpointGroup": self.backend.update_endpoint_group(arn, **given).describe()})

    def delete_endpoint_group(self) -> ActionResult:
        self.backend.delete_endpoint_group(self._get_param("EndpointGroupArn"))
        return EmptyResult()

    def add_endpoints(self) -> ActionResult:
        arn, configurations = self._get_param("EndpointGroupArn"), self._get_param("EndpointConfigurations")
        group = self.backend.add_endpoints(arn, configurations)
        added = {configuration["EndpointId"] for configuration in configurations}
        descriptions = [e.describe() for e in group.endpoints if e.endpoint_id in added]
        return ActionResult({"EndpointDescriptions": descriptions, "EndpointGroupArn": arn})

    def remove_endpoints(self) -> ActionResult:
        identifiers = [identifier["EndpointId"] for identifier in self._get_param("EndpointIdentifiers")]
        self.backend.remove_endpoints(self._get_param("EndpointGroupArn"), identifiers)
        return EmptyResult()

    # Tags

    def tag_resource(self) -> ActionResult:
        tags = self.backend.tags_of(self._get_param("ResourceArn"))
        tags.update({tag["Key"]: tag["Value"] for tag in self._get_param("Tags")})
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        tags = self.backend.tags_of(self._get_param("ResourceArn"))
        for key in self._get_param("TagKeys"):
            tags.pop(key, None)
        return EmptyResult()

    def list_tags_for_resource(self) -> ActionResult:
        tags = self.backend.tags_of(self._get_param("ResourceArn"))
        return ActionResult({"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]})
