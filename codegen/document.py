"""The document as it was written: loading, validating, and finding what a reference points to.

Nothing in here knows what the document is compiled into.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import attrs
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

__all__ = ["METHODS", "Document", "DocumentError", "Node", "OperationNode", "component_name"]

Node: TypeAlias = Mapping[str, Any]
"""An object of the document. What is inside is checked by lint, not by types."""

METHODS = ("get", "post", "put", "patch", "delete")

SCHEMAS = "#/components/schemas/"


class DocumentError(Exception):
    """The document cannot be compiled; the text says where, why and what to do."""


class _Loader(yaml.CSafeLoader):
    """YAML's safe loader; it refuses a key that stands twice, of which YAML takes the second."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - theirs
        keys = [self.construct_object(key) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                problem = f"the key {key!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return super().construct_mapping(node, deep)


def component_name(reference: str) -> str:
    """Give the name at the end of a reference."""
    return reference.rpartition("/")[2]


@attrs.frozen(kw_only=True)
class OperationNode:
    """An operation where it stands in the document."""

    path: str
    method: str
    node: Node

    @property
    def place(self) -> str:
        """Its place, for people."""
        return f"{self.method.upper()} {self.path}"


@attrs.frozen
class Document:
    """A curated document.

    Attributes:
        root: the whole of it, as parsed.
        source: its bytes, as they were written.
        name: the name of its file.
    """

    root: Node
    source: bytes = b""
    name: str = ""

    @classmethod
    def load(cls, file: Path) -> Document:
        """Read a document and hold it against the OpenAPI schema.

        Raises:
            DocumentError: it is no YAML or no OpenAPI 3.1.
        """
        source = file.read_bytes()
        return cls.parse(source, file.name)

    @classmethod
    def parse(cls, source: bytes, name: str) -> Document:
        """Parse a document; see `load`."""
        try:
            root = yaml.load(source, _Loader)  # noqa: S506 - a safe loader
        except yaml.YAMLError as error:
            raise DocumentError(f"{name} is not YAML: {error}") from None
        if not isinstance(root, dict):
            raise DocumentError(f"{name} holds no object")
        for fault in OpenAPIV31SpecValidator(root).iter_errors():
            where = ".".join(map(str, fault.absolute_path)) or "the document"
            raise DocumentError(f"{name} is not OpenAPI 3.1: {where}: {fault.message}")
        return cls(root, source, name)

    @property
    def schemas(self) -> Node:
        """The component schemas by name."""
        return self.components("schemas")

    def components(self, kind: str) -> Node:
        """Give the components of a kind by name."""
        found: Node = self.root.get("components", {}).get(kind, {})
        return found

    @property
    def tags(self) -> Node:
        """The tags by name, in the document's order."""
        return {tag["name"]: tag for tag in self.root.get("tags", [])}

    def operations(self) -> Iterator[OperationNode]:
        """Give every operation in the document's order."""
        for path, item in self.root.get("paths", {}).items():
            for method in METHODS:
                if method in item:
                    yield OperationNode(path=path, method=method, node=item[method])

    def resolve(self, node: Node) -> Node:
        """Follow references until there is none.

        Raises:
            DocumentError: one leads out of the document or to nothing.
        """
        while "$ref" in node:
            node = self.at(node["$ref"])
        return node

    def at(self, reference: str) -> Node:
        """Give what a reference points to.

        Raises:
            DocumentError: it leads out of the document or to nothing.
        """
        if not reference.startswith("#/"):
            raise DocumentError(f"{reference} leads out of the document; copy what it names")
        found: Any = self.root
        for part in reference[2:].split("/"):
            try:
                found = found[part.replace("~1", "/").replace("~0", "~")]
            except (KeyError, TypeError):
                raise DocumentError(f"{reference} points to nothing") from None
        node: Node = found
        return node

    def reachable(self, *nodes: Any) -> set[str]:
        """Give the names of the component schemas that can be reached from some nodes."""
        found: set[str] = set()
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            if isinstance(node, Mapping):
                reference = node.get("$ref", node.get("x-csv-row"))
                if isinstance(reference, str):
                    name = component_name(reference)
                    if reference.startswith(SCHEMAS):
                        if name in found:
                            continue
                        found.add(name)
                    waiting.append(self.at(reference))
                # A mapping of a discriminator and an example name nothing that is not named beside.
                waiting += [v for k, v in node.items() if k not in {"discriminator", "examples"}]
            elif isinstance(node, list):
                waiting += node
        return found
