"""Classes for what is selected: a model for a selection, a union for one that has several types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import attrs
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionNode,
    Undefined,
    is_abstract_type,
)

from codegen.annotations import (
    ANY,
    BOOL,
    DATETIME,
    FLOAT,
    INT,
    STR,
    Annotation,
    Nullable,
    constant,
    is_nullable,
    list_of,
    nullable,
    reference,
)
from codegen.document import DocumentError
from codegen.graphql.source import GraphqlDocument, fail
from codegen.names import pascal_case, snake_case
from codegen.schemas import Component, Direction, Enumeration, Field, Model, Variants, named_members

__all__ = ["Classes"]

TYPENAME: Final = "__typename"

SCALARS: Final[Mapping[str, Annotation]] = {
    "AbsoluteOrRelativeURL": STR,
    "Boolean": BOOL,
    "Date": DATETIME,
    "Float": FLOAT,
    "ID": STR,
    "Int": INT,
    "JSON": ANY,
    "Slug": STR,
    "String": STR,
    "URL": STR,
}


@attrs.define
class _Selected:
    """A key of an answer: the places that ask for it, and whether it may be missing."""

    nodes: list[FieldNode]
    is_optional: bool


class Classes:
    """Collects the classes of a document; each stands in the module that first asked for it.

    Attributes:
        components: what was made so far, by name; what a class is made of comes before it.
    """

    def __init__(self, document: GraphqlDocument) -> None:
        self._document = document
        self.components: dict[str, Component] = {}

    # Types that are sent ------------------------------------------------------------------------

    def argument(self, type_: Any, module: str) -> Annotation:
        """Give the type of an argument; null is a value of it where the schema says so."""
        match type_:
            case GraphQLNonNull(of_type=inner):
                return _plain(self.argument(inner, module))
            case GraphQLList(of_type=item):
                annotation: Annotation = list_of(self.argument(item, module))
            case GraphQLInputObjectType():
                annotation = self._input(type_, module)
            case _:
                annotation = self._leaf(type_, module)
        return nullable(annotation)

    def _input(self, type_: GraphQLInputObjectType, module: str) -> Annotation:
        if type_.name not in self.components:
            fields = tuple(
                Field(
                    wire=name,
                    name=snake_case(name),
                    annotation=self.argument(field.type, module),
                    default="UNSET" if _may_be_left_out(field) else "",
                    description=_described(field.description, f"{type_.name}.{name}"),
                )
                for name, field in type_.fields.items()
            )
            self._add(
                Model(
                    name=type_.name,
                    description=_described(type_.description, type_.name),
                    module=module,
                    direction=Direction.SENT,
                    fields=fields,
                )
            )
        return reference(type_.name)

    # Types that are received --------------------------------------------------------------------

    def result(self, type_: Any, nodes: Sequence[FieldNode], module: str, name: str) -> Annotation:
        """Give the type of what is selected.

        Args:
            type_: its type in the schema.
            nodes: the places that ask for it, each with what it selects.
            module: where a new class stands.
            name: what a new class is called that takes no name from a fragment.
        """
        match type_:
            case GraphQLNonNull(of_type=inner):
                return _plain(self.result(inner, nodes, module, name))
            case GraphQLList(of_type=item):
                annotation: Annotation = list_of(self.result(item, nodes, module, name))
            case GraphQLObjectType() | GraphQLInterfaceType() | GraphQLUnionType():
                annotation = self._selection(type_, nodes, module, name)
            case _:
                annotation = self._leaf(type_, module)
        return nullable(annotation)

    def _leaf(self, type_: Any, module: str) -> Annotation:
        if not isinstance(type_, GraphQLEnumType):
            if type_.name not in SCALARS:
                raise DocumentError(f"nobody has said what the scalar {type_.name} is in Python")
            return SCALARS[type_.name]
        if type_.name not in self.components:
            self._add(
                Enumeration(
                    name=type_.name,
                    description=_described(type_.description, type_.name),
                    module=module,
                    members=named_members(list(type_.values)),
                )
            )
        return reference(type_.name)

    def _selection(
        self, type_: Any, nodes: Sequence[FieldNode], module: str, name: str
    ) -> Annotation:
        selections = [
            one for node in nodes if node.selection_set for one in node.selection_set.selections
        ]
        spreads = {one.name.value for one in selections if isinstance(one, FragmentSpreadNode)}
        is_lone = len(spreads) == 1 and all(
            isinstance(one, FragmentSpreadNode) and not one.directives for one in selections
        )
        if is_lone:
            (name,) = spreads
            fragment = self._document.fragments[name]
            condition = fragment.type_condition.name.value
            if condition != type_.name:
                raise fail(fragment, f"{name} stands alone for a {type_.name}: write it on that")
            if name in self.components:
                return reference(name)
            selections = list(fragment.selection_set.selections)
        if is_abstract_type(type_):
            self._variants(type_, selections, module, name, nodes[0])
        else:
            self._model(type_, selections, module, name, class_name=name)
        return reference(name)

    def _variants(
        self,
        type_: GraphQLInterfaceType | GraphQLUnionType,
        selections: Sequence[SelectionNode],
        module: str,
        name: str,
        node: FieldNode,
    ) -> None:
        members = {}
        for member in self._document.schema.get_possible_types(type_):
            class_name = name + member.name if member.name in self.components else member.name
            if TYPENAME not in self._collected(member, selections):
                raise fail(node, f"{name} has several types: select {TYPENAME} to tell them apart")
            self._model(member, selections, module, name, class_name=class_name)
            members[member.name] = class_name
        self._add(
            Variants(
                name=name,
                description=_described(type_.description, type_.name),
                module=module,
                tag=TYPENAME,
                members=members,
            )
        )

    def _model(
        self,
        type_: GraphQLObjectType,
        selections: Sequence[SelectionNode],
        module: str,
        name: str,
        *,
        class_name: str,
    ) -> None:
        fields = tuple(
            self._field(key, selected, type_, module, name)
            for key, selected in self._collected(type_, selections).items()
        )
        self._add(
            Model(
                name=class_name,
                description=_described(type_.description, type_.name),
                module=module,
                direction=Direction.RECEIVED,
                fields=fields,
            )
        )

    def _field(
        self, key: str, selected: _Selected, type_: GraphQLObjectType, module: str, name: str
    ) -> Field:
        wire = selected.nodes[0].name.value
        if wire == TYPENAME:
            return Field(
                wire=key,
                name=snake_case(key),
                annotation=constant(type_.name),
                default=repr(type_.name),
                description="Which type it is.",
            )
        field = type_.fields[wire]
        annotation = self.result(field.type, selected.nodes, module, name + pascal_case(key))
        if selected.is_optional and not is_nullable(annotation):
            annotation = nullable(annotation)
        return Field(
            wire=key,
            name=snake_case(key),
            annotation=annotation,
            default="None" if is_nullable(annotation) else "",
            description=_described(_words(type_, wire), f"{type_.name}.{wire}"),
            is_deprecated=field.deprecation_reason is not None,
        )

    def _collected(
        self, type_: GraphQLObjectType, selections: Iterable[SelectionNode]
    ) -> dict[str, _Selected]:
        """Give what is selected of a type, by key: fragments opened, the same key taken together."""
        found: dict[str, _Selected] = {}
        for node, is_optional in self._flat(type_, selections, is_optional=False):
            key = (node.alias or node.name).value
            selected = found.setdefault(key, _Selected([], is_optional=True))
            selected.nodes.append(node)
            selected.is_optional &= is_optional
        return found

    def _flat(
        self, type_: GraphQLObjectType, selections: Iterable[SelectionNode], *, is_optional: bool
    ) -> Iterator[tuple[FieldNode, bool]]:
        for node in selections:
            is_here_optional = is_optional or any(
                one.name.value in {"include", "skip"} for one in node.directives or ()
            )
            match node:
                case FieldNode():
                    yield node, is_here_optional
                    continue
                case FragmentSpreadNode(name=name):
                    fragment = self._document.fragments[name.value]
                    condition = fragment.type_condition.name.value
                    inner = fragment.selection_set
                case InlineFragmentNode(type_condition=named, selection_set=inner):
                    condition = named.name.value if named else type_.name
                case _:
                    continue
            if self._is(type_, condition):
                yield from self._flat(type_, inner.selections, is_optional=is_here_optional)

    def _is(self, type_: GraphQLObjectType, name: str) -> bool:
        schema = self._document.schema
        wanted = schema.type_map[name]
        return name == type_.name or (
            is_abstract_type(wanted) and schema.is_sub_type(wanted, type_)
        )

    def _add(self, component: Component) -> None:
        if component.name in self.components:
            raise DocumentError(
                f"two different things would be called {component.name}: rename one"
            )
        self.components[component.name] = component


def _plain(annotation: Annotation) -> Annotation:
    return annotation.inner if isinstance(annotation, Nullable) else annotation


def _may_be_left_out(field: Any) -> bool:
    return not isinstance(field.type, GraphQLNonNull) or field.default_value is not Undefined


def _words(type_: GraphQLObjectType, wire: str) -> str | None:
    """Give what describes a field: its own words, or those of an interface."""
    for owner in (type_, *type_.interfaces):
        if wire in owner.fields and (words := owner.fields[wire].description):
            return str(words)
    return None


def _described(words: str | None, what: str) -> str:
    if not words:
        raise DocumentError(f"schema.graphql: {what} has no description")
    return " ".join(words.split())
