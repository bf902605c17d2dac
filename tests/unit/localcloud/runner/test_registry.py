# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that run from their layers: what is extracted, and what an image's configuration means on this machine."""

from __future__ import annotations

import gzip
import io
import sys
import tarfile
from pathlib import Path

import pytest

from localcloud.runner.registry import extract, image_of
from localcloud.runner.start_problems import NothingToRun
from tests.support.pushed_images import layer_of


def test_a_layer_lies_over_those_below_it(tmp_path: Path) -> None:
    extract(layer_of({"app/a.py": "old", "app/b.py": "b", "old/c": "c"}), tmp_path)
    extract(layer_of({"app/a.py": "new", "app/.wh.b.py": "", ".wh.old": ""}), tmp_path)
    assert (tmp_path / "app" / "a.py").read_text() == "new"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.py", "app"]


def test_nothing_is_put_outside_an_image(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, kind, target in (
            ("../outside", tarfile.REGTYPE, ""),
            ("device", tarfile.CHRTYPE, ""),
            ("inside", tarfile.REGTYPE, ""),
            ("link", tarfile.SYMTYPE, "inside"),
            ("out", tarfile.SYMTYPE, "../outside"),
            ("absolute", tarfile.SYMTYPE, "/etc/passwd"),
            ("hard", tarfile.LNKTYPE, "../outside"),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            archive.addfile(member)
    root = tmp_path / "root"
    (tmp_path / "outside").write_text("ours")
    root.mkdir()
    extract(gzip.compress(packed.getvalue()), root)
    assert sorted(path.name for path in root.rglob("*")) == ["inside", "link"]
    assert (tmp_path / "outside").read_text() == "ours"


def test_a_configuration_says_what_runs_where(tmp_path: Path) -> None:
    (tmp_path / "app" / "lib").mkdir(parents=True)
    config = {
        "Entrypoint": ["/usr/bin/python3", "/app/lib"],
        "Cmd": ["--fast", "/nowhere"],
        "Env": ["A=b=c", "PATH=/usr/bin", "PYTHONPATH=/app/lib:/nowhere", "PYTHONDONTWRITEBYTECODE=1"],
        "WorkingDir": "/app",
    }
    image = image_of("a:1", config, tmp_path)
    lib = str(tmp_path / "app" / "lib")
    assert image.argv("127.0.0.9", None, None) == [sys.executable, lib, "--fast", "/nowhere"]
    assert image.argv("127.0.0.9", None, ["--slow"]) == [sys.executable, lib, "--slow"]
    assert image.directory == tmp_path / "app"
    assert image.environment == {"A": "b=c", "PYTHONPATH": f"{lib}:/nowhere", "PYTHONDONTWRITEBYTECODE": ""}


def test_a_command_alone_is_what_runs_and_without_one_nothing_does(tmp_path: Path) -> None:
    assert image_of("a:1", {"Cmd": ["sh", "-c", "true"]}, tmp_path).entrypoint == ("sh", "-c", "true")
    with pytest.raises(NothingToRun, match="no command specified by the image a:1"):
        image_of("a:1", {"Env": []}, tmp_path)


def test_the_health_check_of_an_image_is_not_heeded(tmp_path: Path) -> None:
    plain = {"Cmd": ["sh", "-c", "true"]}
    checked = {**plain, "Healthcheck": {"Test": ["CMD", "false"], "Interval": 1}}
    assert image_of("a:1", checked, tmp_path) == image_of("a:1", plain, tmp_path)
