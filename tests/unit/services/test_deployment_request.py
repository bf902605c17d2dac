# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of two words that contradict each other neither wins; what is incomplete or mistyped is told."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.services.deployment_request import request_problems

API = {"name": "api", "image": "shop/api:v1"}
DIGEST = f"sha256:{'a' * 64}"


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"image_tag": "v2", "images": {}, "rollback": False, "target": "", "waves": [], "wave_pause": 0},
        {"image_tag": 12, "wave_pause": "60", "target": "us-east-1"},
        {"image_tag": DIGEST, "wave_pause": "approval", "waves": "[[us-east-1]]"},
        {"images": {"api": f"@{DIGEST}"}},
        {"images": {"api/api": f"shop/api@{DIGEST}"}, "wave_pause": 0.5},
        {"rollback": True, "target": "us-east-1"},
    ],
)
def test_what_is_right_has_no_problems(request_: dict[str, Any]) -> None:
    assert request_problems([API], request_) == []


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"image_tag": "v2", "images": {"api": ":v3"}}, ["image_tag is v2", "images names api", "one of the two"]),
        ({"image_tag": "v2", "target": "a", "waves": [["b"]]}, ["target is a", "waves is [['b']]", "one of the two"]),
        ({"image_tag": "v2", "rollback": True}, ["image_tag: a rollback", "playbooks/deploy.yml"]),
        ({"image_tag": "sha256:abc"}, ["image_tag is sha256:abc, a short digest", "64 hexadecimal digits"]),
        ({"images": {"api": "@sha256:abc"}}, ["images: api is @sha256:abc, a short digest"]),
        ({"images": {"apo": ":v2"}}, ["images names apo", "one of api/api"]),
        ({"images": "api:v2"}, ["images is 'api:v2'; expected JSON"]),
        ({"image_tag": "v2", "wave_pause": "aproval"}, ["wave_pause is 'aproval'", "seconds, such as 60, or approval"]),
        ({"image_tag": "v2", "wave_pause": -1}, ["wave_pause is -1"]),
    ],
)
def test_what_cannot_be_right_is_told_in_one_sentence(request_: dict[str, Any], words: list[str]) -> None:
    (said,) = request_problems([API], request_)
    assert all(word in said for word in words), said
