# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Websites in buckets, through the front door: who may read, what is shown where, and by which names."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from typing import Any

import pytest

from localcloud import Cloud
from tests.support.expectations import refused
from tests.support.waiting import eventually

DASH, DOT = "us-east-1", "eu-central-1"
OPEN = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
DOCUMENTS = {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}}


@pytest.fixture(scope="module", autouse=True)
def door(cloud: Cloud) -> None:
    """The front door is a process of its own, which may be there a moment after the cloud."""
    host, _colon, port = cloud.door.partition(":")

    def is_open() -> bool:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection((host, int(port)), timeout=5):
            return True
        return False

    eventually(is_open)


def policy(bucket: str, **more: Any) -> str:
    read = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**read, **more}]})


def ask(cloud: Cloud, bucket: str, path: str = "/", region: str = DASH, **more: Any) -> tuple[int, dict[str, str], str]:
    """Status, headers (in small letters) and text of what the website endpoint answers."""
    host = more.pop("host", f"{bucket}.s3-website{'-' if region == DASH else '.'}{region}.amazonaws.com")
    connection = http.client.HTTPConnection(cloud.door, timeout=10)
    try:
        connection.request(more.pop("method", "GET"), path, headers={"Host": host, **more})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()


def code(answer: tuple[int, dict[str, str], str]) -> tuple[int, str]:
    return answer[0], answer[1].get("x-amz-error-code", "")


def make(cloud: Cloud, bucket: str, region: str = DASH) -> Any:
    """A bucket with a page and documents that nobody may read yet."""
    client = cloud.client("s3", region)
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    client.create_bucket(Bucket=bucket, **place)
    client.put_bucket_website(Bucket=bucket, WebsiteConfiguration=DOCUMENTS)
    for key, kind in (("index.html", "text/html"), ("a/index.html", "text/html"), ("a/x y.css", "text/css")):
        client.put_object(Bucket=bucket, Key=key, Body=key, ContentType=kind, CacheControl="no-cache")
    return client


@pytest.fixture
def site(cloud: Cloud, name: str) -> str:
    """A website that everybody may read; it has no error document yet."""
    client = make(cloud, name)
    client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=OPEN)
    client.put_bucket_policy(Bucket=name, Policy=policy(name))
    return name


def test_a_public_policy_is_refused_while_the_block_says_so(cloud: Cloud, name: str) -> None:
    client = make(cloud, name)
    assert refused(client.put_bucket_policy, Bucket=name, Policy=policy(name)) == "AccessDenied"
    # For some only it is not public, and neither is what denies.
    for narrowed in ({"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}, {"Effect": "Deny"}):
        client.put_bucket_policy(Bucket=name, Policy=policy(name, **narrowed))
    for wide in ({"Principal": {"AWS": "*"}}, {"Condition": {"StringLike": {"aws:SourceVpc": "vpc-*"}}}):
        assert refused(client.put_bucket_policy, Bucket=name, Policy=policy(name, **wide)) == "AccessDenied"
    client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={**OPEN, "RestrictPublicBuckets": True})
    client.put_bucket_policy(Bucket=name, Policy=policy(name))
    # It is there, and does not count.
    assert code(ask(cloud, name)) == (403, "AccessDenied")
    client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=OPEN)
    assert ask(cloud, name)[0] == 200


def test_the_index_is_shown_for_each_folder(cloud: Cloud, site: str) -> None:
    status, headers, text = ask(cloud, site)
    assert (status, text) == (200, "index.html")
    assert (headers["content-type"], headers["cache-control"]) == ("text/html", "no-cache")
    assert ask(cloud, site, "/a/?v=1")[2] == "a/index.html"
    status, headers, _text = ask(cloud, site, "/a")
    assert (status, headers["location"]) == (302, "/a/")
    assert ask(cloud, site, "/a/x%20y.css")[2] == "a/x y.css"
    head = ask(cloud, site, method="HEAD")
    assert (head[0], head[1]["content-length"], head[2]) == (200, str(len("index.html")), "")


