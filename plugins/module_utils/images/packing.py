# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs an image without an engine: the files that `COPY` lines copy as one layer, a configuration and a manifest.

It has no base image, and no `RUN` line is carried out. It is for a cloud that brings the interpreter and the packages,
which is what the embedded one does. The same source gives the same bytes: files have no owner and no time, so that a
layer is the same for every commit that leaves its files as they are.
"""

from __future__ import annotations

import fnmatch
import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from ..kernel.errors import CollectionError
from .context import Context, File
from .dockerfile import Copy, parse

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


@dataclass(frozen=True)
class Packed:
    """An image as a registry keeps it. `blobs`: the layer and the configuration, by digest."""

    manifest: str
    digest: str
    blobs: dict[str, bytes]


def pack(
    context: Context,
    *,
    platform: str,
    labels: dict[str, str],
    time: int,
    arguments: dict[str, str] | None = None,
) -> Packed:
    """Pack the image of a context. `time` (unix seconds) is when it was created, as it says.

    Raises:
        CollectionError: the Dockerfile needs more than copying, or copies what is not there.
    """
    recipe = parse(context.text_of_dockerfile(), arguments)
    placed: dict[str, tuple[File, int | None]] = {}
    for copy in recipe.copies:
        for path, file in _placed(context, copy):
            placed[path] = (file, copy.mode)
    plain = _archive(context, placed)
    layer = gzip.compress(plain, mtime=0)
    system, _slash, architecture = platform.partition("/")
    config = _text(
        {
            "architecture": architecture,
            "os": system,
            "created": datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "config": {**recipe.config, "Labels": {**recipe.config.get("Labels", {}), **labels}},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(plain)]},
            "history": [{"created_by": "COPY lines of the Dockerfile"}],
        }
    )
    manifest = _text(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": _part(CONFIG, config),
            "layers": [_part(LAYER, layer)],
        }
    )
    return Packed(manifest.decode(), digest_of(manifest), {digest_of(layer): layer, digest_of(config): config})


def digest_of(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _text(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _part(kind: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "size": len(content), "digest": digest_of(content)}


def _placed(context: Context, copy: Copy) -> Iterator[tuple[str, File]]:
    """Where each file of a `COPY` line goes: a directory gives its content, a file goes into a directory or gets a
    name."""
    sources = [source for pattern in copy.sources for source in _sources(context, copy, pattern)]
    into = copy.destination.endswith("/") or len(sources) > 1
    for source, files in sources:
        for file in files:
            if file.path != source:
                tail = file.path.removeprefix(f"{source}/" if source else "")
                yield _joined(copy.destination, tail), file
            elif into:
                yield _joined(copy.destination, PurePosixPath(source).name), file
            else:
                yield copy.destination.strip("/"), file


def _sources(context: Context, copy: Copy, pattern: str) -> Iterator[tuple[str, list[File]]]:
    """The files and directories that a word of a `COPY` line means, each with what is in it."""
    wanted = str(PurePosixPath(pattern.strip("/") or "."))
    if wanted == ".":
        yield "", list(context.files)
        return
    depth = len(PurePosixPath(wanted).parts)
    found: dict[str, list[File]] = {}
    for file in context.files:
        parts = PurePosixPath(file.path).parts
        head = "/".join(parts[:depth])
        same = all(fnmatch.fnmatchcase(*pair) for pair in zip(parts, PurePosixPath(wanted).parts, strict=False))
        if len(parts) >= depth and same:
            found.setdefault(head, []).append(file)
    if not found:
        raise CollectionError(
            f"Dockerfile {context.dockerfile}, line {copy.line}: COPY {pattern} finds nothing in the context "
            f"{context.root}. It is not there, or the ignore file leaves it out."
        )
    yield from found.items()


def _joined(directory: str, tail: str) -> str:
    return f"{directory.strip('/')}/{tail}".strip("/")


def _archive(context: Context, placed: dict[str, tuple[File, int | None]]) -> bytes:
    packed = io.BytesIO()
    directories = {str(parent) for path in placed for parent in PurePosixPath(path).parents} - {"."}
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(directories | placed.keys()):
            member = tarfile.TarInfo(path)
            if path not in placed:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(member)
                continue
            file, mode = placed[path]
            if file.target is not None:
                member.type, member.linkname, member.mode = tarfile.SYMTYPE, file.target, 0o777
                archive.addfile(member)
                continue
            content = (context.root / file.path).read_bytes()
            member.size = len(content)
            member.mode = mode if mode is not None else (0o755 if file.executable else 0o644)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()
