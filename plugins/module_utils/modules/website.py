# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A static website of one region: a bucket that S3 serves to everybody, with the files of a folder.

The bucket holds what the folder holds, and the file that tells the pages where their API is. So whatever else is in it
is removed, and nothing is lost with the bucket.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..aws.names import bucket_name, resource_tags, website_host
from ..kernel import KNOWN_AFTER_APPLY, Cloud, Known, is_unknown
from ..kernel.run import Composition, ModuleDefinition
from ..resources.bucket import Bucket, website_policy
from ..resources.bucket_object import BucketObject, etag_of, keys_of
from .lake_bucket import prefix_problems

CONTENT_TYPES = {
    ".avif": "image/avif",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".gif": "image/gif",
    ".htm": "text/html; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".mp4": "video/mp4",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
"""Types by suffix; the machine's own table would make them differ from machine to machine."""

ANY_TYPE = "application/octet-stream"
PUBLIC_DOTS = frozenset({".well-known"})
"""Names that begin with a dot and are meant to be seen."""

KEY_BYTES = 1024


def files_of(folder: Path) -> dict[str, Path]:
    """The files of a folder and those below it, by key. Hidden ones are nobody's page."""
    found = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(".") and part not in PUBLIC_DOTS for part in parts):
            found["/".join(parts)] = path
    return found


def folder_problems(variable: str, given: dict[str, Any]) -> Iterator[str]:
    """What cannot be right about a website's `folder`, its documents and its `config_file`. Reads files only."""
    folder = Path(given["folder"])
    if not folder.is_dir():
        yield f"{variable} is {str(folder)!r}, which is no folder; give that of the website's files."
        return
    files, config_file = files_of(folder), given["config_file"]
    for document in ("index_document", "error_document"):
        if given[document] not in files:
            yield f"{variable} is {str(folder)!r}, and has no {given[document]} ({document}). Give the name of a file."
    if "/" in given["index_document"]:
        yield f"index_document is {given['index_document']!r}; S3 takes the name of a file, which each folder may have."
    if given.get("config") and config_file in files:
        yield f"{variable} is {str(folder)!r}, and has {config_file}, which config makes. Rename one (config_file)."
    real = folder.resolve()
    for key, path in files.items():
        if not path.resolve().is_relative_to(real):
            yield f"{variable} is {str(folder)!r}; {key} in it leads out of it, and everybody could read that. Copy it."
        if len(key.encode()) > KEY_BYTES:
            yield f"{variable} is {str(folder)!r}; {key[:60]}… in it is longer than the {KEY_BYTES} bytes of an S3 key."


def problems(params: dict[str, Any]) -> list[str]:
    found = prefix_problems("prefix", params["prefix"], params["region"] or "")
    return found + (list(folder_problems("folder", params)) if params["state"] == "present" else [])


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    region, name = cloud.region, bucket_name(params["prefix"], cloud.account_id, cloud.region)
    bucket = Bucket(
        name,
        region,
        state=params["state"],
        purge_tags=params["purge_tags"],
        # Not more open than needed: by the policy, not by ACLs.
        public_access_blocked=False,
        object_ownership="BucketOwnerEnforced",
        # Whoever has no credentials cannot read what KMS has encrypted.
        encryption={"type": "s3", "kms_key_id": None},
        policy=website_policy(name, region),
        website={key: params[key] for key in ("index_document", "error_document")},
        tags=resource_tags(params, region),
    )
    objects = _objects(params, cloud, bucket) if params["state"] == "present" else []
    host = website_host(name, region)

    def outputs(known: Known) -> dict[str, Any]:
        return {"website": {"bucket": name, "region": region, "host": host, "url": f"http://{host}"}}

    return Composition([bucket, *objects], outputs)


def _objects(params: dict[str, Any], cloud: Cloud, bucket: Bucket) -> list[BucketObject]:
    """The files, the configuration, and what is in the bucket and none of them."""
    made = {
        key: _object(params, bucket, key, path.read_bytes()) for key, path in files_of(Path(params["folder"])).items()
    }
    if params["config"]:
        text = json.dumps(params["config"], indent=2, sort_keys=True) + "\n"
        made[params["config_file"]] = _object(params, bucket, params["config_file"], text.encode())
        if is_unknown(params["config"]):
            made[params["config_file"]].wanted["etag"] = KNOWN_AFTER_APPLY
    pages = [each for key, each in made.items() if key.endswith((".html", ".htm"))]
    for each in pages:  # a page is not to ask for what is not there yet
        each.needs = (bucket, *(other for other in made.values() if other not in pages))
    there = keys_of(cloud, bucket.region, bucket.name) if bucket.exists(cloud) else []
    others = [key for key in there if key not in made]
    gone = [BucketObject(bucket.name, key, bucket.region, state="absent", needs=[bucket]) for key in others]
    return [*made.values(), *gone]


def _object(params: dict[str, Any], bucket: Bucket, key: str, body: bytes) -> BucketObject:
    return BucketObject(
        bucket.name,
        key,
        bucket.region,
        body=body,
        needs=[bucket],
        etag=etag_of(body),
        content_type=CONTENT_TYPES.get(Path(key).suffix.lower(), ANY_TYPE),
        cache_control=params["cache_control"],
    )


MODULE = ModuleDefinition(
    arguments={
        "prefix": {"type": "str", "required": True},
        "folder": {"type": "path"},
        "index_document": {"type": "str", "default": "index.html"},
        "error_document": {"type": "str", "default": "error.html"},
        "config": {"type": "dict", "default": {}},
        "config_file": {"type": "str", "default": "config.json"},
        "cache_control": {"type": "str", "default": "no-cache"},
    },
    services=("s3", "sts"),
    build=build,
    problems=problems,
    rules={"required_if": [("state", "present", ["folder"])]},
)
