# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One image has one name, in whichever region and by whichever endpoint its registry is named."""

from __future__ import annotations

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.aws.registries import common_name, without_registry
from ansible_collections.multiregion.ecs.plugins.module_utils.readiness.images import compare_images
from ansible_collections.multiregion.ecs.plugins.module_utils.taskdef.images import ecr_image

HOSTS = [
    "123456789012.dkr.ecr.sa-east-1.amazonaws.com",
    "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com",
    "123456789012.dkr-ecr.us-east-1.on.aws",
    "123456789012.dkr-ecr-fips.us-east-1.on.aws",
    "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
]
ELSEWHERE = ["shop/api:v1", "ghcr.io/shop/api:v1", "public.ecr.aws/shop/api:v1", "12.dkr.ecr.us-east-1.amazonaws.com/a"]


@pytest.mark.parametrize("host", HOSTS)
def test_a_registry_is_known_by_each_of_its_endpoints(host: str) -> None:
    image = ecr_image(f"{host}/shop/api:v1")
    assert image and (image.host, image.account, image.repository) == (host, "123456789012", "shop/api")
    assert without_registry(f"{host}/shop/api:v1") == "shop/api:v1"
    assert common_name(f"{host}/shop/api:v1") == common_name(f"{HOSTS[0]}/shop/api:v1")


@pytest.mark.parametrize("host", HOSTS)
def test_two_regions_run_the_same_by_whichever_endpoint(host: str) -> None:
    there, here = {f"{HOSTS[0]}/api:1": ["sha256:a"]}, {f"{host}/api:1": []}
    assert compare_images(there, here) is None


@pytest.mark.parametrize("image", ELSEWHERE)
def test_other_registries_are_left_as_they_are(image: str) -> None:
    assert common_name(image) == without_registry(image) == image and ecr_image(image) is None


def test_the_same_repository_of_another_account_is_another_image() -> None:
    other = HOSTS[0].replace("1234", "4321", 1)
    assert common_name(f"{other}/api:1") != common_name(f"{HOSTS[0]}/api:1")
