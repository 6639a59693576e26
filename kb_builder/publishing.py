"""What is published where: the versions that may leave, what they are refused for, and the folder that is sent.

In: a client that was checked and whose sites are built. Out: a folder with exactly the files a target shall hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kb_builder import pipeline, versions_list
from kb_builder.assembly import Assembly, link_tree, make_latest
from kb_builder.catalog import Catalog
from kb_builder.checks import secret_in_record
from kb_builder.errors import KbError, UsageError
from kb_builder.gate import some
from kb_builder.pipeline import Checked
from kb_builder.problem import Location, errors
from kb_builder.read import read
from kb_builder.records.base import Audience
from kb_builder.records.client import Target
from kb_builder.releases import SEAL, Release
from kb_builder.site import is_redirect
from kb_builder.staging import staging
from kb_builder.versions import DRAFT, LATEST
from kb_builder.workspace import Workspace


@dataclass(frozen=True)
class Shipment:
    """What is to be published: the folder that holds it, its versions, and those that stay behind, each with why.

    `warnings` are things about sealed releases that cannot be mended any more, and stop nothing.
    """

    folder: Path
    versions: tuple[str, ...]
    left: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    def files(self) -> dict[str, Path]:
        """Every file by its path at the target."""
        return {
            path.relative_to(self.folder).as_posix(): path
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }


def target_named(catalog: Catalog, name: str) -> Target:
    """The target of that name. Raises UsageError for one that there is none of."""
    target = next((each for each in catalog.client.targets if each.id == name), None)
    if target is None:
        known = ", ".join(each.id for each in catalog.client.targets)
        raise UsageError(
            f'{catalog.slug} has no target "{name}"',
            f"targets in client.yaml: {known}" if known else "write it in client.yaml under `targets:`",
        )
    return target


def target_of(catalog: Catalog, name: str, audience: Audience | None) -> tuple[Target, Audience]:
    """The target of that name, and the audience whose site it gets.

    Raises UsageError for a target that there is none of, and KbError for a site that is not meant for it.
    """
    target = target_named(catalog, name)
    wanted = audience or target.audience
    if not target.audience.sees(wanted):
        raise KbError(
            f"{name} is meant for {target.audience.value} readers, and the {wanted.value} site is not for them",
            f"publish the {target.audience.value} site there, or name another target",
        )
    if wanted not in catalog.client.audiences:
        raise UsageError(
            f"{catalog.slug} has no {wanted.value} site",
            f"`sites:` in client.yaml lists them; kb publish {catalog.slug} --to {name} --remove takes down what is there",
        )
    return target, wanted


def secrets(workspace: Workspace, checked: Checked) -> list[str]:
    """Where secrets stand in the releases that would be published: `file:line: message`. The draft is checked already."""
    found: list[str] = []
    allowed = checked.catalog.client.not_secret
    for release in signed(checked):
        catalog = pipeline.open_release(workspace, checked.catalog.slug, release).catalog
        catalog = pipeline.with_client(catalog, not_secret=[*catalog.client.not_secret, *allowed])
        place = Location((release.folder / SEAL).relative_to(workspace.root).as_posix())
        noted = pipeline.in_notes(release.seal.notes, place, catalog)
        for problem in (*noted, *secret_in_record.check(catalog, release.seal.date)):
            found.append(f"{problem.location.path}:{problem.location.line}: {problem.message}")
    return found


def signed(checked: Checked) -> list[Release]:
    """The releases that may be published: those signed by all who must."""
    return [release for release in checked.releases.all if not release.candidate]


def refuse(workspace: Workspace, checked: Checked, target: Target) -> None:
    """Raise KbError if there is nothing that may be published to a target, or if a secret stands in a release."""
    slug = checked.catalog.slug
    if not signed(checked) and not target.draft:
        left = candidates(checked)
        raise KbError(
            f"nothing is published: {left[0]}" if left else f"nothing is published: {slug} has no release",
            f"kb sign {slug} VERSION --as PERSON" if left else f"kb release {slug} VERSION seals one",
        )
    if stand := secrets(workspace, checked):
        raise KbError(
            "nothing is published: a secret stands in a release\n" + some(stand),
            "change the secret, then take the release away; a false alarm is named in client.yaml under `not_secret`",
        )


def candidates(checked: Checked) -> list[str]:
    """The releases that stay behind, each with why."""
    return [
        f"{each.version} is a candidate: {len(each.signed_by)} of {each.seal.sign_off} have signed it"
        for each in checked.releases.all
        if each.candidate
    ]


@contextmanager
def shipment(checked: Checked, target: Target, audience: Audience, assembly: Assembly) -> Iterator[Shipment]:
    """Gather what a target shall hold from the sites that are built, in a folder that is removed afterwards.

    Raises KbError for links of the draft that lead nowhere; those of a release are warnings: it is sealed.
    """
    releases = signed(checked)
    versions = [*(each.version for each in releases), *([DRAFT] if target.draft else [])]
    home = assembly.home / audience.value
    with staging(assembly.home.parent) as stage:
        folder = stage / "shipment"
        folder.mkdir()
        for version in versions:
            link_tree(home / version, folder / version)
        pages = {version: versions_list.pages_of(folder / version) for version in versions}
        latest = releases[-1] if releases else None
        site = checked.catalog.client.site(audience)
        found: list[str] = []
        if latest:
            older = [pages[each.version] for each in releases[:-1]]
            make_latest(folder, latest.version, older, public=bool(site and site.public))
            found = [page for page in pages[latest.version] if not is_redirect(folder / LATEST / page)]
        fronts = versions_list.front_files(releases, latest, site, found, draft=target.draft)
        for name, text in fronts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
        dead = {version: assembly.dead(audience, version, folder) for version in versions}
        if found_in_draft := dead.pop(DRAFT, None):
            raise KbError(
                "not published: links lead nowhere\n" + some([f"{DRAFT}: {each}" for each in found_in_draft]),
                "mend the records, or report it",
            )
        warnings = [f"{version}: {each} leads nowhere" for version, lines in dead.items() for each in lines]
        yield Shipment(
            folder, tuple(versions), tuple(candidates(checked)), (*unread(assembly, checked), *warnings)
        )


def unread(assembly: Assembly, checked: Checked) -> Iterator[str]:
    """What of the releases that are published could not be read, and is left out of their sites."""
    for release in signed(checked):
        for problem in errors(read(assembly.workspace, assembly.slug, release).problems):
            yield f"{problem.location.path}:{problem.location.line}: {problem.message}"
