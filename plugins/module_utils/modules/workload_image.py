# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image of a workload's own source in a repository of one region."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ..images.commands import LOOPBACK
from ..images.context import PLATFORMS, Context, read_context
from ..images.engine import ENGINES, Built, find_engine
from ..images.packing import Packed, pack
from ..images.revision import Revision, read_revision, tag_of, tag_problems
from ..kernel import Cloud, CollectionError, Known
from ..kernel.run import Composition, ModuleDefinition
from ..resources.repository_image import RepositoryImage
from .image_repository import name_problems

BUILDERS = ("embedded", "engine", "auto", *ENGINES)
"""Who builds; `engine` is something outside of this module."""


def problems(params: dict[str, Any]) -> list[str]:
    return [*name_problems("repository", params["repository"]), *tag_problems("tag", params["tag"])]


def build(params: dict[str, Any], cloud: Cloud) -> Composition:
    arguments = {str(name): str(value) for name, value in (params["build_args"] or {}).items()}
    context = read_context(
        params["context"],
        params["dockerfile"],
        platform=params["platform"],
        # Every engine makes the same of the same source.
        builder="embedded" if params["builder"] == "embedded" else "engine",
        arguments=arguments,
    )
    name = f"{params['repository']}:{context.tag}"
    if params["state"] == "absent":
        return Composition([RepositoryImage(name, cloud.region, state="absent")])
    revision = read_revision(context)
    tag = tag_of(context, revision, params["tag"], params["allow_dirty"])
    packed = None
    if params["builder"] == "embedded":
        _refuse_elsewhere(cloud)
        packed = _packed(params, context, revision, arguments)
    replicated = {"replicated_from": params["replicated_from"], "tag": tag}
    image = RepositoryImage(name, cloud.region, packed=packed, **replicated)
    missing = packed is None and name not in RepositoryImage.find(cloud, cloud.region, [image], {})
    if missing and params["builder"] != "engine":
        engine = find_engine(params["builder"])
        built = _built(engine, params, context, revision, arguments)
        peers = tuple(region for region in params["peer_regions"] if region != cloud.region)
        image, missing = RepositoryImage(name, cloud.region, built=built, peers=peers, **replicated), False
    # What something else pushes is not made here; without it there is nothing to give the tag to.

    def outputs(known: Known) -> dict[str, Any]:
        told = {name: None if missing else known.attribute(image, name) for name in ("uri", "digest")}
        return {
            "missing": missing,
            "image": {"repository": params["repository"], "tag": tag, "platform": params["platform"], **told},
            "source": {
                "content_tag": context.tag,
                "revision": revision.label if revision else None,
                "time": revision.time if revision else 0,
            },
        }

    return Composition([] if missing else [image], outputs)


def _built(
    engine: str, params: dict[str, Any], context: Context, revision: Revision | None, arguments: dict[str, str]
) -> Built:
    return Built(
        engine,
        context,
        f"localhost/{params['repository']}:{context.tag}",
        params["platform"],
        revision.time if revision else 0,
        _labels(revision),
        arguments,
    )


def _labels(revision: Revision | None) -> dict[str, str]:
    return {"org.opencontainers.image.revision": revision.label} if revision else {}


def _packed(params: dict[str, Any], context: Context, revision: Revision | None, arguments: dict[str, str]) -> Packed:
    return pack(
        context,
        platform=params["platform"],
        labels=_labels(revision),
        time=revision.time if revision else 0,
        arguments=arguments,
    )


def _refuse_elsewhere(cloud: Cloud) -> None:
    """What is packed without an engine has neither an interpreter nor packages: only the embedded cloud has them."""
    endpoint = cloud.client("ecr").meta.endpoint_url
    if urlsplit(endpoint).hostname not in LOOPBACK:
        raise CollectionError(
            f"builder is embedded, and ECR is asked at {endpoint}. What it packs runs on the embedded cloud "
            "only, whose address is a loopback one. Build with buildah, podman or docker (image_engine)."
        )


MODULE = ModuleDefinition(
    arguments={
        "repository": {"type": "str", "required": True},
        "context": {"type": "path", "required": True},
        "dockerfile": {"type": "str", "default": "Dockerfile"},
        "platform": {"type": "str", "choices": list(PLATFORMS), "default": "linux/amd64"},
        "build_args": {"type": "dict"},
        "builder": {"type": "str", "choices": list(BUILDERS), "default": "engine"},
        "peer_regions": {"type": "list", "elements": "str", "default": []},
        "replicated_from": {"type": "str"},
        "tag": {"type": "str"},
        "allow_dirty": {"type": "bool", "default": False},
    },
    services=("ecr",),
    build=build,
    problems=problems,
)
