"""JSON Schema and editor settings: what makes an editor complete fields and mark typos.

The schemas are draft-07, the newest that the YAML language server behind VS Code's YAML
extension validates with. They accept what `kb check` accepts where the types go; whether a
reference leads anywhere only `kb check` can tell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from kb_builder.errors import UsageError
from kb_builder.records import KINDS
from kb_builder.records.base import ID_PATTERN, Record, folder_of
from kb_builder.records.client import Client
from kb_builder.records.fields import FieldSpec, fields_of

Json = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"
FOLDER = ".kb/schemas"
_NOTHING: Json = {"type": "null"}
EXTENSION = "redhat.vscode-yaml"


def globs_of(kind: type[Record]) -> list[str]:
    """The files of a kind, relative to the workspace: single records and list files."""
    if kind is Client:
        return ["engagements/*/client.yaml"]
    base = f"engagements/*/{folder_of(kind)}"
    return [f"{base}/**/*.yaml", f"{base}.yaml"]


def part_name(part: type[BaseModel]) -> str:
    """What readers call a part: `support contact`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", part.__name__).lower()


def type_words(spec: FieldSpec) -> str:
    """What a field takes, in words: `reference to person, role or vendor`, `list of plain text`."""
    name = spec.type_name
    if spec.refs:
        name = f"reference to {either(spec.refs)}"
        return f"list of {name.replace('reference', 'references', 1)}" if spec.many else name
    if name.startswith("one of "):
        options = name.removeprefix("one of ").split(", ")
        return f"any of {either(options)}" if spec.many else f"one of {either(options)}"
    if not spec.many:
        return name
    return f"list of {name}" if name.endswith(("text", "Markdown", "evidence")) else f"list of {name}s"


def default_of(model: type[BaseModel], name: str) -> str | None:
    """What a field holds that is left out, in words; None where that is nothing."""
    default = model.model_fields[name].default
    if isinstance(default, bool):
        return "true" if default else None
    return str(default) if isinstance(default, str | int) and default != "" else None


