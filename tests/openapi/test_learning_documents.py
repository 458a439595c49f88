"""The curated documents of the learning path API: valid, complete, of a piece, and cheap enough."""

import json
import re
from pathlib import Path

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNonNull,
    InlineFragmentNode,
    OperationDefinitionNode,
    build_schema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
    parse,
    validate,
    validate_schema,
)

from aiobadges.sandbox.thought_industries.points import cost_of
from aiobadges.sandbox.thought_industries.service import ID_OF_FIELD
from aiobadges.thought_industries import arguments

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "openapi" / "thought_industries"
SDL = (FOLDER / "schema.graphql").read_text(encoding="utf-8")
SCHEMA = build_schema(SDL)
DOCUMENT = parse((FOLDER / "operations.graphql").read_text(encoding="utf-8"))
OPERATIONS = {
    node.name.value: node
    for node in DOCUMENT.definitions
    if isinstance(node, OperationDefinitionNode)
}
FRAGMENTS = {
    node.name.value: node
    for node in DOCUMENT.definitions
    if isinstance(node, FragmentDefinitionNode)
}
ROOT_FIELDS = {**SCHEMA.query_type.fields, **SCHEMA.mutation_type.fields}

PAGES = sorted((ROOT.parent / "shared" / "reference").glob("002_*.txt"))
needs_the_page = pytest.mark.skipif(not PAGES, reason="the vendor's page is not here")


def argument_of(node, directive, argument):
    for found in node.directives or ():
        if found.name.value == directive:
            return next((a.value.value for a in found.arguments if a.name.value == argument), None)
    return None


def root_of(operation):
    (root,) = operation.selection_set.selections
    return root


def id_of(operation):
    field = ROOT_FIELDS[root_of(operation).name.value]
    return argument_of(operation, "call", "id") or argument_of(field.ast_node, "call", "id")


def test_schema_is_valid():
    assert validate_schema(SCHEMA) == []


def test_operations_are_valid_and_use_every_fragment():
    assert validate(SCHEMA, DOCUMENT) == []


def test_sandbox_serves_the_curated_schema():
    from aiobadges.sandbox.thought_industries.language import SCHEMA as SERVED

    assert SERVED.read_text("utf-8") == SDL


def test_every_root_field_is_asked_for():
    assert {root_of(operation).name.value for operation in OPERATIONS.values()} == set(ROOT_FIELDS)
    assert (len(SCHEMA.query_type.fields), len(SCHEMA.mutation_type.fields)) == (6, 9)


def test_every_operation_has_an_id_of_its_own():
    ids = [id_of(operation) for operation in OPERATIONS.values()]

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", one) for one in ids)


def test_client_and_sandbox_call_operations_what_the_schema_calls_them():
    ids = {name: argument_of(field.ast_node, "call", "id") for name, field in ROOT_FIELDS.items()}

    assert ids == ID_OF_FIELD
    assert set(arguments._RULES) <= set(ids.values())


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_argument_is_passed_as_a_variable_of_its_name(name):
    root = root_of(OPERATIONS[name])

    passed = {argument.name.value: argument.value.name.value for argument in root.arguments}

    assert passed == {name: name for name in ROOT_FIELDS[root.name.value].args}


@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_is_cheap_enough(name):
    assert cost_of(OPERATIONS[name], FRAGMENTS, SCHEMA) <= 1000


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("LearningPathBySlug", 111),
        ("LearningPathSummaryBySlug", 31),
        ("CreateLearningPath", 20),
        ("Milestone", 41),
        ("CurrentUserLearningPathMilestoneCompletionsBySlug", 18),
        ("UserCourseProgress", 3 + 5),
        ("UserCourseCompletionProgress", 4 + 5),
        ("PagesCompletedByCourse", 10 + 3),
        ("UpdateUserCourseMeetingAttendance", 12 + 3),
        ("ArchiveUserCourse", 0),
    ],
)
def test_operation_costs_what_it_selects(name, points):
    assert cost_of(OPERATIONS[name], FRAGMENTS, SCHEMA) == points


def test_union_has_its_members_and_they_have_the_common_fields():
    members = SCHEMA.type_map["PageResource"].types

    assert len(members) == 22
    assert all(SCHEMA.type_map["PageEntity"] in member.interfaces for member in members)


def test_everything_a_person_reads_is_described():
    for type_ in SCHEMA.type_map.values():
        if type_.ast_node is None or type_.name in {"Query", "Mutation"}:
            continue
        assert type_.description, type_.name
        if type_ in SCHEMA.type_map["PageResource"].types:
            continue  # its interface describes the fields
        for name, field in getattr(type_, "fields", {}).items():
            assert field.description, f"{type_.name}.{name}"
    for name, field in ROOT_FIELDS.items():
        assert field.description, name
        assert all(argument.description for argument in field.args.values()), name


