# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images as people read them."""

from __future__ import annotations

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.aws.image_names import tell_image

DIGEST = f"sha256:b1dd19f406a2{'0' * 52}"
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com/sales/sales-api"


@pytest.mark.parametrize(
    ("image", "wish", "told"),
    [
        (f"{ECR}@{DIGEST}", "", "sales/sales-api@b1dd19f406a2"),
        (f"{ECR}@{DIGEST}", ":3f2c1d0", "sales/sales-api:3f2c1d0 (b1dd19f406a2)"),
        (f"{ECR}@{DIGEST}", f"{ECR}:3f2c1d0", "sales/sales-api:3f2c1d0 (b1dd19f406a2)"),
        (f"{ECR}@{DIGEST}", f"@{DIGEST}", "sales/sales-api@b1dd19f406a2"),
        (f"{ECR}@{DIGEST}", "localhost:5000/api", "sales/sales-api@b1dd19f406a2"),
        (f"{ECR}:3f2c1d0", ":3f2c1d0", "sales/sales-api:3f2c1d0"),
        (f"localhost:5000/api@{DIGEST}", "", "localhost:5000/api@b1dd19f406a2"),
        ("mongo:8", "mongo:8", "mongo:8"),
        (":3f2c1d0", "", ":3f2c1d0"),
        (f"@{DIGEST}", "", "@b1dd19f406a2"),
    ],
)
def test_the_registry_of_the_account_is_left_out_and_a_digest_is_short(image: str, wish: str, told: str) -> None:
    assert tell_image(image, wish) == told
