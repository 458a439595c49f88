"""Which header means what."""

import pytest

from aiobadges.awards.roster.columns import recognize

# Parchment's own names, then what other systems call them.
MEANINGS = [
    ("identifier", "Identifier"),
    ("identifier", "identifier"),
    ("identifier", "email"),
    ("identifier", "Email"),
    ("identifier", "e-mail"),
    ("identifier", "E-Mail Address"),
    ("identifier", "recipient_email"),
    ("identifier", "Recipient Email"),
    ("identifier_type", "identifier_type"),
    ("identifier_type", "Identifier Type"),
    ("badge", "badge"),
    ("badge", "Badge Class ID"),
    ("badge", "Badge Template ID"),
    ("badge", "badge_name"),
    ("first_name", "First Name"),
    ("first_name", "first_name"),
    ("last_name", "Last Name"),
    ("last_name", "last_name"),
    ("name", "Recipient name"),
    ("name", "Full Name"),
    ("narrative", "Narrative"),
    ("evidence_url", "Evidence URL"),
    ("evidence_url", "evidence"),
    ("evidence_narrative", "Evidence Narrative"),
    ("issued_on", "Issue Date"),
    ("issued_on", "issued_on"),
    ("issued_on", "Issued at"),
    ("expires", "Expiration Date"),
    ("expires", "expires"),
    ("external_id", "external_id"),
    ("external_id", "Issuer Earner ID"),
    ("evidence_url_2", "evidence_url_2"),
    ("evidence_url_3", "Evidence URL 3"),
    ("evidence_narrative_2", "Evidence  Narrative 2"),
    ("evidence_url", "evidence_url_1"),
]


@pytest.mark.parametrize(("field", "header"), MEANINGS, ids=[header for _, header in MEANINGS])
def test_column_is_recognized_when_it_is_called(field, header):
    columns, _ = recognize([header])

    assert columns.headers == {field: header}
    assert columns.unused == []


@pytest.mark.parametrize("header", ["first_name_2", "narrative 2", "emails", "grade", "ext.hours"])
def test_column_is_unused_when_it_means_nothing_here(header):
    columns, problems = recognize(["email", header])

    assert columns.unused == [header]
    assert problems == []


def test_header_names_what_was_found_when_there_is_no_identifier():
    _, [problem] = recognize(["student", "grade"])

    assert str(problem) == (
        "row 1: there is no identifier column; name one 'identifier' or 'email'"
        " (found: 'student', 'grade')"
    )


def test_header_says_nothing_was_found_when_its_cells_are_empty():
    _, [problem] = recognize(["", ""])

    assert "(found: nothing)" in problem.message


def test_both_columns_are_named_when_two_mean_the_same():
    _, [problem] = recognize(["email", "Identifier"])

    assert str(problem) == (
        "row 1, column 'Identifier': means the same as 'email'; remove one of them"
    )


def test_column_is_refused_when_its_name_stands_twice():
    _, problems = recognize(["email", "grade", "grade"])

    assert [str(problem) for problem in problems] == [
        "row 1, column 'grade': stands twice in the header"
    ]


@pytest.mark.parametrize("header", ["notify", "Notify", "send_email"])
def test_column_is_refused_with_the_reason_when_it_would_switch_mails(header):
    _, [problem] = recognize(["email", header])

    assert problem.row == 1
    assert problem.column == header
    assert problem.message == (
        "remove this column: the API cannot switch the platform's e-mails on or off,"
        " so every award may write to its recipient"
    )


@pytest.mark.parametrize("other", ["first_name", "last_name"])
def test_full_name_is_refused_when_there_are_parts_of_it(other):
    _, [problem] = recognize(["email", other, "name"])

    assert problem.column == "name"
    assert "remove one of the two" in problem.message


def test_all_problems_are_named_when_a_header_has_several():
    _, problems = recognize(["grade", "grade", "notify", "name", "first_name"])

    assert [(problem.row, problem.column) for problem in problems] == [
        (1, "grade"),
        (1, ""),
        (1, "notify"),
        (1, "name"),
    ]


def test_evidence_numbers_are_sorted_as_numbers_when_there_are_many():
    columns, _ = recognize(["email", "evidence_url_10", "evidence_narrative_2", "evidence_url"])

    assert columns.evidence_numbers() == ["", "_2", "_10"]
