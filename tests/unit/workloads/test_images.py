# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images, as far as it goes without Docker: what is copied suffices, and no more is imported than is installed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from sales_common.probe import probe

IMAGES = ["sales_api", "sales_worker"]


def dockerfile(repository, image: str) -> str:
    return (repository / "workloads" / image / "Dockerfile").read_text()


@pytest.mark.parametrize("image", IMAGES)
def test_what_the_image_copies_is_enough_to_start(repository, tmp_path, image):
    """With nothing but the copied directories beside the packages, all is imported and the settings are read."""
    for source, target in re.findall(r"^COPY (\S+) (\S+)$", dockerfile(repository, image), re.M):
        if target.startswith("/tmp"):
            assert (repository / source).is_file()
            continue
        shutil.copytree(repository / source, tmp_path / target, ignore=shutil.ignore_patterns("__pycache__"))
    task = subprocess.run(
        [sys.executable, "-m", image, "--port", "0"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin"},
        capture_output=True,
        text=True,
    )
    assert task.returncode == 2, task.stderr
    assert '"event": "not_started"' in task.stdout and "AWS_REGION is not set" in task.stdout

    modules = [f"{image}.{each.stem}" for each in (tmp_path / image).glob("*.py") if each.stem != "__init__"]
    assert len(modules) > 3
    code = f"import {', '.join(modules)}"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={"PATH": "/usr/bin"}, check=True)


@pytest.mark.parametrize("image", IMAGES)
def test_the_builder_gets_exactly_what_is_copied(repository, image):
    copied = set(re.findall(r"^COPY (\S+) ", dockerfile(repository, image), re.M))
    ignore = (repository / "workloads" / image / "Dockerfile.dockerignore").read_text().split("\n")
    admitted = {line[1:] for line in ignore if line.startswith("!")}
    assert ignore[1] == "**"
    assert all(any(path == each or path.startswith(f"{each}/") for each in admitted) for path in copied)
    assert all(any(path.startswith(each) for path in copied) for each in admitted)


@pytest.mark.parametrize("image", IMAGES)
def test_the_image_runs_as_nobody_and_checks_its_health(repository, image):
    text = dockerfile(repository, image)
    assert "\nUSER 10001\n" in text and "sales_common.probe" in text
    assert text.index("\nUSER") > text.index("pip install")


def test_a_worker_s_image_needs_no_web_framework(repository):
    needed = (repository / "workloads/sales_worker/requirements.txt").read_text()
    code = "import sys, sales_worker.__main__; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    path = f"{repository}/workloads:{repository}/plugins/module_utils"
    found = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, text=True, check=True
    ).stdout.split()
    assert "botocore" in needed and "botocore" in found
    assert not {"flask", "waitress", "boto3", "werkzeug"} & set(found)


def test_the_probe_believes_only_a_200():
    class Handler(BaseHTTPRequestHandler):
        status = 200

        def do_GET(self):
            self.send_response_only(self.status if self.path == "/healthcheck" else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True, args=(0.01,)).start()
    port = server.server_address[1]
    assert probe(port=port)
    Handler.status = 503
    assert not probe(port=port)
    server.shutdown()
    server.server_close()
    started = time.monotonic()
    assert not probe(port=port)
    assert time.monotonic() - started < 2
