# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ECR: what is pushed is kept by its digest, and what ECR refuses of a push is refused."""

from __future__ import annotations

import base64
import json
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud import Cloud, CloudError
from tests.support.expectations import cut, refused
from tests.support.pushed_images import digest_of, layer_of, manifest_of, push, upload
from tests.support.waiting import eventually

MIB = 1024 * 1024
ABSENT = "sha256:" + "0" * 64


@pytest.fixture
def repository(cloud: Cloud, name: str) -> str:
    cloud.client("ecr").create_repository(repositoryName=name, imageTagMutability="IMMUTABLE")
    return name


def test_what_was_pushed_is_described_by_its_digest(cloud: Cloud, repository: str) -> None:
    client = cloud.client("ecr")
    layer, config = layer_of({"app/main.py": "print('hello')\n"}), json.dumps({"config": {"Cmd": ["x"]}}).encode()
    for content in (layer, config):
        upload(client, repository, content)
    manifest = manifest_of(config, [layer])
    client.put_image(repositoryName=repository, imageTag="1.0", imageManifest=manifest)
    (image,) = client.describe_images(repositoryName=repository)["imageDetails"]
    assert image["imageDigest"] == digest_of(manifest.encode())
    assert image["imageTags"] == ["1.0"] and image["imageSizeInBytes"] == len(layer) + len(config)
    asked = {"repositoryName": repository, "imageIds": [{"imageDigest": image["imageDigest"]}]}
    (got,) = client.batch_get_image(**asked)["images"]
    assert got["imageManifest"] == manifest
    url = client.get_download_url_for_layer(repositoryName=repository, layerDigest=digest_of(layer))["downloadUrl"]
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == layer
    # One image, one more tag: nothing else is there afterwards.
    client.put_image(repositoryName=repository, imageTag="1.1", imageManifest=manifest)
    (image,) = client.describe_images(repositoryName=repository)["imageDetails"]
    assert sorted(image["imageTags"]) == ["1.0", "1.1"]


def test_an_image_needs_its_layers(cloud: Cloud, repository: str) -> None:
    client = cloud.client("ecr")
    layer, config = layer_of({"a": "1"}), b"{}"
    manifest = manifest_of(config, [layer])
    put = {"repositoryName": repository, "imageTag": "1", "imageManifest": manifest}
    with pytest.raises(ClientError, match=digest_of(layer)) as error:
        client.put_image(**put)
    assert error.value.response["Error"]["Code"] == "LayersNotFoundException"
    upload(client, repository, layer)
    assert refused(client.put_image, **put) == "LayersNotFoundException"  # the configuration counts too
    upload(client, repository, config)
    assert refused(client.put_image, **put, imageDigest=ABSENT) == "ImageDigestDoesNotMatchException"
    client.put_image(**put, imageDigest=digest_of(manifest.encode()))
    assert refused(client.put_image, **put) == "ImageAlreadyExistsException"
    assert refused(client.put_image, repositoryName=repository, imageManifest=manifest) == "ImageAlreadyExistsException"
    index = json.dumps({"schemaVersion": 2, "mediaType": "x", "manifests": [{"digest": ABSENT}]})
    listed = {"repositoryName": repository, "imageManifest": index}
    assert refused(client.put_image, **listed) == "ReferencedImagesNotFoundException"


def test_an_immutable_tag_stays_where_it_is(cloud: Cloud, repository: str) -> None:
    client = cloud.client("ecr")
    push(client, repository, "1.0")
    assert refused(push, ecr=client, repository=repository, tag="1.0", size=2) == "ImageTagAlreadyExistsException"
    (image,) = client.describe_images(repositoryName=repository, imageIds=[{"imageTag": "1.0"}])["imageDetails"]
    assert image["imageTags"] == ["1.0"]


