"""What holds for all inputs: timestamps, pages, the journal."""

import string
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import paging
from aiobadges.sandbox.parchment.records import Assertion
from aiobadges.sandbox.store import Index, Store

zones = st.integers(-23 * 60, 23 * 60).map(lambda m: timezone(timedelta(minutes=m)))
instants = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=zones)  # noqa: DTZ001


@given(instants)
def test_timestamp_is_read_back_when_written(instant):
    cut = instant.replace(microsecond=instant.microsecond // 1000 * 1000)

    assert moments.parse(moments.stamp(instant)) == cut
    assert moments.parse(instant.isoformat()) == instant


@given(instants, instants)
def test_timestamps_compare_as_texts_when_the_moments_differ(one, other):
    if moments.parse(moments.stamp(one)) < moments.parse(moments.stamp(other)):
        assert moments.stamp(one) < moments.stamp(other)


@given(st.text())
def test_text_is_a_moment_in_utc_or_none_when_read(text):
    moment = moments.parse(text)

    assert moment is None or moment.tzinfo is UTC


def an_assertion(serial, *, revoked=False):
    return Assertion(
        entity_id=f"e{serial}",
        id=f"i{serial}",
        created_at="2025-01-01T00:00:00.000Z",
        serial=serial,
        badgeclass="badge",
        issuer="issuer",
        created_by="user",
        recipient=f"p{serial}@example.edu",
        recipient_type="email",
        salt=None,
        issued_on="2025-01-01T00:00:00.000Z",
        revoked=revoked,
    )


def page(rows, **query):
    keys = list(rows)
    incoming = SimpleNamespace(query=MultiDict(query))
    return paging.cut(keys, rows, lambda a: not a.revoked, incoming, ("after", "before"))


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 12))
def test_walks_meet_every_wanted_one_once_when_going_there_and_back(revoked, num):
    rows = {f"e{n}": an_assertion(n, revoked=gone) for n, gone in enumerate(revoked, 1)}
    wanted = [award for award in rows.values() if not award.revoked][::-1]

    there = [page(rows, num=str(num))]
    while there[-1].after:
        there.append(page(rows, num=str(num), after=there[-1].after))
    back = [there[-1]]
    while back[-1].before:
        back.append(page(rows, num=str(num), before=back[-1].before))

    assert [award for p in there for award in p.awards] == wanted
    assert [award for p in back[::-1] for award in p.awards] == wanted
    assert there[0].before is None


@given(
    st.lists(
        st.tuples(st.sampled_from("pr"), st.integers(1, 5), st.sampled_from(string.ascii_letters)),
        max_size=30,
    )
)
def test_records_are_the_same_when_the_file_is_opened_again(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("journal") / "state.jsonl"
    tables = []
    for round_ in range(2):
        store = Store()
        by_reason: Index[Assertion] = Index(lambda award: award.recipient)
        table = store.table(Assertion, by_reason)
        store.open(path)
        if round_ == 0:
            for action, serial, reason in steps:
                present = table.get(f"e{serial}")
                if action == "p":
                    record = an_assertion(serial)
                    changes = {"revocation_reason": reason}
                    table.put(type(record)(**{**_fields(record), **changes}))
                elif present is not None:
                    table.remove(present)
        tables.append(dict(table.rows))
        store.close()

    assert tables[0] == tables[1]
    assert list(tables[0]) == list(tables[1])


def _fields(record):
    return {name: getattr(record, name) for name in record.__struct_fields__}
