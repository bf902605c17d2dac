# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images that a command line and the release in force say over those of the inventory."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.multiregion.ecs.plugins.module_utils.kernel.errors import CollectionError
from ansible_collections.multiregion.ecs.plugins.module_utils.services.service_images import released, service_wishes

DIGEST = f"sha256:{'a' * 64}"
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com/sales-api"
API = {"name": "api", "image": "shop/api:v1", "cpu": 256}
SHOP = {
    "name": "shop",
    "strategy": "recreate",
    "deployment": {"healthy_within": 60},
    "container": "web",
    "containers": [{"name": "web", "image": "shop/web:v1"}, {"name": "mongo", "image": "mongo:7"}],
}


def wishes(*definitions: dict[str, Any], **asked: Any) -> dict[str, dict[str, str]]:
    return {each["name"]: each["images"] for each in service_wishes(definitions, "sales", **asked)}


def test_a_tag_is_for_every_services_own_image() -> None:
    assert wishes(API, SHOP, tag="v2") == {"api": {"api": ":v2"}, "shop": {"web": ":v2"}}
    assert wishes(API, tag=DIGEST) == {"api": {"api": f"@{DIGEST}"}}
    own = {**SHOP, "container": None}
    own["containers"] = [{"name": "web", "image": {"repository": "web"}}, *SHOP["containers"][1:]]
    assert wishes(own, tag="v2") == {"shop": {"web": ":v2"}}


def test_images_are_for_the_services_and_containers_that_they_name() -> None:
    images = {"api": DIGEST, "shop/mongo": "mongo:8"}
    assert wishes(API, SHOP, images=images) == {"api": {"api": f"@{DIGEST}"}, "shop": {"mongo": "mongo:8"}}
    assert wishes(API, SHOP) == {"api": {}, "shop": {}}


def test_how_a_service_is_deployed_goes_with_it() -> None:
    jobs = [{"name": "migrate", "command": "migrate"}]
    (told,) = service_wishes([{**SHOP, "before_deploy": jobs}], "sales", "v2")
    assert told["before_deploy"] == jobs
    assert (told["cluster"], told["strategy"], told["healthy_within"]) == ("sales", "recreate", 60)


def test_what_is_named_and_does_not_exist_or_is_not_clear_is_refused() -> None:
    with pytest.raises(CollectionError, match=r"images names apo; expected a service or one of api/api, shop/web"):
        wishes(API, SHOP, images={"apo": ":v2"})
    with pytest.raises(CollectionError, match="has the containers web, mongo; name one"):
        wishes({**SHOP, "container": None}, tag="v2")


@pytest.mark.parametrize(
    ("inventory", "release", "image"),
    [
        ("shop/api:v1", "shop/api:v2", "shop/api:v2"),
        ("shop/api", f"shop/api@{DIGEST}", f"shop/api@{DIGEST}"),
        ("mirror/api:v1", "shop/api:v2", "mirror/api:v1"),
        (f"{ECR.replace('us-east-1', 'sa-east-1')}:v1", f"{ECR}@{DIGEST}", f"{ECR}@{DIGEST}"),
        ({"repository": "sales-api"}, f"{ECR}@{DIGEST}", f"{ECR}@{DIGEST}"),
        ({"repository": "other"}, f"{ECR}@{DIGEST}", {"repository": "other"}),
    ],
)
def test_the_release_says_which_image_of_the_repository_that_the_inventory_names(
    inventory: Any, release: str, image: Any
) -> None:
    assert released({**API, "image": inventory}, {"api": {"api": release}}) == {**API, "image": image}


def test_a_release_reaches_the_containers_that_it_names_and_no_others() -> None:
    made = released(SHOP, {"shop": {"web": "shop/web:v3"}, "api": {"api": "shop/api:v2"}})
    assert [each["image"] for each in made["containers"]] == ["shop/web:v3", "mongo:7"]
    assert released(API, {}) == API
