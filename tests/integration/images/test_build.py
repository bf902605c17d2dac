# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images from their source to two regions, by build.yml as a person runs it and by its module."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.run import run
from harness.inventories import default_inventory
from harness.playbooks import PlaybookFailed, Run, run_playbook
from localcloud import Cloud
from tests.support.expectations import cut
from tests.support.modules import checked, module_named, told

REGIONS = ("sa-east-1", "us-east-1")
REPOSITORIES = ("sales/sales-api", "sales/sales-worker")
DIRTY = ("-e", "image_allow_dirty=true")
REPLICATED = ("-e", "image_replication=registry")
GIT = {
    **os.environ,
    **{f"GIT_{who}_{what}": "someone@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": "/dev/null",
}

Build = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with Cloud(tmp_path_factory.mktemp("cloud"), port=0, door_port=0) as running:
        yield running


def play(cloud: Cloud, folder: Path, playbook: str, *arguments: str) -> Run:
    return run_playbook(playbook, default_inventory(), cloud.env(), folder / "log", *arguments)


def test_without_its_images_nothing_of_the_site_is_made(cloud: Cloud, tmp_path: Path) -> None:
    with pytest.raises(PlaybookFailed) as failure:
        play(cloud, tmp_path, "site.yml")
    said = " ".join(str(failure.value).split())
    assert "sa-east-1 has none of sales/sales-api, sales/sales-worker; us-east-1 has none of" in said
    assert "Build and push them first: ansible-playbook playbooks/build.yml -i <inventory>" in said
    assert cloud.ask("inventory")["count"] == 0


def test_every_region_has_the_same_digests_and_a_second_run_does_nothing(cloud: Cloud, tmp_path: Path) -> None:
    planned = play(cloud, tmp_path, "playbooks/build.yml", *DIRTY, "--check")
    assert "10 changes planned: 10 to create." in planned.output and cloud.ask("inventory")["count"] == 0
    made = play(cloud, tmp_path, "playbooks/build.yml", *DIRTY)
    assert "10 changes made: 10 created." in made.output
    found = [images(cloud, region) for region in REGIONS]
    assert found[0] == found[1] and found[0].keys() == set(REPOSITORIES)
    before = calls(cloud)
    again = play(cloud, tmp_path, "playbooks/build.yml", *DIRTY)
    assert again.changed == 0 and calls(cloud) - before <= 24


def test_the_registry_replicates_beside_the_rules_of_others(cloud: Cloud, tmp_path: Path) -> None:
    """Goes on where the test before left off, and leaves the rule to the next."""
    client = cloud.client("ecr", REGIONS[0])
    registry = client.describe_registry()["registryId"]
    elsewhere = [{"region": "eu-west-1", "registryId": registry}]
    others = {"destinations": elsewhere, "repositoryFilters": [{"filter": "team", "filterType": "PREFIX_MATCH"}]}
    client.put_replication_configuration(replicationConfiguration={"rules": [others]})
    with pytest.raises(PlaybookFailed, match=r"image_replication_prefix\s+is\s+shop/"):
        play(cloud, tmp_path, "playbooks/build.yml", *DIRTY, *REPLICATED, "-e", "image_replication_prefix=shop/")
    made = play(cloud, tmp_path, "playbooks/build.yml", *DIRTY, *REPLICATED)
    assert "+ sa-east-1    ecr_replication_rule" in made.output or "1 changes made: 1 created." in made.output
    rules = client.describe_registry()["replicationConfiguration"]["rules"]
    assert rules[0] == others and rules[1]["destinations"] == [{"region": REGIONS[1], "registryId": registry}]
    assert rules[1]["repositoryFilters"] == [{"filter": "sales/", "filterType": "PREFIX_MATCH"}]


def test_what_the_registry_replicates_is_waited_for_and_not_pushed_again(cloud: Cloud, build: Build) -> None:
    source, target = (cloud.client("ecr", region) for region in REGIONS)
    rule = {"destinations": [{"region": REGIONS[1], "registryId": source.describe_registry()["registryId"]}]}
    source.put_replication_configuration(replicationConfiguration={"rules": [rule]})
    with ThreadPoolExecutor(max_workers=1) as pool:
        with cut(cloud):
            first = build()
            repository = first["image"]["repository"]
            target.create_repository(repositoryName=repository, imageTagMutability="IMMUTABLE")
            second = pool.submit(build, region=REGIONS[1], replicated_from=REGIONS[0])
            time.sleep(1.5)
            assert not second.done() and not target.describe_images(repositoryName=repository)["imageDetails"]
        assert second.result()["image"]["digest"] == first["image"]["digest"]
    (image,) = target.describe_images(repositoryName=repository)["imageDetails"]
    assert set(image["imageTags"]) == {first["image"]["tag"], first["source"]["content_tag"]}
    # What was pushed before there was a rule does not come by itself.
    target.batch_delete_image(repositoryName=repository, imageIds=[{"imageDigest": image["imageDigest"]}])
    again = build(region=REGIONS[1], replicated_from=REGIONS[0])
    assert again["changed"] and again["image"]["digest"] == first["image"]["digest"]
    source.put_replication_configuration(replicationConfiguration={"rules": []})


def images(cloud: Cloud, region: str) -> dict[str, Any]:
    """The digest and the tags of the one image in each repository."""
    client = cloud.client("ecr", region)
    found = {}
    for repository in client.describe_repositories()["repositories"]:
        (image,) = client.describe_images(repositoryName=repository["repositoryName"])["imageDetails"]
        found[repository["repositoryName"]] = image["imageDigest"], sorted(image["imageTags"])
    return found


def calls(cloud: Cloud) -> int:
    return cloud.ask("observe?table=none&parameter=none")["calls"].get("operators", 0)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The committed source of an image."""
    root = tmp_path / "source"
    root.mkdir()
    (root / "Dockerfile").write_text('FROM scratch\nWORKDIR /app\nCOPY main.py .\nCMD ["python", "main.py"]\n')
    (root / ".dockerignore").write_text("notes\n")
    (root / "main.py").write_text("print('one')\n")
    git(root, "init", "-q")
    commit(root, "the image")
    return root


def git(root: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=root, env=GIT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(root: Path, message: str) -> str:
    """Commit what is there; returns the tag that follows."""
    git(root, "add", ".")
    git(root, "commit", "-qm", message)
    return git(root, "rev-parse", "HEAD")[:12]


@pytest.fixture
def build(cloud: Cloud, source: Path, request: pytest.FixtureRequest) -> Build:
    """Asks the module for the image of the source, as a task would; in a repository of the test's own."""
    environment = cloud.env()
    connection = {
        "endpoint_url": environment["AWS_ENDPOINT_URL"],
        "access_key": environment["AWS_ACCESS_KEY_ID"],
        "secret_key": environment["AWS_SECRET_ACCESS_KEY"],
        "region": REGIONS[0],
        "workload": "built",
    }
    name = request.node.name.replace("_", "-")
    cloud.client("ecr", REGIONS[0]).create_repository(repositoryName=name, imageTagMutability="IMMUTABLE")

    def ask(**given: Any) -> dict[str, Any]:
        declared = module_named("workload_image")
        asked = {"repository": name, "context": str(source), "builder": "embedded", **connection, **given}
        return run(declared, checked(declared, **asked))

    return ask


def test_of_the_same_source_only_the_tag_is_added(build: Build, source: Path) -> None:
    first = build()
    assert [change[0] for change in told(first)] == ["create"]
    (source / "notes").write_text("of no image")
    tag = commit(source, "something else")
    second = build()
    assert second["image"] == {**first["image"], "tag": tag}
    # Two descriptions, the manifest, the tag: no layer was sent.
    assert ([change[0] for change in told(second)], second["aws_calls"]) == (["update"], 4)
    assert (build()["changes"], build()["aws_calls"]) == ([], 1)


def test_a_layer_that_is_there_is_not_sent_again(build: Build, source: Path) -> None:
    first = build()
    (source / "Dockerfile").write_text((source / "Dockerfile").read_text() + "USER 10001\n")
    commit(source, "another user")
    second = build()
    assert first["image"]["digest"] != second["image"]["digest"]
    assert second["aws_calls"] == first["aws_calls"] - 3  # those that upload the layer


def test_what_is_not_committed_is_refused_unless_it_is_allowed(build: Build, source: Path) -> None:
    (source / "main.py").write_text("print('two')\n")
    with pytest.raises(CollectionError, match=r"differs from commit [0-9a-f]{12} in main\.py"):
        build()
    assert "-dirty-" in build(allow_dirty=True)["image"]["tag"]


def test_a_tag_never_moves(build: Build, source: Path) -> None:
    build(tag="1.0")
    (source / "main.py").write_text("print('two')\n")
    with pytest.raises(
        CollectionError, match=r"has the tag 1\.0 on another image, sha256:[0-9a-f]{64}, which was made"
    ):
        build(tag="1.0", allow_dirty=True)


def test_what_an_engine_pushes_is_found_or_missing(build: Build) -> None:
    found = build(builder="engine")
    assert found["missing"] and found["image"]["digest"] is None and found["changes"] == []


def test_nothing_without_an_engine_goes_to_aws(build: Build) -> None:
    with pytest.raises(CollectionError, match="builder is embedded, and ECR is asked at https://api.ecr"):
        build(endpoint_url=None)
