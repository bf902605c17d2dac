# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks whose images are in the account's own registry: they run what was pushed, and nothing that was not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from tests.support.container_runs import Runs
from tests.support.modules import checked, module_named
from tests.support.pushed_images import MANIFEST, push

REGISTRY = "123456789012.dkr.ecr.sa-east-1.amazonaws.com"
LIST = "application/vnd.oci.image.index.v1+json"
MAIN = """
import os, socket, sys
from greetings import WORDS
print(WORDS, os.environ["GREETED"], *sys.argv[1:])
listening = socket.create_server(("0.0.0.0", 8080))
print(*sorted({listening.getsockname()[0] == os.environ["LOCALCLOUD_TASK_ADDRESS"]}))
"""
CONFIG = {
    "Entrypoint": ["python", "-m", "hello"],
    "Cmd": ["by", "itself"],
    "Env": ["GREETED=world"],
    "WorkingDir": "/app",
}


@pytest.fixture(scope="module")
def ecr(runs: Runs) -> Any:
    return runs.cloud.client("ecr", "sa-east-1")


def test_a_task_runs_what_was_pushed(runs: Runs, ecr: Any) -> None:
    ecr.create_repository(repositoryName="hello")
    base = {"app/hello/__init__.py": "", "app/hello/__main__.py": MAIN}
    first = push(ecr, "hello", "1", base, {"app/greetings.py": "WORDS = 'good morning'"}, config=CONFIG)
    second = push(ecr, "hello", "2", base, {"app/greetings.py": "WORDS = 'good night'"}, config=CONFIG)
    by_tag = runs.run({"name": "hello", "image": f"{REGISTRY}/hello:1"})
    by_digest = runs.run({"name": "hello", "image": f"{REGISTRY}/hello@{second}", "command": ["from", "here"]})
    assert runs.lines(by_tag, "hello", expected=2) == ["good morning world by itself", "True"]
    assert runs.lines(by_digest, "hello", expected=2) == ["good night world from here", "True"]
    digests = [runs.finish(arn)["by_name"]["hello"]["imageDigest"] for arn in (by_tag, by_digest)]
    assert digests == [first, second]


@pytest.mark.parametrize("name", ["known:2", "known@sha256:" + "0" * 64, "never-made:1", "stub:1"])
def test_a_task_without_its_image_does_not_start(runs: Runs, ecr: Any, name: str) -> None:
    if name == "known:2":
        ecr.create_repository(repositoryName="known")
        push(ecr, "known", "1")
    task = runs.finish(runs.run({"name": "only", "image": f"{REGISTRY}/{name}"}))
    expected = f"failed to resolve ref {REGISTRY}/{name}: {REGISTRY}/{name}: not found"
    assert task["stopCode"] == "TaskFailedToStart" and task["stoppedReason"].startswith("CannotPullContainerError: ")
    assert task["stoppedReason"].endswith(expected)
    assert task["by_name"]["only"]["reason"] == task["stoppedReason"]


def test_an_image_that_says_no_command_is_not_started(runs: Runs, ecr: Any) -> None:
    ecr.create_repository(repositoryName="silent")
    push(ecr, "silent", "1")
    task = runs.finish(runs.run({"name": "only", "image": f"{REGISTRY}/silent:1"}))
    assert "CannotStartContainerError: no command specified" in task["stoppedReason"]


def test_an_image_behind_a_pull_through_rule_is_fetched_by_its_first_task(runs: Runs, ecr: Any) -> None:
    """The collection registers it, and says what the role lacks before a task could fail for it."""
    ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="hub", upstreamRegistryUrl="public.ecr.aws")
    with pytest.raises(ClientError, match="PullThroughCacheRuleAlreadyExistsException"):
        ecr.create_pull_through_cache_rule(ecrRepositoryPrefix="hub/", upstreamRegistryUrl="public.ecr.aws")
    image = f"{REGISTRY}/hub/cached:1"
    refused = runs.finish(runs.run({"name": "only", "image": image}))
    assert "not authorized to perform: ecr:CreateRepository" in refused["stoppedReason"]

    environment = runs.cloud.env()
    given: dict[str, Any] = {
        "endpoint_url": environment["AWS_ENDPOINT_URL"],
        "access_key": environment["AWS_ACCESS_KEY_ID"],
        "secret_key": environment["AWS_SECRET_ACCESS_KEY"],
        "region": "sa-east-1",
        "workload": "cache",
        "family": "cache",
        "cpu": "256",
        "memory": "512",
        "containers": [{"name": "only", "image": image, "command": ["cached"]}],
        "execution_role_arn": runs.role,
        "verify": True,
    }
    module = module_named("ecs_taskdef_revision")
    told = run(module, checked(module, **given), check_mode=True)["findings"]
    repository = "arn:aws:ecr:sa-east-1:123456789012:repository/hub/cached"
    assert len(told) == 1 and f"ecr:CreateRepository and ecr:BatchImportUpstreamImage on {repository}" in told[0]

    runs.allow("runs", "cache", "ecr:CreateRepository", "ecr:BatchImportUpstreamImage", resource=repository)
    made = run(module, checked(module, **given))
    assert made["findings"] == [] and made["containers"][0]["image"] == image
    fetched = runs.finish(runs.run({"name": "only", "image": image, "command": ["cached"]}))
    assert fetched["by_name"]["only"]["exitCode"] == 0
    assert [each["imageTags"] for each in ecr.describe_images(repositoryName="hub/cached")["imageDetails"]] == [["1"]]
    assert not run(module, checked(module, **given))["changed"], "its digest is known now, and its tag stays"
    ecr.delete_pull_through_cache_rule(ecrRepositoryPrefix="hub")
    assert ecr.describe_pull_through_cache_rules()["pullThroughCacheRules"] == []


def test_a_task_runs_what_is_for_its_platform(runs: Runs, ecr: Any) -> None:
    ecr.create_repository(repositoryName="platforms")
    part = push(
        ecr,
        "platforms",
        "amd64",
        {"app/hello/__init__.py": "", "app/hello/__main__.py": "print('here')"},
        config=CONFIG,
    )
    for name, architectures in (("many", ("arm64", "amd64")), ("other", ("arm64",))):
        parts = [
            {"mediaType": MANIFEST, "size": 1, "digest": part, "platform": {"os": "linux", "architecture": each}}
            for each in architectures
        ]
        manifest = json.dumps({"schemaVersion": 2, "mediaType": LIST, "manifests": parts})
        ecr.put_image(repositoryName="platforms", imageTag=name, imageManifest=manifest)
    arm = {"runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}}

    def container(tag: str) -> dict[str, Any]:
        return {"name": "only", "image": f"{REGISTRY}/platforms:{tag}"}

    assert runs.lines(runs.run(container("many")), "only") == ["here"]
    told = runs.finish(runs.run(container("other")))["stoppedReason"]
    assert "image Manifest does not contain descriptor matching platform 'linux/amd64'" in told
    started = runs.run(container("amd64"), **arm)
    assert runs.finish(started)["by_name"]["only"]["exitCode"] == 255
    assert runs.lines(started, "only") == ["exec /entrypoint: exec format error"]
