# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes before a region's bucket may go: each of its objects is in another region's bucket as well.

A replica of a table has nothing of its own. A bucket has what was there before its replication, and what S3 has not
sent yet.
"""

from __future__ import annotations

from typing import ClassVar

from ..aws.names import bucket_name
from ..kernel import Attributes, Cloud, CollectionError, NotReadyInTime, Resource
from ..resources.bucket_object import keys_of
from .control import RetirementControl

TOLD = 3
"""How many keys an error names."""


class Replicated(Resource):
    """That every object of a bucket is in another region. It is never found so: it is seen to. `name` is the prefix."""

    kind = "s3_objects_replicated"
    owned: ClassVar[bool] = False
    shown_late: ClassVar[bool | None] = False

    def __init__(self, control: RetirementControl, region: str, prefix: str, needs: list[Resource]) -> None:
        super().__init__(prefix, region, needs=needs)
        self.control = control
        self.left: set[str] = set()

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[Replicated], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        return {}

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        self.control.renew()
        self.left = set(keys_of(cloud, self.region, self._bucket(cloud, self.region)))
        try:
            cloud.wait_until(f"the objects of {self.name} to be in another region", lambda: self._all_sent(cloud))
        except NotReadyInTime as error:
            bucket = self._bucket(cloud, self.region)
            told = ", ".join(sorted(self.left)[:TOLD])
            raise CollectionError(
                f"{len(self.left)} objects of the bucket {bucket} are in no other region, such as {told}. "
                f"{self.region} is left in the map; its services run no more. S3 replicates only what was written "
                "since its replication began, and tells in an object's ReplicationStatus what failed. Copy them, with "
                f"aws s3 sync s3://{bucket} s3://{self._bucket(cloud, self.control.params['regions'][0])}, then run "
                "this again"
            ) from error
        return dict(wanted)

    def _all_sent(self, cloud: Cloud) -> bool:
        self.control.heed()
        for region in self.control.params["regions"]:
            if self.left:
                self.left -= set(keys_of(cloud, region, self._bucket(cloud, region)))
        return not self.left

    def _bucket(self, cloud: Cloud, region: str) -> str:
        return bucket_name(self.name, cloud.account_id, region)
