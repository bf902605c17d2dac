# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file in an S3 bucket: what it holds, as what, and for how long it may be kept."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..kernel import Attributes, Cloud, Difference, Resource, absent_is_none

READ_THREADS = 8


def etag_of(body: bytes) -> str:
    """The ETag of an object that was put in one part into a bucket with SSE-S3: the MD5 of what it holds."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def keys_of(cloud: Cloud, region: str, bucket: str) -> list[str]:
    """The keys of all objects in a bucket; none if there is no bucket."""
    with absent_is_none("NoSuchBucket"):
        return [item["Key"] for item in cloud.paginate("s3", "list_objects_v2", region, Bucket=bucket)]
    return []


class BucketObject(Resource):
    """Wanted: `etag` (of `body`, or unknown as long as that is), `content_type`, `cache_control`.

    `body` gives the content when it is put. The name is `<bucket>/<key>`.
    """

    kind = "s3_object"
    owned = False  # a part of its bucket

    def __init__(self, bucket: str, key: str, region: str, *, body: bytes = b"", **given: Any) -> None:
        super().__init__(f"{bucket}/{key}", region, **given)
        self.bucket, self.key, self.body = bucket, key, body

    @classmethod
    def find(
        cls, cloud: Cloud, region: str, resources: list[BucketObject], found: dict[str, Attributes]
    ) -> dict[str, Attributes]:
        by_bucket: dict[str, list[BucketObject]] = defaultdict(list)
        for each in resources:
            by_bucket[each.bucket].append(each)
        actual: dict[str, Attributes] = {}
        for bucket, objects in by_bucket.items():
            there = set(keys_of(cloud, region, bucket))
            # A list tells neither type nor caching.
            with ThreadPoolExecutor(max_workers=READ_THREADS) as pool:
                asked = {each.name: pool.submit(each._read, cloud) for each in objects if each.key in there}
            told = {name: future.result() for name, future in asked.items()}
            actual.update({name: attributes for name, attributes in told.items() if attributes is not None})
        return actual

    def _read(self, cloud: Cloud) -> Attributes | None:
        with absent_is_none("404", "NoSuchKey"):
            answer = cloud.client("s3", self.region).head_object(Bucket=self.bucket, Key=self.key)
            return {
                "etag": answer["ETag"].strip('"'),
                "content_type": answer.get("ContentType"),
                "cache_control": answer.get("CacheControl"),
            }
        return None

    def create(self, cloud: Cloud, wanted: Attributes) -> Attributes:
        cloud.client("s3", self.region).put_object(
            Bucket=self.bucket,
            Key=self.key,
            Body=self.body,
            ContentType=wanted["content_type"],
            CacheControl=wanted["cache_control"],
        )
        return wanted

    def update(
        self, cloud: Cloud, actual: Attributes, wanted: Attributes, differences: dict[str, Difference]
    ) -> Attributes:
        return self.create(cloud, wanted)  # S3 replaces an object as a whole

    def delete(self, cloud: Cloud, actual: Attributes) -> None:
        with absent_is_none("NoSuchBucket"):
            cloud.client("s3", self.region).delete_object(Bucket=self.bucket, Key=self.key)
