# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Websites in buckets: what S3's website endpoint answers to somebody without credentials.

Unlike the REST endpoint it only reads, knows index and error documents, answers in HTML, and tells apart what is not
there (404) from what must not be read (403).
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import quote, unquote

import xmltodict
from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, PublicAccessBlock
from moto.s3control.models import s3control_backends

from localcloud.policies import allow, as_list, covers, holds, json_object
from localcloud.s3.rules import for_everybody, is_public

ANONYMOUS = {"aws:securetransport": "false", "aws:principaltype": "Anonymous"}
"""What holds for whoever comes through a website endpoint: it takes no credentials and speaks no TLS."""

KEPT = ("cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires")


@dataclass
class Page:
    """An answer of the website endpoint."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Refusal(Exception):
    """Why there is no page, in S3's words, and what the answer tells of it."""

    status: int
    code: str
    message: str
    told: dict[str, str] = field(default_factory=dict)


def check_website(body: bytes) -> None:
    """Refuse a configuration of a website that S3 does not take, or that is more than can be served here.

    Raises:
        S3ClientError: with an equivalent message.
    """
    given = xmltodict.parse(body).get("WebsiteConfiguration") or {}
    if given.get("RedirectAllRequestsTo") or given.get("RoutingRules"):
        raise S3ClientError("NotImplemented", "The embedded cloud serves index and error documents, no redirections.")
    suffix = (given.get("IndexDocument") or {}).get("Suffix") or ""
    if not suffix or "/" in suffix:
        raise S3ClientError("InvalidArgument", "The IndexDocument Suffix is not well formed")
    if "ErrorDocument" in given and not (given["ErrorDocument"] or {}).get("Key"):
        raise S3ClientError("InvalidArgument", "The ErrorDocument Key is not well formed")


def documents_of(bucket: FakeBucket) -> tuple[str, str] | None:
    """The index document and the error document ("" if there is none) of a bucket; None if it is no website."""
    if not bucket.website_configuration:
        return None
    given = xmltodict.parse(bucket.website_configuration)["WebsiteConfiguration"]
    return given["IndexDocument"]["Suffix"], (given.get("ErrorDocument") or {}).get("Key", "")


def block_of_account(account_id: str, partition: str) -> PublicAccessBlock | None:
    """What the whole account blocks, whatever its buckets do."""
    block: PublicAccessBlock | None = s3control_backends[account_id][partition].public_access_block
    return block


def may_read(bucket: FakeBucket, key: str) -> bool:
    """Whether the bucket's policy lets everybody read an object, and its block of public access lets the policy."""
    document = json_object((bucket.policy or b"{}").decode()) or {}
    blocks = (bucket.public_access_block, block_of_account(bucket.account_id, bucket.partition))
    if any(each and each.restrict_public_buckets for each in blocks) and is_public(document):
        return False
    resource = f"{bucket.arn}/{key}"
    return allow(
        statement
        for statement in as_list(document.get("Statement"))
        if for_everybody(statement) and covers(statement, "s3:GetObject", resource) and holds(statement, ANONYMOUS)
    )


def serve(bucket: FakeBucket | None, name: str, method: str, path: str, headers: Mapping[str, str]) -> Page:
    """Answer a request for `path` (as it was sent, without query) to the website of a bucket. The lock is held."""
    try:
        return _serve(bucket, name, method, path, headers)
    except Refusal as refusal:
        page = _refused(bucket, refusal)
        return Page(page.status, page.headers) if method == "HEAD" else page


def _serve(bucket: FakeBucket | None, name: str, method: str, path: str, headers: Mapping[str, str]) -> Page:
    if bucket is None:
        raise Refusal(404, "NoSuchBucket", "The specified bucket does not exist", {"BucketName": name})
    documents = documents_of(bucket)
    if documents is None:
        message = "The specified bucket does not have a website configuration"
        raise Refusal(404, "NoSuchWebsiteConfiguration", message, {"BucketName": name})
    if method not in ("GET", "HEAD"):
        told = {"Method": method, "ResourceType": "OBJECT"}
        raise Refusal(405, "MethodNotAllowed", "The specified method is not allowed against this resource.", told)
    index, _error = documents
    asked = unquote(path).removeprefix("/")
    key = asked + index if not asked or asked.endswith("/") else asked
    if key == asked and _object(bucket, key) is None and _object(bucket, f"{key}/{index}") is not None:
        return Page(302, {"Location": quote(f"/{asked}/")})
    found = _readable(bucket, key)
    if found.website_redirect_location:
        return Page(301, {"Location": found.website_redirect_location})
    told = {name.lower(): value for name, value in {**found.metadata, **found.response_dict}.items()}
    shown = {name: told[name] for name in KEPT if name in told}
    shown |= {"ETag": found.etag, "Last-Modified": found.last_modified_RFC1123}
    if found.etag in re.split(r"\s*,\s*", headers.get("if-none-match", "")):
        return Page(304, {name: value for name, value in shown.items() if not name.startswith("content-")})
    return Page(200, shown, found.value) if method == "GET" else Page(200, {**shown, "Content-Length": str(found.size)})


def _object(bucket: FakeBucket, key: str) -> FakeKey | None:
    found = bucket.keys.get(key)
    return None if isinstance(found, FakeDeleteMarker) else found


def _readable(bucket: FakeBucket, key: str) -> FakeKey:
    """An object that everybody may read.

    Raises:
        Refusal: 404 if it is not there, 403 if it is and may not be read.
    """
    found = _object(bucket, key)
    if found is None:
        raise Refusal(404, "NoSuchKey", "The specified key does not exist.", {"Key": key})
    # Whoever has no credentials may not use a key of KMS either.
    if found.encryption == "aws:kms" or not may_read(bucket, key):
        raise Refusal(403, "AccessDenied", "Access Denied")
    return found


def _refused(bucket: FakeBucket | None, refusal: Refusal) -> Page:
    """The error document, with the status of what it stands for; S3's own page if there is none, or it is no better."""
    documents = documents_of(bucket) if bucket is not None else None
    worse = ""
    if bucket is not None and documents is not None and documents[1]:
        try:
            found = _readable(bucket, documents[1])
        except Refusal as again:
            worse = f"<h3>The error document could not be read either</h3>{_listed(again)}"
        else:
            kind = found.metadata.get("content-type", "binary/octet-stream")
            return Page(refusal.status, {"Content-Type": kind, "ETag": found.etag}, found.value)
    title = f"{refusal.status} {HTTPStatus(refusal.status).phrase}"
    text = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{_listed(refusal)}{worse}</body></html>\n"
    headers = {"Content-Type": "text/html; charset=utf-8", "x-amz-error-code": refusal.code}
    return Page(refusal.status, {**headers, "x-amz-error-message": refusal.message}, text.encode())


def _listed(refusal: Refusal) -> str:
    told = {"Code": refusal.code, "Message": refusal.message, **refusal.told}
    return "<ul>" + "".join(f"<li>{name}: {html.escape(value)}</li>" for name, value in told.items()) + "</ul>"