def either(words: Iterable[str], last: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`."""
    listed = list(words)
    return f" {last} ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)


def schema(kind: type[Record]) -> Json:
    """The JSON Schema of a kind's files: one record, or a list of records, each with its id."""
    made = kind.model_json_schema(mode="validation")
    record = _object(_inlined(made, made.get("$defs", {})), kind)
    record["required"] = [name for name in record["required"] if name != "id"]
    one: Json = {"$ref": f"#/definitions/{kind.kind}"}
    many: Json = {"type": "array", "items": {"allOf": [one, {"required": ["id"]}]}}
    return {
        "$schema": DRAFT,
        "title": kind.label[0].capitalize(),
        "description": _docstring(kind),
        **({"allOf": [one]} if kind is Client else {"anyOf": [one, many]}),
        "definitions": {kind.kind: record},
    }


def schemas(folder: str = FOLDER) -> dict[str, str]:
    """The schema files of all kinds: path below the workspace → text."""
    prefix = f"{folder}/" if folder not in ("", ".") else ""
    return {
        f"{prefix}{kind.kind}.json": json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n"
        for kind in KINDS
    }


def editor_settings(existing: str | None = None, folder: str = FOLDER) -> str:
    """The text of `.vscode/settings.json`: the settings in `existing`, with the schemas bound to their files.

    Raises UsageError where `existing` cannot be added to without losing something.
    """
    settings = _loaded(existing, "settings.json") if existing and existing.strip() else _first_settings()
    bound = settings.get("yaml.schemas", {})
    if not isinstance(bound, dict):
        raise UsageError(".vscode/settings.json: yaml.schemas is not an object", "mend it, or take it out")
    settings["yaml.schemas"] = {**bound, **{f"./{folder}/{kind.kind}.json": globs_of(kind) for kind in KINDS}}
    return json.dumps(settings, indent=2, ensure_ascii=False) + "\n"


def editor_extensions(existing: str | None = None) -> str:
    """The text of `.vscode/extensions.json`: what `existing` recommends, and the YAML extension."""
    found = _loaded(existing, "extensions.json") if existing and existing.strip() else {}
    wanted = found.get("recommendations", [])
    if not isinstance(wanted, list):
        raise UsageError(".vscode/extensions.json: recommendations is not a list", "mend it, or take it out")
    found["recommendations"] = wanted if EXTENSION in wanted else [*wanted, EXTENSION]
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _first_settings() -> Json:
    return {
        "yaml.yamlVersion": "1.2",
        "yaml.validate": True,
        "yaml.completion": True,
        "yaml.hover": True,
        "yaml.schemaStore.enable": False,
        "files.encoding": "utf8",
        "files.eol": "\n",
        "files.insertFinalNewline": True,
        "[yaml]": {
            "editor.insertSpaces": True,
            "editor.tabSize": 2,
            "editor.detectIndentation": False,
            "editor.quickSuggestions": {"other": True, "comments": False, "strings": True},
        },
    }


def _loaded(text: str, name: str) -> Json:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UsageError(
            f".vscode/{name} cannot be added to: it is not plain JSON ({error})",
            "take its comments and trailing commas out, or move it aside and put your own lines back after",
        ) from None
    if not isinstance(found, dict):
        raise UsageError(f".vscode/{name} cannot be added to: it holds no object", "move it aside")
    return found


def _docstring(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


def _inlined(node: Any, definitions: Mapping[str, Any]) -> Any:
    """A schema with each reference in it replaced by its target, so that editors can insert whole parts."""
    if isinstance(node, list):
        return [_inlined(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    rest = {key: _inlined(value, definitions) for key, value in node.items() if key not in ("$ref", "$defs")}
    if "$ref" not in node:
        return rest
    return {**_inlined(definitions[node["$ref"].rpartition("/")[2]], definitions), **rest}


def _object(node: Mapping[str, Any], model: type[BaseModel]) -> Json:
    required = node.get("required", [])
    return {
        "type": "object",
        "title": model.label[0] if issubclass(model, Record) else part_name(model),
        "description": _docstring(model),
        "properties": {
            spec.name: _property(node["properties"][spec.name], spec) for spec in fields_of(model)
        },
        "required": list(required),
        "additionalProperties": False,
    }


def _property(node: Mapping[str, Any], spec: FieldSpec) -> Json:
    found = _node(node, spec.part)
    default = node.get("default")
    return {
        **(found if spec.required else _or_nothing(found)),
        **({"default": default} if isinstance(default, str | int) and default is not False else {}),
        "description": spec.description,
        "markdownDescription": f"{spec.description}\n\n{_sentence(type_words(spec))}",
    }


def _node(node: Mapping[str, Any], part: type[BaseModel] | None = None) -> Json:
    """A schema of pydantic's, without what only repeats the field's name."""
    if "properties" in node and part is not None:
        return _object(node, part)
    if "anyOf" in node:
        options = [_node(option, part) for option in node["anyOf"] if option.get("type") != "null"]
        whole: Json = options[0] if len(options) == 1 else {"anyOf": options}
        return _or_nothing(whole) if len(options) < len(node["anyOf"]) else whole
    found: Json = {
        key: value for key, value in node.items() if key not in ("title", "description", "default")
    }
    if "items" in node:
        found["items"] = _node(node["items"], part)
    plain = node.get("type") == "string" and not {"enum", "format"} & set(node)
    if plain and node.get("pattern", ID_PATTERN) == ID_PATTERN:
        found["type"] = ["string", "number"]
    return found


def _or_nothing(node: Json) -> Json:
    """The same, or nothing written: a field left empty counts as not filled in."""
    if "enum" in node:
        return {"anyOf": [node, _NOTHING]}
    if "anyOf" in node:
        return node if _NOTHING in node["anyOf"] else {"anyOf": [*node["anyOf"], _NOTHING]}
    types = [node["type"]] if isinstance(node["type"], str) else list(node["type"])
    return {**node, "type": types if "null" in types else [*types, "null"]}


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:] + "."
