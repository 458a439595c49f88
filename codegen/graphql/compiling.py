"""From the documents to the `Api` that everything generated is written from."""

from __future__ import annotations

from codegen.api import Api, Resource
from codegen.document import DocumentError
from codegen.graphql.operations import read_operation, root_of
from codegen.graphql.selections import Classes
from codegen.graphql.source import GraphqlDocument, fail
from codegen.names import pascal_case

__all__ = ["read_graphql_api"]


def read_graphql_api(document: GraphqlDocument) -> Api:
    """Compile the documents.

    Raises:
        DocumentError: an operation makes no method, or what it needs makes no class.
    """
    order = list(document.resources)
    roots = [root_of(node, document) for node in document.operations]
    seen: set[str] = set()
    for root in roots:
        if root.resource not in order:
            raise fail(root.node, f"the schema has no @resource {root.resource!r}")
        if root.id in seen:
            raise fail(root.node, f"there are two operations {root.id}")
        seen.add(root.id)
    classes = Classes(document)
    # In the order of resources: what two of them need stands in the module of the first.
    operations = sorted(
        (
            read_operation(root, document, classes)
            for root in sorted(roots, key=lambda one: order.index(one.resource))
        ),
        key=lambda one: one.id,
    )
    resources = tuple(
        Resource(
            path=(name,),
            class_name=pascal_case(name),
            description=description,
            operations=tuple(one for one in operations if one.resource == (name,)),
            children=(),
        )
        for name, description in sorted(document.resources.items())
    )
    for resource in resources:
        if not resource.operations:
            raise DocumentError(f"the resource {resource.name} has no operation")
    return Api(components=classes.components, operations=tuple(operations), resources=resources)