def test_what_a_browser_has_it_need_not_get_again(cloud: Cloud, site: str) -> None:
    etag = ask(cloud, site)[1]["etag"]
    assert ask(cloud, site, **{"If-None-Match": etag})[::2] == (304, "")
    cloud.client("s3", DASH).put_object(Bucket=site, Key="index.html", Body="new")
    assert ask(cloud, site, **{"If-None-Match": etag})[::2] == (200, "new")


def test_what_is_not_there_is_not_found_and_what_is_not_for_everybody_denied(cloud: Cloud, site: str) -> None:
    client = cloud.client("s3", DASH)
    assert code(ask(cloud, site, "/gone")) == (404, "NoSuchKey")
    client.put_object(Bucket=site, Key="error.html", Body="sorry", ContentType="text/html")
    status, headers, text = ask(cloud, site, "/gone")
    assert (status, text, headers["content-type"]) == (404, "sorry", "text/html")
    # A policy for a folder only: the error document is outside of it.
    client.put_bucket_policy(Bucket=site, Policy=policy(site, Resource=f"arn:aws:s3:::{site}/a/*"))
    assert ask(cloud, site, "/a/")[0] == 200
    denied = ask(cloud, site)
    assert code(denied) == (403, "AccessDenied") and denied[2].count("AccessDenied") == 2
    assert code(ask(cloud, site, "/gone")) == (404, "NoSuchKey")
    # The endpoint has no TLS, so a policy that demands it admits nobody.
    tls = {"Bool": {"aws:SecureTransport": "true"}}
    client.put_bucket_policy(Bucket=site, Policy=policy(site, Condition=tls))
    assert ask(cloud, site)[0] == 403


def test_nobody_reads_what_kms_encrypts(cloud: Cloud, site: str) -> None:
    client = cloud.client("s3", DASH)
    client.put_object(Bucket=site, Key="secret.txt", Body="x", ServerSideEncryption="aws:kms")
    assert code(ask(cloud, site, "/secret.txt")) == (403, "AccessDenied")


def test_it_only_reads_and_without_documents_there_is_no_website(cloud: Cloud, site: str) -> None:
    assert code(ask(cloud, site, method="PUT")) == (405, "MethodNotAllowed")
    client = cloud.client("s3", DASH)
    client.delete_bucket_website(Bucket=site)
    assert code(ask(cloud, site)) == (404, "NoSuchWebsiteConfiguration")
    assert code(ask(cloud, f"{site}-none")) == (404, "NoSuchBucket")
    wrong = {"IndexDocument": {"Suffix": "a/index.html"}}
    assert refused(client.put_bucket_website, Bucket=site, WebsiteConfiguration=wrong) == "InvalidArgument"


def test_a_name_is_of_the_form_that_its_region_has(cloud: Cloud, site: str, name: str) -> None:
    other = f"{name}-dot"
    client = make(cloud, other, DOT)
    client.put_public_access_block(Bucket=other, PublicAccessBlockConfiguration=OPEN)
    client.put_bucket_policy(Bucket=other, Policy=policy(other))
    assert ask(cloud, other, region=DOT)[0] == 200
    assert ask(cloud, other, host=f"{other}.s3-website-{DOT}.amazonaws.com")[0] == 503
    assert ask(cloud, site, host=f"{site}.s3-website.{DASH}.amazonaws.com")[0] == 503
    assert code(ask(cloud, other, region=DASH)) == (404, "NoSuchBucket")


def test_a_dead_region_shows_nothing(cloud: Cloud, name: str) -> None:
    client = make(cloud, name, DOT)
    client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=OPEN)
    client.put_bucket_policy(Bucket=name, Policy=policy(name))
    assert ask(cloud, name, region=DOT)[0] == 200
    cloud.fault(DOT, "dead")

    def is_silent() -> bool:
        try:
            ask(cloud, name, region=DOT)
        except (http.client.HTTPException, ConnectionError):
            return True
        return False

    try:
        eventually(is_silent, 5)
    finally:
        cloud.fault(DOT, "ok")
