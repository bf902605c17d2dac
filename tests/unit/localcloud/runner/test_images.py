# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which local command stands for an image, however its name is written; and its digest."""

from __future__ import annotations

import subprocess
import sys

import pytest

from localcloud.ecr.models import ECRBackend
from localcloud.runner import digests
from localcloud.runner.digests import image_digest
from localcloud.runner.images import REPOSITORY_ROOT, Image, ImageTable, spellings, split

DIGEST = "sha256:" + "ab" * 32


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("mongo", ("mongo", "latest")),
        ("mongo:7.0", ("mongo", "7.0")),
        ("localhost:5000/goals", ("localhost:5000/goals", "latest")),
        ("localhost:5000/goals:3", ("localhost:5000/goals", "3")),
        (f"a/b@{DIGEST}", ("a/b", DIGEST)),
        (f"a/b:1@{DIGEST}", ("a/b", DIGEST)),
    ],
)
def test_a_name_is_a_repository_and_a_tag(name, parts):
    assert split(name) == parts


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mongo", "docker.io/library/mongo:latest"),
        ("a/b:1", "docker.io/a/b:1"),
        ("public.ecr.aws/a/b:1", "public.ecr.aws/a/b:1"),
        ("localhost/b", "localhost/b:latest"),
        ("localhost:5000/b", "localhost:5000/b:latest"),
    ],
)
def test_the_registry_is_docker_hub_unless_said(name, expected):
    assert spellings(name)[-1] == expected


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("example/sales-api:latest", "sales_api"),
        ("fidelissauro/sales-rest-api:latest", "localcloud.reference_images.api"),
        ("fidelissauro/sales-rest-api", "localcloud.reference_images.api"),
        ("example/unknown-sales-api:latest", "localcloud.reference_images.api"),
        ("docker.io/fidelissauro/sales-worker:latest", "localcloud.reference_images.worker"),
        (f"mirror.example/fidelissauro/sales-worker@{DIGEST}", "localcloud.reference_images.worker"),
        ("example/unknown-sales-worker:latest", "localcloud.reference_images.worker"),
    ],
)
def test_the_built_in_table_knows_the_sales_images(name, module):
    image = ImageTable().find(name)
    assert image is not None and module in image.entrypoint
    assert str(REPOSITORY_ROOT) in image.environment["PYTHONPATH"]


def test_an_unknown_image_is_not_found():
    assert ImageTable().find("nobody/nothing:1") is None


def test_a_table_of_ones_own_is_asked_first(tmp_path):
    table = tmp_path / "images.yml"
    table.write_text('images: [{match: ["*"], entrypoint: [sh], command: ["{root}"], environment: {N: 1}}]')
    image = ImageTable([table]).find("fidelissauro/sales-worker")
    assert image is not None and image.entrypoint == ("sh",) and image.environment == {"N": "1"}


@pytest.mark.parametrize("row", ["{match: [x]}", "{entrypoint: [x]}", "{match: [x], entrypoint: [x], port: 1}"])
def test_a_faulty_table_is_refused_with_its_name(tmp_path, row):
    table = tmp_path / "images.yml"
    table.write_text(f"images: [{row}]")
    with pytest.raises(ValueError, match=r"images\.yml: an image needs"):
        ImageTable([table])


IMAGE = Image(("python", "serve.py", "{address}"), ("--fast",))


@pytest.mark.parametrize(
    ("entrypoint", "command", "expected"),
    [
        (None, None, [sys.executable, "serve.py", "127.66.0.4", "--fast"]),
        (None, ["--slow"], [sys.executable, "serve.py", "127.66.0.4", "--slow"]),
        (["sh"], None, ["sh"]),
        (["sh"], ["-c", "echo {address}"], ["sh", "-c", "echo 127.66.0.4"]),
    ],
)
def test_overrides_replace_what_the_image_says_as_in_docker(entrypoint, command, expected):
    assert IMAGE.argv("127.66.0.4", entrypoint, command) == expected


def test_the_digest_is_the_one_named():
    assert image_digest(f"a/b:1@{DIGEST}") == DIGEST


def test_without_a_registry_the_same_name_has_the_same_digest():
    assert image_digest("a/b") == image_digest("a/b:latest") != image_digest("a/b:1")


def test_the_digest_is_what_was_pushed(monkeypatch):
    account, region = "123456789012", "sa-east-1"
    ecr = ECRBackend(region, account)
    monkeypatch.setattr(digests, "ecr_backends", {account: {region: ecr}})
    ecr.create_repository("sales/api", account, {}, {}, "MUTABLE", [])
    pushed = ecr.put_image("sales/api", '{"layers": []}', "1", "application/json").image_digest
    registry = f"{account}.dkr.ecr.{region}.amazonaws.com"
    assert image_digest(f"{registry}/sales/api:1") == pushed
    assert image_digest(f"{registry}/sales/api:2") != pushed
    assert image_digest(f"{registry}/sales/worker:1") != pushed


@pytest.mark.parametrize(
    "name",
    [
        "mongo",
        "public.ecr.aws/docker/library/mongo:7",
        "123456789012.dkr.ecr.sa-east-1.amazonaws.com/docker/library/mongo:7",
    ],
)
def test_the_built_in_table_knows_mongo_wherever_it_comes_from(name):
    image = ImageTable().find(name)
    assert image is not None and image.entrypoint[:3] == ("python", "-m", "localcloud.mongo")


@pytest.mark.parametrize("name", ["sales/sales-worker:1", "sales/sales-api:1", "goals/goals-api:1"])
def test_our_own_images_are_run_from_their_layers_only(name):
    assert ImageTable().find(f"123456789012.dkr.ecr.sa-east-1.amazonaws.com/{name}") is None


def test_a_container_path_is_left_for_the_volumes_to_fill():
    image = ImageTable().find("mongo:7")
    assert image is not None
    words = image.argv("127.20.1.4", None, ["mongod", "--bind_ip_all"])
    assert words[0] == sys.executable
    assert words[-4:] == ["--mounted", "/data/db={mount:/data/db}", "mongod", "--bind_ip_all"]


def test_an_image_s_programs_can_be_run(tmp_path):
    image = Image(("python", "-m", "x"), programs={"greet": ("echo", "hello there")})
    image.install(tmp_path)
    said = subprocess.run([tmp_path / "greet", "a b"], capture_output=True, text=True, check=True).stdout
    assert said == "hello there a b\n"
    python = subprocess.run([tmp_path / "python", "-c", "import sys; print(sys.executable)"], capture_output=True)
    assert python.stdout.decode().strip() == sys.executable


def test_an_image_may_not_say_what_nobody_knows(tmp_path):
    table = tmp_path / "images.yml"
    table.write_text("images: [{match: [x], entrypoint: [x], volumes: []}]")
    with pytest.raises(ValueError, match="may have command, environment and programs"):
        ImageTable([table])
