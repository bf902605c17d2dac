# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Contexts and their digests, and images packed without an engine."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.images.context import Context, read_context
from ansible_collections.multiregion.ecs.plugins.module_utils.images.packing import Packed, digest_of, pack
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.errors import CollectionError

DOCKERFILE = """
FROM base
WORKDIR /app
COPY src/lib lib
COPY main.py run.sh ./
COPY *.txt /etc/texts/
COPY main.py other.py
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for name, text in {
        "src/lib/a.py": "a",
        "src/lib/sub/b.py": "b",
        "main.py": "m",
        "run.sh": "r",
        "x.txt": "x",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "src" / "lib" / "link").symlink_to("a.py")
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / ".dockerignore").write_text("notes\n")
    return tmp_path


def context_of(source: Path, **given: str) -> Context:
    return read_context(str(source), "Dockerfile", **{"platform": "linux/amd64", "builder": "embedded", **given})


def packed_of(source: Path, time: int = 1_700_000_000) -> Packed:
    return pack(context_of(source), platform="linux/arm64", labels={"revision": "abc"}, time=time)


def test_the_digest_changes_with_what_can_change_the_image(source: Path) -> None:
    first = context_of(source).digest
    (source / "notes").write_text("left out")
    os.utime(source / "main.py", (1, 1))
    (source / "x.txt").chmod(0o600)
    assert context_of(source).digest == first
    seen = {first, context_of(source, platform="linux/arm64").digest, context_of(source, builder="engine").digest}
    (source / "run.sh").chmod(0o644)
    seen.add(context_of(source).digest)
    (source / "main.py").write_text("changed")
    seen.add(context_of(source).digest)
    (source / "main.py").rename(source / "moved.py")
    seen.add(context_of(source).digest)
    (source / "Dockerfile").write_text(f"{DOCKERFILE}\nUSER 1\n")
    seen.add(context_of(source).digest)
    assert len(seen) == 7


def test_what_copy_lines_copy_is_in_the_layer(source: Path) -> None:
    packed = packed_of(source)
    manifest = json.loads(packed.manifest)
    layer = packed.blobs[manifest["layers"][0]["digest"]]
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        members = {member.name: member for member in archive}
        assert archive.extractfile("app/other.py").read() == b"m"
    assert {name for name, member in members.items() if not member.isdir()} == {
        *("app/lib/a.py", "app/lib/link", "app/lib/sub/b.py"),
        *("app/main.py", "app/other.py", "app/run.sh", "etc/texts/x.txt"),
    }
    assert members["app/lib/link"].linkname == "a.py"
    assert (members["app/run.sh"].mode, members["app/main.py"].mode) == (0o755, 0o644)
    assert {(m.uid, m.gid, m.uname, m.mtime) for m in members.values()} == {(0, 0, "", 0)}


def test_configuration_and_manifest_fit_the_layer(source: Path) -> None:
    packed = packed_of(source)
    manifest = json.loads(packed.manifest)
    assert packed.digest == digest_of(packed.manifest.encode())
    assert all(digest_of(content) == digest for digest, content in packed.blobs.items())
    config = json.loads(packed.blobs[manifest["config"]["digest"]])
    (layer,) = manifest["layers"]
    assert config["rootfs"]["diff_ids"] == [digest_of(gzip.decompress(packed.blobs[layer["digest"]]))]
    assert (config["architecture"], config["created"]) == ("arm64", "2023-11-14T22:13:20Z")
    assert config["config"] == {"WorkingDir": "/app", "Labels": {"revision": "abc"}}


def test_the_same_source_gives_the_same_bytes(source: Path) -> None:
    first = packed_of(source)
    os.utime(source / "main.py", (1, 1))
    assert packed_of(source) == first
    assert packed_of(source, time=1).digest != first.digest


def test_what_is_not_there_is_told(source: Path) -> None:
    (source / "x.txt").unlink()
    with pytest.raises(CollectionError, match=r"line 6: COPY \*\.txt finds nothing in the context"):
        packed_of(source)
    with pytest.raises(CollectionError, match="dockerfile is Other; there is no such file"):
        read_context(str(source), "Other", platform="linux/amd64", builder="engine")
    with pytest.raises(CollectionError, match="there is no such directory"):
        read_context(str(source / "nowhere"), "Dockerfile", platform="linux/amd64", builder="engine")


@pytest.mark.parametrize("name", ["sales_api", "sales_worker", "goals_api", "mysfits_monolith", "mysfits_like"])
def test_our_own_images_hold_their_application_and_nothing_else(repository: Path, name: str) -> None:
    dockerfile = f"workloads/{name}/Dockerfile"
    context = read_context(str(repository), dockerfile, platform="linux/amd64", builder="embedded")
    packed = pack(context, platform="linux/amd64", labels={}, time=0)
    manifest = json.loads(packed.manifest)
    with tarfile.open(fileobj=io.BytesIO(packed.blobs[manifest["layers"][0]["digest"]])) as archive:
        names = [member.name for member in archive if member.isfile()]
    assert f"app/{name}/__main__.py" in names
    assert {Path(each).parts[1] for each in names if each.startswith("app/")} <= {
        name,
        "sales_common",
        "web_common",
        "protocol",
    }
    assert not [each for each in names if each.endswith(".pyc")]
    config = json.loads(packed.blobs[manifest["config"]["digest"]])["config"]
    assert (config["Entrypoint"], config["WorkingDir"]) == (["python", "-m", name], "/app")
