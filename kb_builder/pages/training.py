"""The section Training: modules with lessons and a quiz, and who took them."""

from __future__ import annotations

from collections.abc import Iterator

from kb_builder.pages.indexes import index_page, nav_items
from kb_builder.pages.page import NavItem, Page, Scene
from kb_builder.pages.records import record_page
from kb_builder.records.documentation import Training, TrainingRecord

OWN_PAGES = frozenset({"training"})
OWN_INDEXES = frozenset({"training"})


def pages(scene: Scene) -> Iterator[Page]:
    """The list of modules, and a page each."""
    modules = scene.catalog.all(Training)
    yield index_page(Training, list(modules), "training-index.md")
    for module in modules:
        taken = [
            record for record in scene.catalog.sources(module, TrainingRecord) if record.training == module.id
        ]
        yield record_page(
            scene,
            module,
            "training.md",
            without=("lessons", "quiz", "pass_mark", "training_record"),
            minutes=sum(lesson.minutes or 0 for lesson in module.lessons),
            taken=sorted(taken, key=lambda record: (record.date, record.id), reverse=True),
        )


def nav(scene: Scene) -> NavItem:
    """Its entry in the navigation."""
    return NavItem(
        "Training",
        items=(NavItem("All modules", "training/index.md"), *nav_items(scene, "training", OWN_INDEXES)),
    )
