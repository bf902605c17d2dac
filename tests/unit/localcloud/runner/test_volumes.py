# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Volumes, mount points and what is found at a path of a container."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from localcloud.runner.file_systems import Mounted, below
from localcloud.runner.volumes import Files, Mount, lay_out

EFS = Path("/efs/fs-1")


def laid_out(tmp_path: Path, *containers: dict[str, Any], volumes: list[dict[str, Any]]) -> dict[str, Files]:
    definition = SimpleNamespace(volumes=volumes, container_definitions=list(containers))
    return lay_out(definition, tmp_path, lambda _configuration: Mounted(EFS))


def mount(volume: str, path: str, **more: Any) -> dict[str, Any]:
    return {"sourceVolume": volume, "containerPath": path, **more}


def test_the_deepest_mount_point_counts() -> None:
    files = Files(Path("/root"), (Mount("/data", Path("/one")), Mount("/data/db/", Path("/two"))))
    assert files.locate("/data/x") == Path("/one/x")
    assert files.locate("/data/db") == Path("/two")
    assert files.locate("/data/db/deep/file") == Path("/two/deep/file")
    assert files.locate("/database") == Path("/root/database")


def test_a_word_is_filled_and_what_is_no_volume_is_made(tmp_path: Path) -> None:
    files = Files(tmp_path / "root", (Mount("/data", tmp_path / "volume"),))
    assert files.fill("/data={mount:/data}") == f"/data={tmp_path}/volume"
    assert files.fill("{mount:/var/lib}") == f"{tmp_path}/root/var/lib"
    assert (tmp_path / "root/var/lib").is_dir()
    assert files.fill("{address}") == "{address}"


def test_volumes_of_a_task_and_of_a_file_system(tmp_path: Path) -> None:
    found = laid_out(
        tmp_path,
        {"name": "web", "mountPoints": [mount("own", "/own"), mount("data", "/data", readOnly=True)]},
        {"name": "heir", "volumesFrom": [{"sourceContainer": "web"}], "mountPoints": [mount("own", "/here")]},
        {"name": "reader", "volumesFrom": [{"sourceContainer": "heir", "readOnly": True}]},
        volumes=[{"name": "own", "host": {}}, {"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}],
    )
    own = tmp_path / "volumes" / "own"
    assert own.is_dir()
    assert found["web"].locate("/own/x") == own / "x"
    assert found["web"].read_only == [EFS]
    assert found["heir"].locate("/data") == EFS
    assert found["heir"].locate("/here") == found["heir"].locate("/own") == own
    assert set(found["reader"].read_only) == {EFS, own}
    assert len({files.root for files in found.values()}) == 3


@pytest.mark.parametrize("path", ["/a/../../b", "../b", "b/.", "//b"])
def test_no_path_leads_out(path: str) -> None:
    assert below(Path("/root"), path) == Path("/root/b")
