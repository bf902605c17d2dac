# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The exercise of docs/mysfits.md: the adoption is split off, and goes back when it is taken out of the inventory."""

from __future__ import annotations

import re
import shutil
from copy import deepcopy
from pathlib import Path

import yaml

from harness.inventories import copy_inventory, edit_variables
from harness.playbooks import ROOT
from harness.visitor import Visitor
from tests.support.images import build_images
from tests.support.mysfits import INVENTORY, Mysfits
from tests.support.waiting import eventually

QUEUE = "mysfits-adoptions"
STRAYS = (
    "ecs_service mysfits/adopt",
    f"sqs_queue {QUEUE}",
    "sns_topic adoptions",
    "log_group /ecs/mysfits/adopt",
    "iam_role mysfits-adopt-task-us-east-1",
    "ecr_repository mysfits/adopt",
)
"""What the exercise has made, once it is taken out of the inventory again."""


def adopt_service(folder: Path) -> None:
    """What the reader of docs/mysfits.md writes: the source of the adopt service, from that of the like service."""
    shutil.copytree(ROOT / "workloads", folder / "workloads", ignore=shutil.ignore_patterns("__pycache__"))
    made = Path(shutil.copytree(folder / "workloads" / "mysfits_like", folder / "workloads" / "mysfits_adopt"))
    for file in made.iterdir():
        file.write_text(file.read_text().replace("Like ", "Adoption ").replace("like", "adopt"))


def adopt_inventory(folder: Path) -> Path:
    """What the reader of docs/mysfits.md writes into the inventory."""
    inventory = copy_inventory(folder, INVENTORY)
    with edit_variables(inventory, "image") as image:
        image["image_definitions"][0]["build_args"]["ROUTES"] = "like,fulfill-like,adopt,fulfill-adopt"
        dockerfile = "workloads/mysfits_adopt/Dockerfile"
        image["image_definitions"].append({"repository": "mysfits/adopt", "dockerfile": dockerfile})
    with edit_variables(inventory, "edge") as edge:
        groups = edge["edge_load_balancers"][0]["target_groups"]
        groups.append({**deepcopy(groups[1]), "name": "mysfits-adopt"})
    with edit_variables(inventory, "service") as service:
        definitions = service["service_definitions"]
        adopt = {"name": "adopt", "image": {"repository": "mysfits/adopt"}, "target_group": "mysfits-adopt"}
        routes = [{"priority": 2, "paths": ["/mysfits/*/adopt"], "methods": ["POST", "OPTIONS"]}]
        definitions.append({**deepcopy(definitions[1]), **adopt, "routes": routes})
    # Nobody reads it; it is taken out with the rest.
    messaging = {
        "messaging_topics": [{"name": "adoptions"}],
        "messaging_queues": [{"name": QUEUE, "subscribes_to": ["adoptions"]}],
    }
    (inventory / "group_vars" / "all" / "messaging.yml").write_text(yaml.safe_dump(messaging))
    return inventory


def strays_told(output: str) -> list[str]:
    """Kind and name of what a playbook tells that is not in the inventory."""
    return re.findall(r"(\w+ \S+) in us-east-1[^;]{0,40}; to\s+remove it", " ".join(output.split()))


def test_the_adoption_is_split_off_as_the_exercise_says_and_goes_back_with_its_service(
    mysfits: Mysfits, tmp_path: Path
) -> None:
    """In the last file, since it changes the system. Somebody asks all the time, and gets an answer each time."""
    line, adoption = "Adoption processed.", ("POST", "/mysfits/tarn/adopt")
    adopt_service(tmp_path)
    inventory = adopt_inventory(tmp_path / "inventory")
    pages = [("GET", "/mysfits"), adoption, ("POST", "/mysfits/tarn/like"), ("GET", "/mysfits/tarn")]
    with Visitor(mysfits.cloud.door, mysfits.name, pages) as visitor:
        build_images(mysfits.cloud, inventory, tmp_path, "adopt")
        mysfits.site(inventory)
        assert mysfits.routes() == {"1": "mysfits-like", "2": "mysfits-adopt", "default": "mysfits-monolith"}
        assert mysfits.ask(*adoption)[1]["adopted"] is True
        eventually(lambda: line in mysfits.lines("adopt"), 15, what=lambda: mysfits.lines("adopt"))

        # The inventory as it is shipped knows nothing of it any more.
        assert set(STRAYS) <= set(strays_told(mysfits.play("playbooks/status.yml", INVENTORY).output))
        before = mysfits.lines("monolith").count(line)
        made, kept = mysfits.made(INVENTORY, "-e", "prune=true", "-e", "delete_data=true")
        assert {("delete", *stray.split(" ")) for stray in STRAYS} <= set(made)
        assert f"delete sqs_queue {QUEUE} in us-east-1" in kept["changes"] and len(kept["changes"]) == len(made)
        assert kept["revisions"]["us-east-1"].keys() == {"monolith", "like"}
        assert mysfits.routes() == {"1": "mysfits-like", "default": "mysfits-monolith"}
        assert mysfits.ask(*adoption)[0] == 200
        eventually(lambda: mysfits.lines("monolith").count(line) > before, 15)
    assert visitor.failed == [] and visitor.answered[adoption] > 20
