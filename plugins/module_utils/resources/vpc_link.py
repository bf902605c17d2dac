# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""API Gateway's way into a VPC, of either version: it takes minutes to be, and minutes to go.

A run that ended meanwhile leaves one that the next run waits for.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from ..kernel import Attributes, Cloud, CollectionError, Difference, absent_is_none
from .api_listing import NOT_FOUND, ApiResource


class LinkStatus(NamedTuple):
    """What AWS calls the status of a link, whether the link can be used, and why it is so, if AWS says it."""

    name: str
    usable: bool
    reason: str | None


class VpcLink(ApiResource):
    """Of the wanted attributes `usable` is waited for."""

    instead: ClassVar[str] = "Give the API another name, so that another link is made, and remove this one then."

    def status(self, cloud: Cloud, identifier: str) -> LinkStatus:
        """
        Raises:
            ClientError: there is none, or AWS refuses to tell.
        """
        raise NotImplementedError(type(self))

    def settle(self, cloud: Cloud, identifier: str) -> None:
        """Wait until it can be used: nothing goes through it before.

        Raises:
            CollectionError: it failed, or takes too long.
        """

        def usable() -> bool:
            now = self.status(cloud, identifier)
            if now.name == "FAILED":
                reason = now.reason or "AWS gives no reason"
                raise CollectionError(f"the VPC link {self.name} in {self.region} failed: {reason}")
            return now.usable

        cloud.wait_until(f"VPC link {self.name} in {self.region} to be available", usable)

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        self.retag(cloud, f"/vpclinks/{actual['id']}", differences)
        if "usable" in differences:
            self.settle(cloud, actual["id"])
        return {**actual, **wanted}

    def wait_until_gone(self, cloud: Cloud, identifier: str) -> None:
        def gone() -> bool:
            with absent_is_none(NOT_FOUND):
                self.status(cloud, identifier)
                return False
            return True

        cloud.wait_until(f"VPC link {self.name} in {self.region} to be deleted", gone)
