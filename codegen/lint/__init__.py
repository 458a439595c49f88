"""The rules a curated document keeps beyond OpenAPI, so that what is made of it reads well.

Whatever compiles may take the rules for granted. A rule is a function from a document to findings;
each finding names a place and a remedy.
"""

from __future__ import annotations

from collections.abc import Iterator

from codegen.document import Document
from codegen.lint import components, extensions, names, operations, properties, unions
from codegen.lint.finding import Finding, Rule

__all__ = ["RULES", "Finding", "Rule", "lint"]

FIRST: tuple[Rule, ...] = (
    extensions.references_lead_to_something,
    extensions.extensions_are_known,
    operations.path_items_hold_operations_only,
    operations.operations_say_how_they_work,
    operations.lists_have_the_name_they_say,
    names.modules_are_tags,
    unions.unions_have_tags,
    unions.parents_are_components,
    properties.properties_have_plain_types,
    properties.arguments_have_plain_types,
)
"""What the other rules take for granted: they are not asked before these pass."""

RULES: tuple[Rule, ...] = (
    *FIRST,
    operations.ids_are_resource_and_verb,
    operations.tags_are_described,
    operations.summaries_fit_a_line,
    operations.reads_and_replacements_are_idempotent,
    operations.scopes_are_alternatives,
    operations.usual_refusals_are_documented,
    operations.bodies_are_components_with_examples,
    operations.answers_are_components_with_examples,
    operations.results_lie_where_unwrap_says,
    operations.paging_can_be_followed,
    operations.path_parameters_match_the_path,
    names.arguments_have_names,
    names.components_have_names,
    names.properties_have_names,
    names.modules_form_no_circle,
    components.components_are_described,
    components.components_are_used,
    components.enumerations_are_open,
    components.objects_are_open,
    components.rows_are_flat,
    properties.properties_are_described,
    properties.defaults_are_sent_on_purpose,
    properties.answers_promise_only_what_always_comes,
)


def lint(document: Document) -> Iterator[Finding]:
    """Give everything that is wrong with a document."""
    found = [finding for rule in FIRST for finding in rule(document)]
    yield from found
    if not found:
        for rule in RULES[len(FIRST) :]:
            yield from rule(document)