def test_other_form_of_milestone_input_is_one_switch_away():
    before, ours, theirs, after = re.split(r"# form: \w+\n", SDL)
    commented = "".join(f"# {line}".rstrip() + "\n" for line in ours.splitlines())
    switched = build_schema(before + commented + re.sub(r"(?m)^# ?", "", theirs) + after)

    fields = switched.type_map["MilestoneInput"].fields

    assert list(fields) == ["name", "kind", "requirement", "courseIds"]
    assert validate(switched, DOCUMENT) == []


# What the vendor's page says


def page_text():
    return PAGES[0].read_text(encoding="utf-8")


def sections():
    """Cut the page into what it says of each operation."""
    pattern = rf"({'|'.join(sorted(ROOT_FIELDS, key=len, reverse=True))})(\d) pts?"
    found = list(re.finditer(pattern, page_text()))
    ends = [one.start() for one in found[1:]] + [len(page_text())]
    return {
        one[1]: (int(one[2]), page_text()[one.end() : end])
        for one, end in zip(found, ends, strict=True)
    }


def rows(section, after):
    """Read the table that follows a line."""
    table = re.search(rf"(?m)^{after}\n((?:\|.*\n)+)", section)
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table[1].splitlines()[2:]
    ]


@needs_the_page
def test_every_operation_of_the_page_is_there_with_its_surcharge():
    said = {
        name: argument_of(field.ast_node, "surcharge", "points")
        for name, field in ROOT_FIELDS.items()
    }

    assert {
        name: str(points) if points > 1 else None for name, (points, _) in sections().items()
    } == said


@needs_the_page
@pytest.mark.parametrize("name", ROOT_FIELDS)
def test_every_argument_of_the_page_is_there_with_its_type(name):
    documented = {row[0]: row[1] for row in rows(sections()[name][1], "Arguments")}

    assert documented == {key: str(a.type) for key, a in ROOT_FIELDS[name].args.items()}


@needs_the_page
@pytest.mark.parametrize("name", ROOT_FIELDS)
def test_every_field_of_the_page_is_there_with_its_type(name):
    result = get_named_type(ROOT_FIELDS[name].type)
    for row in rows(sections()[name][1], "Returns"):
        if row[0] in {name, "Boolean!"}:
            assert str(ROOT_FIELDS[name].type) == row[1]
        elif row[0] == "String":  # the row whose name is lost
            assert str(result.fields["email"].type) == "String"
        else:
            assert str(result.fields[row[0]].type) == row[1], row[0]


@needs_the_page
@pytest.mark.parametrize("name", ROOT_FIELDS)
def test_example_of_the_page_is_a_valid_document(name):
    example = re.search(
        r"(?s)\nExample\n(.*?)(?:\n# Variables|Example Response)", sections()[name][1]
    )
    document = re.sub(r'(?m)"clt_9876543210"', '"clt"', example[1])

    assert validate(SCHEMA, parse(document)) == []


def sample(name):
    text = sections()[name][1].partition("Example Response\n")[2]
    body, _ = json.JSONDecoder().raw_decode(text)
    return body["data"]


def fits(value, type_, selections, path):
    """Hold a sample against a selection: what is not null must be there, and be of its type."""
    if is_non_null_type(type_):
        assert value is not None, path
        type_ = type_.of_type
    if value is None:
        return
    if is_list_type(type_):
        for number, item in enumerate(value):
            fits(item, type_.of_type, selections, f"{path}[{number}]")
        return
    if not is_composite_type(type_):
        return
    if is_abstract_type(type_):
        type_ = SCHEMA.type_map[value["__typename"]]
    for field in flat(selections, type_):
        if (key := field.name.value) == "__typename":
            continue
        inner = type_.fields[key].type
        if isinstance(inner, GraphQLNonNull):
            assert key in value, f"{path}.{key}"
        nested = field.selection_set.selections if field.selection_set else ()
        fits(value.get(key), inner, nested, f"{path}.{key}")


def flat(selections, type_):
    for node in selections:
        match node:
            case FieldNode():
                yield node
            case FragmentSpreadNode():
                yield from flat(FRAGMENTS[node.name.value].selection_set.selections, type_)
            case InlineFragmentNode():
                condition = SCHEMA.type_map[node.type_condition.name.value]
                if condition is type_ or (
                    is_abstract_type(condition) and SCHEMA.is_sub_type(condition, type_)
                ):
                    yield from flat(node.selection_set.selections, type_)


@needs_the_page
@pytest.mark.parametrize("name", ROOT_FIELDS)
def test_sample_response_of_the_page_fits_what_is_selected(name):
    fitting = [
        operation
        for operation in OPERATIONS.values()
        if root_of(operation).name.value == name and "Summary" in operation.name.value
    ] or [OPERATIONS[name]]
    data = sample(name)

    root = root_of(fitting[0])
    selections = root.selection_set.selections if root.selection_set else ()

    assert list(data) == [name]
    fits(data[name], ROOT_FIELDS[name].type, selections, name)
