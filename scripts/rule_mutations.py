# Copyright: (c) 2026, multiregion.ecs contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Breaks rules of the protocol and of AWS, one after the other, and sees their tests fail.

It takes minutes, so it is not in `make test`. Each mutation of tests/protocol_mutations.yml and
tests/aws_rule_mutations.yml is applied to a copy of the tree and taken back. Every test that it names must fail, and
fail by itself: one that could not begin has noticed nothing. `python scripts/rule_mutations.py fence owner` tries only
those whose rule or file has one of the words, `--ledger aws` only those of one ledger.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.rule_mutations import Mutation, Witness, read_mutations  # noqa: E402
from tests.unit.engineering import aws_ledger  # noqa: E402
from tests.unit.protocol import rule_table  # noqa: E402

LEDGERS = {"protocol": rule_table, "aws": aws_ledger}
CACHES = ("__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".ansible")
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "build", *CACHES)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ledger", choices=LEDGERS, help="only the rules of this one")
    parser.add_argument("words", nargs="*", help="only rules that have one of these, or whose file's path does")
    options = parser.parse_args(arguments)
    chosen = [
        (each, ledger.witnesses_of(ROOT, each))
        for name, ledger in LEDGERS.items()
        if options.ledger in (None, name)
        for each in read_mutations(ROOT / ledger.MUTATIONS)
        if not options.words or any(word in f"{each.rule} {each.file}" for word in options.words)
    ]
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="rules-") as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(ROOT, copy, symlinks=True, ignore=LEFT_OUT)
        survived = [problem for each, witnesses in chosen if (problem := try_one(copy, each, witnesses))]
    print(f"{len(chosen)} mutations, {len(survived)} not noticed by every test that should, ", end="")
    print(f"{time.monotonic() - began:.0f} s")
    for problem in survived:
        print(f"  {problem}")
    return 1 if survived else 0


def try_one(copy: Path, mutation: Mutation, witnesses: list[Witness]) -> str:
    """Why the mutation was not noticed as it should be, or an empty text."""
    began = time.monotonic()
    file = copy / mutation.file
    source = file.read_text(encoding="utf-8")
    file.write_text(mutation.of(source), encoding="utf-8")
    try:
        results = run(copy, list(dict.fromkeys(witness.node for witness in witnesses)))
    finally:
        file.write_text(source, encoding="utf-8")
    passed = [f"{each.node} {each.words}".strip() for each in witnesses if not noticed(each, results)]
    verdict = "noticed" if not passed else "NOT NOTICED"
    print(f"{time.monotonic() - began:5.1f} s  {verdict}: {mutation.rule} ({mutation.file})", flush=True)
    if not passed:
        return ""
    return f"{mutation.rule}: {mutation.old.strip()!r} → {mutation.new.strip()!r}: not failed: {', '.join(passed)}"


def run(copy: Path, nodes: list[str]) -> dict[str, bool]:
    """Runs tests: the node id of each case → whether it failed."""
    report = copy.parent / "report.xml"
    report.unlink(missing_ok=True)
    # Of xunit1 each case tells its file.
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", f"--junitxml={report}", "-o", "junit_family=xunit1"]
    subprocess.run(
        [sys.executable, "-m", "pytest", *options, *nodes], cwd=copy, capture_output=True, timeout=600, check=False
    )
    cases = ElementTree.parse(report).iter("testcase")
    return {f"{case.get('file')}::{case.get('name')}": case.find("failure") is not None for case in cases}


def noticed(witness: Witness, results: dict[str, bool]) -> bool:
    """Whether a test failed; in a case that has the words, if the names of its cases tell them."""
    cases = {node: failed for node, failed in results.items() if node.partition("[")[0] == witness.node}
    named = [failed for node, failed in cases.items() if witness.words and witness.words in node]
    return any(named or cases.values())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
