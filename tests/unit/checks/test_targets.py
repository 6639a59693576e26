"""Targets that are one place, or of which one lies inside the other, however they are written."""

from __future__ import annotations

import subprocess

import pytest
from support.sites import TODAY
from support.story import put

from kb_builder import pipeline
from kb_builder.workspace import Workspace

SAME, IN, HOLDS = "is the same place as", "lies inside", "holds"


def relation(workspace: Workspace, one: str, other: str) -> str:
    """What is said of the second of two targets; nothing where they are apart."""
    put(
        workspace,
        "client.yaml",
        f"title: Demo\ntargets:\n  - id: one\n    to: '{one}'\n    audience: staff\n"
        f"  - id: other\n    to: '{other}'\n    audience: management\n",
    )
    problems = pipeline.check(workspace, "demo", TODAY).problems
    found = [each for each in problems if each.code == "KB732" and each.message.endswith("the target one")]
    assert all((each.location.line, each.location.column) == (7, 9) for each in found)
    return next((word for each in found for word in (SAME, IN, HOLDS) if word in each.message), "")


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("published/a", "published/a", SAME),
        ("published/a", "./published//a/", SAME),
        ("published/a", "published/a/b", IN),
        ("published/a/b", "published/a", HOLDS),
        ("published/a", "published/ab", ""),
        ("published/a", "published/x/../a/b", IN),
        ("published/a", "linked/b", IN),
        ("linked", "published/a", SAME),
        ("s3://bucket/a", "s3://bucket/a/b", IN),
        ("s3://bucket/a", "s3://bucket/a/../b", ""),
        ("s3://bucket/a", "s3://bucket/x/../a/", SAME),
        ("s3://bucket", "s3://bucket/a", IN),
        ("s3://bucket/a", "s3://bucket/ab", ""),
        ("s3://bucket/a", "gs://bucket/a", ""),
        ("s3://bucket/a", "s3://other/a", ""),
        ("az://box/a/b", "az://box/a", HOLDS),
        ("sftp://tom@Host.example/srv/a", "sftp://ann@host.example:22/srv/a/b", IN),
        ("sftp://host.example/srv/a", "sftp://host.example:2222/srv/a", ""),
        ("git+ssh://git@host.example/acme/site.git#pages", "git+https://host.example/acme/site#pages", SAME),
        (
            "git+ssh://git@host.example/acme/site.git#pages",
            "git+ssh://git@host.example/acme/site.git#other",
            "",
        ),
        ("git+ssh://git@host.example/acme/site.git#pages", "git:origin#pages", SAME),
        ("git:origin#pages", "git:origin#staff", ""),
        ("git:origin#pages", "git:nowhere#pages", ""),
    ],
)
def test_places_are_compared_as_they_are(workspace: Workspace, one: str, other: str, wanted: str) -> None:
    (workspace.root / "published/a").mkdir(parents=True)
    (workspace.root / "linked").symlink_to("published/a")
    if "git:" in one + other:
        url = "git@host.example:acme/site.git"
        for arguments in (["init", "-q"], ["remote", "add", "origin", url]):
            subprocess.run(["git", *arguments], cwd=workspace.root, check=True)
    assert relation(workspace, one, other) == wanted


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("site", "is the same place as site/"),
        ("site/demo/staff", "lies inside site/"),
        ("engagements/demo/out", "lies inside engagements/"),
        (".", "holds engagements/"),
        ("..", "holds site/"),
        ("published", ""),
        ("sites", ""),
    ],
)
def test_a_target_is_apart_from_records_and_built_sites(workspace: Workspace, to: str, said: str) -> None:
    put(workspace, "client.yaml", f"title: Demo\ntargets: [{{id: one, to: '{to}', audience: staff}}]\n")
    found = [
        each.message for each in pipeline.check(workspace, "demo", TODAY).problems if each.code == "KB732"
    ]
    assert any(said in message for message in found) if said else found == []
