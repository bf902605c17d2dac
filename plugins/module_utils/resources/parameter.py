# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SSM parameter: a text, or plain data kept as JSON, under a name that other tools can find."""

from __future__ import annotations

import json
from typing import Any

from ..aws.names import from_tag_list, tag_changes, to_tag_list
from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource, absent_is_none, error_code

STANDARD_BYTES = 4096
"""What a standard parameter holds, in bytes of UTF-8."""

NAMES_PER_CALL = 10
"""How many names `GetParameters` takes."""


def outputs_parameter(workload: str, layer: str) -> str:
    """The name of the parameter that holds a layer's outputs."""
    return f"/{workload}/outputs/{layer}"


def to_text(value: Any) -> str:
    """The value as SSM stores it. The same data gives the same text."""
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def from_text(text: str) -> Any:
    """The plain data behind a text, or the text itself if it is not a JSON object or list."""
    if text[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def read_texts(cloud: Cloud, region: str, names: list[str]) -> dict[str, str]:
    """The values of those parameters that exist, by name; one call for every ten."""
    texts = {}
    for start in range(0, len(names), NAMES_PER_CALL):
        answer = cloud.client("ssm", region).get_parameters(Names=names[start : start + NAMES_PER_CALL])
        texts.update({parameter["Name"]: parameter["Value"] for parameter in answer["Parameters"]})
    return texts


class Parameter(Resource):
    """Wanted: `value` (text, or plain data that is stored as JSON), `tags`."""

    kind = "ssm_parameter"

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Parameter], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        texts = read_texts(cloud, region, [resource.name for resource in resources])
        actual = {}
        for resource in resources:
            if resource.name in texts:
                text = texts[resource.name]
                as_text = isinstance(resource.wanted.get("value"), str)
                actual[resource.name] = {
                    "value": text if as_text else from_text(text),
                    "tags": _tags(cloud, region, resource.name),
                }
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        text = self._fitting(wanted["value"])
        client = cloud.client("ssm", self.region)
        tags = to_tag_list(wanted["tags"])
        try:
            client.put_parameter(Name=self.name, Value=text, Type="String", Tags=tags)
        except client.exceptions.ParameterAlreadyExists:
            # Tags and Overwrite exclude each other.
            self.made_before(cloud)
            client.put_parameter(Name=self.name, Value=text, Type="String", Overwrite=True)
            client.add_tags_to_resource(ResourceType="Parameter", ResourceId=self.name, Tags=tags)
        return dict(wanted)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        client = cloud.client("ssm", self.region)
        if "value" in differences:
            text = self._fitting(wanted["value"])
            client.put_parameter(Name=self.name, Value=text, Type="String", Overwrite=True)
        if "tags" in differences:
            to_set, to_remove = tag_changes(*differences["tags"])
            which = {"ResourceType": "Parameter", "ResourceId": self.name}
            if to_remove:
                client.remove_tags_from_resource(**which, TagKeys=to_remove)
            if to_set:
                client.add_tags_to_resource(**which, Tags=to_tag_list(to_set))
        return {**actual, **wanted}

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none("ParameterNotFound"):
            cloud.client("ssm", self.region).delete_parameter(Name=self.name)

    def _fitting(self, value: Any) -> str:
        text = to_text(value)
        size = len(text.encode())
        if size > STANDARD_BYTES:
            raise CollectionError(
                f"The value of SSM parameter {self.name} in {self.region} is {size} bytes; a standard parameter holds "
                f"{STANDARD_BYTES}. Keep less in it."
            )
        return text


def _tags(cloud: Cloud, region: str, name: str) -> dict[str, str]:
    client = cloud.client("ssm", region)
    try:
        answer = client.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)
    except BaseException as error:
        if error_code(error) == "InvalidResourceId":  # gone since it was read
            return {}
        raise
    return from_tag_list(answer["TagList"])
