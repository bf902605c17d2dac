# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which images are in ECR, and where."""

from __future__ import annotations

from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.images import ecr_image


def test_references_into_ecr_are_read() -> None:
    host = "123456789012.dkr.ecr.sa-east-1.amazonaws.com"
    assert ecr_image(f"{host}/a/b:1") == (host, "123456789012", "sa-east-1", "a/b", "1", None)
    assert ecr_image(f"{host}/a").key == {"imageTag": "latest"}
    both = ecr_image(f"{host}/a:1@sha256:{'0' * 64}")
    assert (both.tag, both.key) == ("1", {"imageDigest": f"sha256:{'0' * 64}"})
    assert both.at("sha256:1") == f"{host}/a@sha256:1"
    assert ecr_image("123456789012.dkr-ecr.us-east-1.on.aws/a:1").region == "us-east-1"
    for elsewhere in ("nginx:1", "public.ecr.aws/nginx/nginx:1", "registry:5000/a:1", "a.example.com/b@sha256:1"):
        assert ecr_image(elsewhere) is None
