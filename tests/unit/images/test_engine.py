# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What engines are told, and what nobody else is told. Programs that write down how they are called stand for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.images.context import Context, read_context
from ansible_collections.multiregion.ecs.plugins.module_utils.images.engine import Built, find_engine
from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.errors import CollectionError

TOKEN = "QVdTOnNlY3JldA=="
RECORDER = """#!/bin/sh
echo "$0" "$@" >>{folder}/calls
for word; do
    case "$before" in
        --authfile) cp -p "$word" {folder}/login ;;
        --config) cp -p "$word/config.json" {folder}/login ;;
    esac
    before=$word
done
case "$*" in
    *inspect*) exit {has_it} ;;
    push*) echo "no space left"; exit {push} ;;
esac
"""


@pytest.fixture
def context(tmp_path: Path) -> Context:
    root = tmp_path / "source"
    root.mkdir()
    (root / "Dockerfile").write_text("FROM scratch\nCOPY a /\n")
    (root / "Dockerfile.dockerignore").write_text("**\n!a\n")
    (root / "a").write_text("a")
    return read_context(str(root), "Dockerfile", platform="linux/arm64", builder="engine")


def built(context: Context, engine: str) -> Built:
    return Built(engine, context, "localhost/a/b:content-1", "linux/arm64", 1700000000, {"of": "me"}, {"X": "1"})


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, *names: str, has_it: int = 1, push: int = 0) -> None:
    """Put engines on PATH. `has_it`, `push`: with which status they end when asked for the image, and at a push."""
    programs = folder / "programs"
    programs.mkdir()
    for name in names:
        (programs / name).write_text(RECORDER.format(folder=folder, has_it=has_it, push=push))
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")


def calls(folder: Path) -> list[list[str]]:
    return [line.split()[1:] for line in (folder / "calls").read_text().splitlines()]


def test_engines_without_a_daemon_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, monkeypatch, "docker", "podman")
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    assert find_engine("auto") == "podman" and find_engine("docker") == "docker"
    with pytest.raises(CollectionError, match="PATH has no buildah"):
        find_engine("buildah")


@pytest.mark.parametrize("engine", ["buildah", "podman"])
def test_a_build_has_the_times_of_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context: Context, engine: str
) -> None:
    install(tmp_path, monkeypatch, engine)
    built(context, engine).make()
    _asked, build = calls(tmp_path)
    said = " ".join(build)
    assert "--timestamp 1700000000" in said and "--build-arg SOURCE_DATE_EPOCH=1700000000 --build-arg X=1" in said
    assert "--platform linux/arm64" in said and "--label of=me" in said
    assert f"--ignorefile {context.root}/Dockerfile.dockerignore" in said
    assert build[-1] == "."


def test_what_the_engine_has_is_not_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context: Context
) -> None:
    install(tmp_path, monkeypatch, "podman", has_it=0)
    built(context, "podman").make()
    assert calls(tmp_path) == [["image", "inspect", "localhost/a/b:content-1"]]


@pytest.mark.parametrize("engine", ["buildah", "podman", "docker"])
def test_the_token_is_in_a_file_that_nobody_else_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context: Context, engine: str
) -> None:
    install(tmp_path, monkeypatch, engine)
    built(context, engine).push("https://1.dkr.ecr.x.amazonaws.com", "a/b", "content-1", TOKEN)
    login = tmp_path / "login"
    assert json.loads(login.read_text()) == {"auths": {"1.dkr.ecr.x.amazonaws.com": {"auth": TOKEN}}}
    assert login.stat().st_mode & 0o777 == 0o600
    words = [word for call in calls(tmp_path) for word in call]
    assert TOKEN not in " ".join(words) and "--tls-verify=false" not in words
    (place,) = [words[at + 1] for at, word in enumerate(words) if word in ("--authfile", "--config")]
    assert not Path(place).exists()


def test_a_push_that_fails_says_why_and_leaves_no_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context: Context
) -> None:
    install(tmp_path, monkeypatch, "buildah", push=125)
    with pytest.raises(
        CollectionError, match=r"(?s)pushing 127.0.0.1:5/a/b:c with buildah failed.*no space"
    ) as failure:
        built(context, "buildah").push("http://127.0.0.1:5", "a/b", "c", TOKEN)
    assert TOKEN not in str(failure.value) and "--tls-verify=false" in calls(tmp_path)[0]
    assert not Path(calls(tmp_path)[0][2]).exists()