def test_a_layer_is_uploaded_in_parts_without_gaps(cloud: Cloud, repository: str) -> None:
    client = cloud.client("ecr")
    content = bytes(range(256)) * (6 * MIB // 256)
    started = {
        "repositoryName": repository,
        "uploadId": client.initiate_layer_upload(repositoryName=repository)["uploadId"],
    }

    def part(first: int, last: int, blob: bytes) -> Any:
        return client.upload_layer_part(**started, partFirstByte=first, partLastByte=last, layerPartBlob=blob)

    part(0, 5 * MIB - 1, content[: 5 * MIB])
    with pytest.raises(client.exceptions.InvalidLayerPartException) as error:
        part(5 * MIB + 1, 6 * MIB - 1, content[5 * MIB + 1 :])
    assert error.value.response["lastValidByteReceived"] == 5 * MIB - 1
    assert refused(part, first=5 * MIB, last=6 * MIB - 1, blob=content[: MIB - 1]) == "InvalidLayerPartException"
    assert part(5 * MIB, 6 * MIB - 1, content[5 * MIB :])["lastByteReceived"] == 6 * MIB - 1
    assert (
        refused(part, first=6 * MIB, last=6 * MIB, blob=b"x") == "LayerPartTooSmallException"
    )  # the one before was a last one
    complete = client.complete_layer_upload
    assert refused(complete, **started, layerDigests=[ABSENT]) == "InvalidLayerException"
    assert complete(**started, layerDigests=[digest_of(content)])["layerDigest"] == digest_of(content)
    assert refused(complete, **started, layerDigests=[digest_of(content)]) == "UploadNotFoundException"
    again = {
        "repositoryName": repository,
        "uploadId": client.initiate_layer_upload(repositoryName=repository)["uploadId"],
    }
    assert refused(complete, **again, layerDigests=[digest_of(content)]) == "EmptyUploadException"
    client.upload_layer_part(**again, partFirstByte=0, partLastByte=len(content) - 1, layerPartBlob=content)
    assert refused(complete, **again, layerDigests=[digest_of(content)]) == "LayerAlreadyExistsException"
    found = client.batch_check_layer_availability(repositoryName=repository, layerDigests=[digest_of(content), ABSENT])
    assert [layer["layerSize"] for layer in found["layers"]] == [len(content)]
    assert [failure["failureCode"] for failure in found["failures"]] == ["MissingLayerDigest"]
    # Nothing refers to it yet.
    download = client.get_download_url_for_layer
    assert refused(download, repositoryName=repository, layerDigest=digest_of(content)) == "LayerInaccessibleException"
    assert refused(download, repositoryName=repository, layerDigest=ABSENT) == "LayersNotFoundException"


def test_without_its_repository_nothing_is_pushed(cloud: Cloud, name: str) -> None:
    client = cloud.client("ecr")
    assert refused(client.initiate_layer_upload, repositoryName=name) == "RepositoryNotFoundException"
    manifest = manifest_of(b"{}", [])
    assert refused(client.put_image, repositoryName=name, imageManifest=manifest) == "RepositoryNotFoundException"


def test_a_token_is_for_twelve_hours(cloud: Cloud) -> None:
    (told,) = cloud.client("ecr").get_authorization_token()["authorizationData"]
    assert base64.b64decode(told["authorizationToken"]).decode().startswith("AWS:")
    left = told["expiresAt"] - datetime.now(UTC)
    assert timedelta(hours=11) < left <= timedelta(hours=12)


def test_a_scan_follows_a_push_and_says_what_it_was_told(cloud: Cloud, name: str) -> None:
    client = cloud.client("ecr")
    client.create_repository(repositoryName=name, imageScanningConfiguration={"scanOnPush": True})
    digest = push(client, name, "1.0")
    asked = {"repositoryName": name, "imageId": {"imageDigest": digest}}
    first = client.describe_image_scan_findings(**asked)
    assert first["imageScanStatus"]["status"] == "IN_PROGRESS" and "imageScanFindings" not in first
    assert refused(client.start_image_scan, **asked) == "LimitExceededException"
    done = eventually_scanned(client, asked)
    assert done["imageScanFindings"]["findings"] == [] and done["imageScanFindings"]["findingSeverityCounts"] == {}
    told = ["CRITICAL=CVE-2026-1:openssl", *(f"LOW=CVE-2025-{number}" for number in range(120))]
    cloud.scan(name, *told)
    page = client.describe_image_scan_findings(**asked)
    assert page["imageScanFindings"]["findingSeverityCounts"] == {"CRITICAL": 1, "LOW": 120}
    assert page["imageScanFindings"]["findings"][0]["attributes"] == [{"key": "package_name", "value": "openssl"}]
    rest = client.describe_image_scan_findings(**asked, nextToken=page["nextToken"])
    assert len(page["imageScanFindings"]["findings"] + rest["imageScanFindings"]["findings"]) == 121
    assert "nextToken" not in rest
    # One image's verdict comes before that of its repository.
    cloud.scan(f"{name}@{digest}", status="UNSUPPORTED_IMAGE")
    assert client.describe_image_scan_findings(**asked)["imageScanStatus"]["status"] == "UNSUPPORTED_IMAGE"
    with pytest.raises(CloudError, match="severity 'SEVERE': expected one of CRITICAL"):
        cloud.scan(name, "SEVERE=CVE-2026-1")


def test_what_was_not_scanned_has_no_findings(cloud: Cloud, repository: str) -> None:
    client = cloud.client("ecr")
    digest = push(client, repository, "1.0")
    asked = {"repositoryName": repository, "imageId": {"imageDigest": digest}}
    assert refused(client.describe_image_scan_findings, **asked) == "ScanNotFoundException"
    assert client.start_image_scan(**asked)["imageScanStatus"]["status"] == "IN_PROGRESS"
    assert eventually_scanned(client, asked)["imageScanStatus"]["status"] == "COMPLETE"
    index = json.dumps({"schemaVersion": 2, "mediaType": "x", "manifests": [{"digest": digest}]})
    client.put_image(repositoryName=repository, imageTag="list", imageManifest=index)
    listed = {"repositoryName": repository, "imageId": {"imageTag": "list"}}
    assert refused(client.start_image_scan, **listed) == "UnsupportedImageTypeException"
    absent = {"repositoryName": repository, "imageId": {"imageDigest": ABSENT}}
    assert refused(client.describe_image_scan_findings, **absent) == "ImageNotFoundException"


def eventually_scanned(client: Any, asked: dict[str, Any]) -> Any:
    def scanned() -> Any:
        told = client.describe_image_scan_findings(**asked)
        return told if told["imageScanStatus"]["status"] != "IN_PROGRESS" else None

    return eventually(scanned, what="the scan")


def test_what_is_pushed_after_the_configuration_arrives_in_the_other_region(cloud: Cloud, repository: str) -> None:
    source, target = cloud.client("ecr"), cloud.client("ecr", "us-east-1")
    early = push(source, repository, "early")
    account = source.describe_registry()["registryId"]
    rule = {
        "destinations": [{"region": "us-east-1", "registryId": account}],
        "repositoryFilters": [{"filter": repository, "filterType": "PREFIX_MATCH"}],
    }
    itself = {**rule, "destinations": [{"region": "sa-east-1", "registryId": account}]}
    put = source.put_replication_configuration
    assert refused(put, replicationConfiguration={"rules": [rule, itself]}) == "InvalidParameterException"
    put(replicationConfiguration={"rules": [rule]})
    try:
        with cut(cloud):
            late = push(source, repository, "late", size=2)
            asked = {"repositoryName": repository, "imageId": {"imageDigest": late}}
            (status,) = source.describe_image_replication_status(**asked)["replicationStatuses"]
            assert (status["region"], status["status"]) == ("us-east-1", "IN_PROGRESS")
            described = {"repositoryName": repository, "imageIds": [{"imageTag": "late"}]}
            assert refused(target.describe_images, **described) == "RepositoryNotFoundException"
        eventually(lambda: late in digests(target, repository), what="the replica")
        assert digests(target, repository) == {late}
        (status,) = source.describe_image_replication_status(**asked)["replicationStatuses"]
        assert status["status"] == "COMPLETE"
        before = {"repositoryName": repository, "imageId": {"imageDigest": early}}
        assert source.describe_image_replication_status(**before)["replicationStatuses"] == []
        # A tag of another image stays where it is in an immutable repository.
        target.put_image_tag_mutability(repositoryName=repository, imageTagMutability="IMMUTABLE")
        push(target, repository, "taken", size=3)
        other = {"repositoryName": repository, "imageId": {"imageDigest": push(source, repository, "taken", size=4)}}

        def failed() -> bool:
            (told,) = source.describe_image_replication_status(**other)["replicationStatuses"]
            return told["status"] == "FAILED"

        eventually(failed, what="the refusal of the replica")
    finally:
        put(replicationConfiguration={"rules": []})


def digests(client: Any, repository: str) -> set[str]:
    try:
        return {each["imageDigest"] for each in client.describe_images(repositoryName=repository)["imageDetails"]}
    except client.exceptions.RepositoryNotFoundException:
        return set()


def test_a_key_is_told_by_its_arn(cloud: Cloud, name: str) -> None:
    kms, ecr = cloud.client("kms", "sa-east-1"), cloud.client("ecr", "sa-east-1")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key["KeyId"])

    def made(suffix: str, given: str) -> str:
        encryption = {"encryptionType": "KMS", "kmsKey": given}
        answer = ecr.create_repository(repositoryName=f"{name}/{suffix}", encryptionConfiguration=encryption)
        return str(answer["repository"]["encryptionConfiguration"]["kmsKey"])

    assert {made("alias", f"alias/{name}"), made("id", key["KeyId"]), made("arn", key["Arn"])} == {key["Arn"]}
    assert refused(made, suffix="none", given="alias/none") == "KmsException"
