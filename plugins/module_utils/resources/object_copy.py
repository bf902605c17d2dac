# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects put where there is none of their key, and copied from bucket to bucket by S3 itself, with all that is said of
them.

CopyObject takes 5 GB, and keeps type, metadata and tags of itself. What is larger goes in parts, which keep none of
it: then it is read, and given again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from ..kernel import Cloud, absent_is_none, error_code
from ..kernel.cloud import ClientError

LARGEST = 5 * 1024**3
"""Bytes that CopyObject takes."""

PART = 1024**3
"""Bytes of a part: with 10000 parts at most, this is enough for the 5 TB that an object may have."""

AT_ONCE = 16
"""Objects that are put side by side: as many as a client has connections."""

TRIES = 5
"""How often an object is put that somebody else is putting at the same time."""

KEPT = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Metadata",
    "WebsiteRedirectLocation",
)
"""What is said of an object beside its tags, in the words of HeadObject and CreateMultipartUpload alike."""


def unless_there(put: Callable[[], object]) -> bool:
    """Put an object on condition that there is none (`IfNoneMatch="*"`); whether there was none.

    Raises:
        ClientError: S3 refuses it for another reason, or somebody else goes on putting it.
    """
    for left in reversed(range(TRIES)):
        try:
            put()
        except ClientError as error:
            if error_code(error) == "PreconditionFailed":
                break
            # Somebody else is just putting it.
            if error_code(error) != "ConditionalRequestConflict" or not left:
                raise
        else:
            return True
    return False


def copy_object(
    cloud: Cloud, source: str, place: dict[str, Any], size: int, storage: str, target: str, bucket: str
) -> bool:
    """Copy the object at `place` (`Bucket`, `Key`) of region `source` to a bucket of region `target`, unless there is
    one; whether there was none, and it was there to be copied.

    size: its bytes.  storage: its class, which S3 takes for STANDARD unless it is said.

    Raises:
        ClientError: S3 refuses it for another reason.
    """
    there = {"Bucket": bucket, "Key": place["Key"], "StorageClass": storage}

    def put() -> None:
        if size > LARGEST:
            _copy_parts(cloud, source, place, size, target, there)
        else:
            cloud.client("s3", target).copy_object(
                **there, CopySource=place, ExpectedSourceBucketOwner=cloud.account_id, IfNoneMatch="*"
            )

    with absent_is_none("NoSuchKey", "404"):
        return unless_there(put)
    return False  # it was deleted meanwhile


def _copy_parts(
    cloud: Cloud, source: str, place: dict[str, Any], size: int, target: str, there: dict[str, str]
) -> None:
    """Copy it part by part. What a killed run leaves of it, the bucket's lifecycle removes."""
    told = cloud.client("s3", source).head_object(**place)
    tags = cloud.client("s3", source).get_object_tagging(**place)["TagSet"]
    s3 = cloud.client("s3", target)
    said = {name: told[name] for name in KEPT if told.get(name)}
    said["Tagging"] = urlencode({tag["Key"]: tag["Value"] for tag in tags})
    upload = {"Bucket": there["Bucket"], "Key": there["Key"]}
    upload["UploadId"] = s3.create_multipart_upload(**there, **said)["UploadId"]
    try:
        parts = []
        for number, start in enumerate(range(0, size, PART), start=1):
            answer = s3.upload_part_copy(
                **upload,
                PartNumber=number,
                CopySource=place,
                CopySourceRange=f"bytes={start}-{min(start + PART, size) - 1}",
                CopySourceIfMatch=told["ETag"],
                ExpectedSourceBucketOwner=cloud.account_id,
            )
            parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
        s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*")
    except ClientError:
        s3.abort_multipart_upload(**upload)
        raise
