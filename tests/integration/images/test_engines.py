# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sales worker's real Dockerfile, built by buildah, pushed to two regions' registries, and run from its image."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.inventories import default_inventory
from harness.playbooks import ROOT, Run, run_playbook
from localcloud import Cloud
from protocol.sale_id import new_sale_id
from tests.support.base_image import make_base_image
from tests.support.container_runs import Runs
from tests.support.sales_system import PACE, REGIONS, System, Task, free_port
from tests.support.waiting import eventually

PROGRAMS = ("buildah", "skopeo", "docker-registry", "useradd", "git")
MISSING = [name for name in PROGRAMS if shutil.which(name) is None]
REPOSITORY = "sales/sales-worker"
DOCKERFILE = "workloads/sales_worker/Dockerfile"
SOURCES = ("plugins/module_utils/protocol", "workloads/sales_common", "workloads/sales_worker")
BASE = "localhost/base:1"

pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
    pytest.mark.skipif(os.geteuid() != 0, reason="buildah's chroot isolation is tested as root"),
]


@dataclass
class Builds:
    """A cloud, the committed source of an image, and an engine whose every command line is written down."""

    system: System
    folder: Path
    environment: dict[str, str]

    @property
    def source(self) -> Path:
        return self.folder / "source"

    def run(self, *words: str) -> str:
        done = subprocess.run(words, cwd=self.source, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self) -> str:
        """Commit what is there; returns the tag that follows."""
        self.run("git", "add", ".")
        self.run("git", "commit", "-qm", "the worker", "--allow-empty")
        return self.run("git", "rev-parse", "HEAD")[:12]

    def play(self, *arguments: str, **given: Any) -> Run:
        """build.yml, with buildah; `given` are further variables."""
        image = {"repository": REPOSITORY, "dockerfile": DOCKERFILE, "build_args": {"BASE_IMAGE": BASE}}
        told = {"image_engine": "buildah", "image_context": str(self.source), "image_definitions": [image]}
        # Those of the inventory run another image too.
        told["service_definitions"] = []
        inventory, environment = default_inventory(), {**self.environment, **self.system.cloud.env()}
        words = ("-e", json.dumps({**told, **given}), "-vvv", *arguments)
        return run_playbook("playbooks/build.yml", inventory, environment, self.folder / "log", *words)

    def commands(self) -> list[str]:
        """The command lines of buildah and skopeo so far; forgets them."""
        file = self.folder / "commands"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def login(self, region: str) -> tuple[str, list[str]]:
        """A region's registry, and the flags with which skopeo and buildah may read from it."""
        (told,) = self.system.client("ecr", region).get_authorization_token()["authorizationData"]
        registry = told["proxyEndpoint"].removeprefix("http://")
        file = self.folder / f"{region}.json"
        file.write_text(json.dumps({"auths": {registry: {"auth": told["authorizationToken"]}}}))
        return registry, ["--tls-verify=false", "--authfile", str(file)]

    def images(self, region: str, repository: str = REPOSITORY) -> list[dict[str, Any]]:
        return self.system.client("ecr", region).describe_images(repositoryName=repository)["imageDetails"]


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Builds]:
    folder = tmp_path_factory.mktemp("builds")
    storage = folder / "storage.conf"
    storage.write_text(f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n')
    programs = folder / "bin"
    programs.mkdir()
    for name in ("buildah", "skopeo"):
        program = programs / name
        program.write_text(f'#!/bin/sh\necho "$*" >>{folder}/commands\nexec {shutil.which(name)} "$@"\n')
        program.chmod(0o755)
    people = {
        f"GIT_{who}_{what}": "someone@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    environment = {
        **os.environ,
        **people,
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "PATH": f"{programs}:{os.environ['PATH']}",
        "CONTAINERS_STORAGE_CONF": str(storage),
        "BUILDAH_ISOLATION": "chroot",
    }
    environment.pop("STORAGE_DRIVER", None)
    for path in SOURCES:
        shutil.copytree(ROOT / path, folder / "source" / path, ignore=shutil.ignore_patterns("__pycache__"))
    make_base_image(BASE, folder, environment)
    with Cloud(folder / "cloud", port=0, door_port=0, replication_lag=0.2, replica_delay=0.1) as cloud:
        made = Builds(System(cloud, folder), folder, environment)
        made.run("git", "init", "-q")
        made.commit()
        made.commands()
        yield made


@pytest.fixture(scope="module")
def first(builds: Builds) -> Run:
    return builds.play()


def test_one_build_is_pushed_to_every_region(builds: Builds, first: Run) -> None:
    commands = builds.commands()
    assert [sum(line.startswith(verb) for line in commands) for verb in ("build ", "push ")] == [1, len(REGIONS)]
    digests = set()
    for region in REGIONS:
        registry, flags = builds.login(region)
        (image,) = builds.images(region)
        (by_content,) = [tag for tag in image["imageTags"] if tag.startswith("content-")]
        there = json.loads(builds.run("skopeo", "inspect", *flags, f"docker://{registry}/{REPOSITORY}:{by_content}"))
        assert there["Digest"] == image["imageDigest"]
        assert there["Labels"]["org.opencontainers.image.revision"] == builds.run("git", "rev-parse", "HEAD")
        assert set(image["imageTags"]) == {by_content, builds.run("git", "rev-parse", "HEAD")[:12]}
        digests.add(image["imageDigest"])
    assert len(digests) == 1
    # The token is the same for every registry of this cloud.
    token = builds.system.client("ecr", REGIONS[0]).get_authorization_token()["authorizationData"][0]
    for secret in (token["authorizationToken"], "-auth-token"):
        assert secret not in first.output and not any(secret in line for line in commands)


def test_unchanged_source_is_neither_built_nor_pushed(builds: Builds, first: Run) -> None:
    before = pushed(builds)
    builds.commands()
    assert builds.play().changed == 0
    tag = builds.commit()
    assert builds.play().changed > 0
    assert builds.commands() == [] and pushed(builds) == before
    assert all(tag in builds.images(region)[0]["imageTags"] for region in REGIONS)


def pushed(builds: Builds) -> int:
    """How many requests the registries of this cloud have taken that send something."""
    log = (builds.system.cloud.home / "registry.log").read_text()
    count = sum(log.count(f'"{method} /v2/') for method in ("POST", "PUT", "PATCH"))
    assert count
    return count


def test_a_task_runs_from_the_layers_that_were_pushed(builds: Builds, first: Run) -> None:
    """It says what its environment lacks, as the worker does."""
    runs = Runs(builds.system.cloud)
    digest = builds.images(REGIONS[0])[0]["imageDigest"]
    image = f"123456789012.dkr.ecr.{REGIONS[0]}.amazonaws.com/{REPOSITORY}@{digest}"
    task = runs.run({"name": "worker", "image": image})
    (line,) = runs.lines(task, "worker", expected=1)
    assert json.loads(line)["event"] == "not_started"
    assert runs.finish(task)["by_name"]["worker"]["imageDigest"] == digest


def test_a_region_that_is_added_gets_the_image_of_the_others(builds: Builds, first: Run) -> None:
    """Also on another machine, whose engine has never built it."""
    new, digest = REGIONS[1], builds.images(REGIONS[0])[0]["imageDigest"]
    builds.system.client("ecr", new).delete_repository(repositoryName=REPOSITORY, force=True)
    builds.run("buildah", "rmi", "--force", *built(builds))
    builds.commands()
    builds.play()
    assert [image["imageDigest"] for image in builds.images(new)] == [digest]
    assert not [line for line in builds.commands() if line.startswith(("build ", "push "))]


def test_the_worker_processes_a_sale_from_its_image(builds: Builds, first: Run) -> None:
    region, system = REGIONS[0], builds.system
    system.build()
    system.set_states(sa_east_1="ACTIVE", us_east_1="PASSIVE")
    registry, flags = builds.login(region)
    digest = builds.images(region)[0]["imageDigest"]
    # Out of the registry, and not out of the store in which it was built.
    if stored := built(builds):
        builds.run("buildah", "rmi", "--force", *stored)
    container = builds.run("buildah", "from", *flags, f"docker://{registry}/{REPOSITORY}@{digest}")
    config = json.loads(builds.run("buildah", "inspect", container))["OCIv1"]["config"]
    port, log = free_port(), builds.folder / "worker.log"
    told = {**system.told(region), **PACE}
    command = ["buildah", "run", *(f"--env={name}={value}" for name, value in told.items()), container, "--"]
    command += [*config["Entrypoint"], "--address", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=builds.environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        worker, api = Task(process, port, log), system.start("sales_api", region)
        eventually(lambda: worker.is_answering("/readiness"), what=f"the worker: {log.read_text()}")
        eventually(lambda: api.is_answering("/readiness"), what="the API")
        sale = {"product": "O Pequeno Principe", "amount": 14.1}
        status, answer = api.ask("POST", "/sales", sale, Idempotency_Key=new_sale_id())
        assert status == 201
        eventually(lambda: system.is_processed(answer["id"], region), what="the sale")
        assert len(system.lake()[answer["id"]]) == 1
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        system.stop_tasks()


def test_a_public_image_is_copied_once_with_its_digest(builds: Builds) -> None:
    """The registry of a region that the workload does not have stands for Docker Hub; what it has is a list."""
    hub, flags = builds.login("eu-west-1")
    place = f"{hub}/library/base"
    builds.run("buildah", "manifest", "create", "base-list", BASE)
    builds.run("buildah", "manifest", "push", "--all", *flags, "base-list", f"docker://{place}:1")
    digest = json.loads(builds.run("skopeo", "inspect", *flags, f"docker://{place}:1"))["Digest"]
    # Whose login skopeo uses for the source.
    builds.environment["REGISTRY_AUTH_FILE"] = flags[-1]
    mirror = {"repository": "sales/base", "source": f"{place}:1@{digest}"}
    asked: dict[str, Any] = {"image_definitions": [], "image_mirrors": [mirror]}
    builds.commands()
    foretold = builds.play("--check", **asked).output
    assert f"sales/base:mirror-{digest[7:39]}" in foretold and builds.commands() == []
    made = builds.play(**asked)
    (copy,) = builds.commands()
    assert copy.startswith("copy --all --preserve-digests")
    for region in REGIONS:
        tagged = {image["imageDigest"]: image.get("imageTags") for image in builds.images(region, "sales/base")}
        assert tagged.pop(digest) == [f"mirror-{digest[7:39]}"] and list(tagged.values()) in ([None], [[]])
    token = builds.system.client("ecr", REGIONS[0]).get_authorization_token()["authorizationData"][0]
    for secret in (token["authorizationToken"], "-auth-token"):
        assert secret not in made.output and secret not in copy
    assert builds.play(**asked).changed == 0 and builds.commands() == []
    registry, flags = builds.login(REGIONS[0])
    there = f"docker://{registry}/sales/base@{digest}"
    assert json.loads(builds.run("skopeo", "inspect", *flags, there))["Digest"] == digest


def built(builds: Builds) -> list[str]:
    names = builds.run("buildah", "images", "--format", "{{.Name}}:{{.Tag}}", "--noheading").split()
    return [name for name in names if REPOSITORY in name]
