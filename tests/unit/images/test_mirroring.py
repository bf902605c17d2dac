# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How images of other registries are named, and what skopeo is told. A program that writes that down stands for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.images.mirroring import Mirrored, source_problems
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.errors import CollectionError

DIGEST = "sha256:" + "3f" * 32
TOKEN = "QVdTOnNlY3JldA=="
RECORDER = """#!/bin/sh
echo "$@" >>{folder}/calls
for word; do
    [ "$before" = --dest-authfile ] && cp -p "$word" {folder}/login
    before=$word
done
[ {status} = 0 ] || echo "toomanyrequests: You have reached your pull rate limit"
exit {status}
"""


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, status: int = 0) -> None:
    program = folder / "programs" / "skopeo"
    program.parent.mkdir()
    program.write_text(RECORDER.format(folder=folder, status=status))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (f"docker.io/library/mongo@{DIGEST}", "docker.io/library/mongo"),
        (f"docker.io/library/mongo:8.0@{DIGEST}", "docker.io/library/mongo"),
        (f"mongo@{DIGEST}", "mongo"),
        (f"127.0.0.1:5000/a/b:1@{DIGEST}", "127.0.0.1:5000/a/b"),
    ],
)
def test_a_source_is_named_by_its_digest(source: str, name: str) -> None:
    assert source_problems("source", source) == []
    assert Mirrored.of(source) == (name, DIGEST)


@pytest.mark.parametrize(
    "source", ["", "mongo", "mongo:8", f"mongo@{DIGEST[:-1]}", f"a b@{DIGEST}", f"docker://a@{DIGEST}"]
)
def test_a_source_that_may_change_is_refused(source: str) -> None:
    (problem,) = source_problems("image_mirrors[x].source", source)
    assert problem.startswith(f"image_mirrors[x].source is {source!r}")


def test_everything_of_an_image_is_copied_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch)
    source = Mirrored.of(f"docker.io/a/b:1@{DIGEST}")
    source.push("https://1.dkr.ecr.x.amazonaws.com", "shop/b", source.tag, TOKEN)
    words = (tmp_path / "calls").read_text().split()
    assert words[:3] == ["copy", "--all", "--preserve-digests"] and not any("tls-verify" in word for word in words)
    target = f"docker://1.dkr.ecr.x.amazonaws.com/shop/b:mirror-{DIGEST[7:39]}"
    assert words[-2:] == [f"docker://docker.io/a/b@{DIGEST}", target]
    login = tmp_path / "login"
    assert json.loads(login.read_text()) == {"auths": {"1.dkr.ecr.x.amazonaws.com": {"auth": TOKEN}}}
    assert login.stat().st_mode & 0o777 == 0o600 and TOKEN not in words
    assert not Path(words[words.index("--dest-authfile") + 1]).exists()


def test_only_registries_on_this_machine_are_talked_to_without_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch)
    Mirrored.of(f"127.0.0.1:5000/b@{DIGEST}").push("http://127.0.0.1:5", "b", "1", TOKEN)
    words = (tmp_path / "calls").read_text().split()
    assert "--src-tls-verify=false" in words and "--dest-tls-verify=false" in words


def test_a_copy_that_fails_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Mirrored.of(f"docker.io/a/b@{DIGEST}")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CollectionError, match="has to be copied, and PATH has no skopeo"):
        source.push("https://ecr", "b", source.tag, TOKEN)
    install(tmp_path, monkeypatch, status=1)
    with pytest.raises(CollectionError, match=r"(?s)copying docker.io/a/b@sha256.*pull rate limit") as failure:
        source.push("https://ecr", "b", source.tag, TOKEN)
    assert TOKEN not in str(failure.value)
