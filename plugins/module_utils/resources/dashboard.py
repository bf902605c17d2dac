# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A CloudWatch dashboard. It is one for the whole account, whichever region's endpoint is asked."""

from __future__ import annotations

import json
from typing import Any

from ..aws.names import arn, from_tag_list, to_tag_list
from ..kernel import Attributes, Cloud, CollectionError, Difference, Resource, absent_is_none
from .cloudwatch_tags import retag

GONE = ("ResourceNotFound", "DashboardNotFoundError")


class Dashboard(Resource):
    """Wanted: `body` (the document, with `widgets`), `tags`. Gives `arn`, which is known beforehand."""

    kind = "cloudwatch_dashboard"

    def __init__(self, name: str, region: str, *, account: str, **others: Any) -> None:
        super().__init__(name, region, **others)
        self.arn = arn("cloudwatch", "", account, f"dashboard/{name}", within=region)

    def foretold(self) -> Attributes:
        return {"arn": self.arn}

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Dashboard], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        client = cloud.client("cloudwatch", region)
        actual = {}
        for each in resources:
            with absent_is_none(*GONE):
                body = client.get_dashboard(DashboardName=each.name)["DashboardBody"]
                tags = from_tag_list(client.list_tags_for_resource(ResourceARN=each.arn)["Tags"])
                actual[each.name] = {"arn": each.arn, "body": json.loads(body), "tags": tags}
        return actual

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        # The same dashboard put twice is one, so a lost answer does no harm.
        self._put(cloud, wanted, Tags=to_tag_list(wanted["tags"]))
        return {"arn": self.arn, **wanted}

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        if "body" in differences:
            self._put(cloud, wanted)
        retag(cloud, self.region, self.arn, differences)
        return {**actual, **wanted}

    def _put(self, cloud: Cloud, wanted: Attributes, **more: Any) -> None:
        client = cloud.client("cloudwatch", self.region)
        try:
            answer = client.put_dashboard(DashboardName=self.name, DashboardBody=json.dumps(wanted["body"]), **more)
        except client.exceptions.DashboardInvalidInputError as error:
            found = error.response.get("dashboardValidationMessages") or [{"Message": str(error)}]
            raise CollectionError(
                f"CloudWatch refuses the dashboard {self.name}: {_told(found)}. Correct its widgets."
            ) from error
        if messages := answer.get("DashboardValidationMessages"):
            cloud.tell(f"  CloudWatch took the dashboard {self.name} and warns: {_told(messages)}")

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none(*GONE):
            cloud.client("cloudwatch", self.region).delete_dashboards(DashboardNames=[self.name])


def _told(messages: list[dict[str, str]]) -> str:
    return "; ".join(f"{each.get('DataPath', '')}: {each['Message']}".removeprefix(": ") for each in messages)
