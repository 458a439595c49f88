"""Every order of awards, revocations, faults, crashes, pauses and clocks against a model server.

The ledger is the real one (in memory), and so are the decisions: the table, the verdicts, the
leases, the matching. Only the clock, the server and the way between them are models. A worker does
one step at a time, and anything may happen between two steps.
"""

from __future__ import annotations

import contextlib
import itertools
from datetime import UTC, datetime, timedelta

import attrs
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from aiobadges.awards.fingerprint import Precision, award_key, fingerprint
from aiobadges.awards.lease import FirstSeen, Lease, LeaseEndedError, Pacing, due_in, is_overdue
from aiobadges.awards.ledger.changes import Change, change_effects, claim_effects
from aiobadges.awards.ledger.effects import (
    Effect,
    add_effects,
    count_states,
    effects_in,
)
from aiobadges.awards.ledger.engine import ledger_url, open_engine
from aiobadges.awards.ledger.schema import run as run_table
from aiobadges.awards.matching import what_is_listed
from aiobadges.awards.sightings import Sighting
from aiobadges.awards.states import (
    OPEN,
    UNIQUE,
    Abandoned,
    Awarded,
    Claimed,
    FoundStale,
    Kind,
    ListedNone,
    PatienceEnded,
    RevocationRefused,
    Revoked,
    Standing,
    State,
    UndoAsked,
    may_be_sent_again,
)
from aiobadges.awards.verdict import verdict_of
from aiobadges.errors import (
    AlreadyHeldError,
    BadRequestError,
    ConnectError,
    OutcomeUnknownError,
    RateLimitedError,
    UnauthorizedError,
)
from aiobadges.transport.clock import Clock

PACING = Pacing(lease=10, settle=60, timeout=30, patience=10_000)
START = datetime(2026, 6, 1, tzinfo=UTC)
PEOPLE = ["ana@example.edu", "Bo@example.edu", "cy@example.edu"]
BADGE = "badge"
FAULTS = {
    "not sent": ConnectError("no connection"),
    "turned away": RateLimitedError("slow down"),
    "unauthorized": UnauthorizedError("who"),
    "refused": BadRequestError("no such address"),
    "lost before": OutcomeUnknownError("reset"),
    "lost after": OutcomeUnknownError("no answer"),
    "done late": OutcomeUnknownError("no answer"),
}


class World(Clock):
    """Time as it is: it passes, machines sleep through it, and wall clocks are set."""

    def __init__(self):
        self.seconds, self.slept, self.set_by = 1000.0, 0.0, 0.0

    def monotonic(self):
        return self.seconds - self.slept

    def boot(self):
        return self.monotonic()  # the machines here have none: the hardest case

    def now(self):
        return START + timedelta(seconds=self.seconds + self.set_by)


@attrs.define
class Assertion:
    id: str
    recipient: str
    issued_on: datetime
    by_us: bool
    revoked: bool = False


class Server:
    """Awards, and work that is done later although nobody waits for it any more."""

    def __init__(self):
        self.assertions: list[Assertion] = []
        self.late: list[tuple[float, str, datetime]] = []
        self.is_refusing = set()
        self.heeds_the_flag = True
        self._ids = itertools.count(1)

    def award(self, recipient, issued_on, *, by_us=True):
        is_held = self.heeds_the_flag or not by_us
        if is_held and any(a.recipient == recipient and not a.revoked for a in self.assertions):
            raise AlreadyHeldError("a previous award exists")
        made = Assertion(f"a{next(self._ids)}", recipient, issued_on, by_us)
        self.assertions.append(made)
        return made

    def catch_up(self, now):
        for due, recipient, issued_on in [one for one in self.late if one[0] <= now]:
            self.late.remove((due, recipient, issued_on))
            with contextlib.suppress(AlreadyHeldError):
                self.award(recipient, issued_on)

    def list(self, recipient):
        return [
            Sighting(
                assertion_id=a.id,
                identity=a.recipient,
                issued_on=a.issued_on,
                is_revoked=a.revoked,
            )
            for a in self.assertions
            if a.recipient == recipient
        ]


@attrs.define
class Worker:
    """One process: what it holds is lost when it dies."""

    seen: FirstSeen
    claimed: tuple[Effect, Lease] | None = None
    answer: tuple[Effect, object] | None = None
    listed: tuple[Effect, object] | None = None

    @property
    def is_idle(self):
        return self.claimed is None and self.answer is None and self.listed is None


class Awarding(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.world, self.server = World(), Server()
        self.engine = open_engine(ledger_url("sqlite://"))
        self.workers = [Worker(FirstSeen(self.world)) for _ in range(2)]

    def teardown(self):
        self.engine.dispose()

    def db(self, work, *args, **options):
        with self.engine.begin() as connection:
            return work(connection, *args, **options)

    def effects(self, *states):
        return self.db(effects_in, "RUN1", states or None)

    def change(self, effect, event):
        return self.db(change_effects, [Change(effect=effect, event=event)])[0]

    @initialize(reissue=st.booleans(), heeds_the_flag=st.booleans())
    def plan(self, reissue, heeds_the_flag):
        values = attrs.asdict(PACING) | {"id": "RUN1", "is_service": False, "state": "planned"}
        self.db(lambda c: c.execute(sa.insert(run_table).values(**values)))
        effects = []
        for number, person in enumerate(PEOPLE, 2):
            key = award_key("sandbox", BADGE, "email", person)
            issued_on = fingerprint(key, None, server_now=START)
            standing, replaces = Standing(), ""
            if reissue and number == 2:
                old = self.server.award(person, START - timedelta(days=300))
                standing = Standing(kind=Kind.REISSUE, state=State.REVOKING)
                replaces = old.id
            self.server.heeds_the_flag = heeds_the_flag
            effects.append(
                Effect(run="RUN1", number=number, key=key, badge=BADGE, recipient=person,
                       issued_on=issued_on, standing=standing, replaces=replaces,
                       earlier=(replaces,) if replaces else ())
            )  # fmt: skip
        assert not self.db(add_effects, effects)

    # What a worker does, step by step

    @rule(who=st.sampled_from([0, 1]))
    def claims(self, who):
        worker = self.workers[who]
        if worker.is_idle:
            lease = Lease(self.world, PACING.lease)
            for effect in self.db(claim_effects, "RUN1", 1, at=""):
                worker.claimed = effect, lease

    @rule(
        who=st.sampled_from([0, 1]),
        fault=st.sampled_from(["none", *FAULTS]),
        late=st.floats(0, PACING.settle - 1),
    )
    def sends(self, who, fault, late):
        worker = self.workers[who]
        if worker.claimed is None:
            return
        (effect, lease), worker.claimed = worker.claimed, None
        try:
            lease.check()
            worker.answer = effect, self.exchange(effect, fault, late)
        except LeaseEndedError as error:
            worker.answer = effect, verdict_of(error).event

    def exchange(self, effect, fault, late):
        if effect.recipient in self.server.is_refusing:
            return verdict_of(BadRequestError("no such address")).event
        if fault == "done late":
            work = (self.world.seconds + late, effect.recipient, effect.issued_on)
            self.server.late.append(work)
        elif fault in {"none", "lost after"}:
            try:
                made = self.server.award(effect.recipient, effect.issued_on)
            except AlreadyHeldError as error:
                if fault == "none":
                    return verdict_of(error).event
            else:
                if fault == "none":
                    return Awarded(assertion_id=made.id)
        return verdict_of(FAULTS[fault]).event

    @rule(who=st.sampled_from([0, 1]))
    def writes_the_result(self, who):
        worker = self.workers[who]
        if worker.answer is not None:
            (effect, event), worker.answer = worker.answer, None
            new = self.change(effect, event)
            if new is not None:
                worker.seen.seconds(new)
            elif isinstance(event, Awarded):  # it was given up meanwhile; the answer is the truth
                for now in self.effects(State.UNKNOWN):
                    if (now.id, now.standing.attempt) == effect.moment[:2]:
                        self.change(now, event)

    @rule(who=st.sampled_from([0, 1]))
    def finds_stale(self, who):
        worker = self.workers[who]
        for effect in self.effects(State.SENDING):
            is_its_own = worker.claimed is not None and worker.claimed[0].id == effect.id
            if not is_its_own and due_in(effect, worker.seen, PACING) <= 0:
                self.change(effect, FoundStale())

    @rule(who=st.sampled_from([0, 1]), which=st.integers(0, 2))
    def lists(self, who, which):
        worker = self.workers[who]
        unknown = self.effects(State.UNKNOWN)
        if not worker.is_idle or not unknown:
            return
        effect = unknown[which % len(unknown)]
        if due_in(effect, worker.seen, PACING) <= 0:
            sightings = self.server.list(effect.recipient)
            worker.listed = (
                effect,
                what_is_listed(
                    effect, sightings, precision=Precision.MILLISECONDS, now=self.world.now()
                ),
            )

    @rule(who=st.sampled_from([0, 1]))
    def writes_what_was_listed(self, who):
        worker = self.workers[who]
        if worker.listed is None:
            return
        (effect, event), worker.listed = worker.listed, None
        if is_overdue(effect, worker.seen, PACING):
            event = PatienceEnded()
        lease = Lease(self.world, PACING.lease)  # from before the intent is written
        new = self.change(effect, event)
        if new is not None:
            worker.seen.seconds(new)
        if new is not None and may_be_sent_again(new.standing):
            worker.listed = new, Claimed()
        elif new is not None and isinstance(event, Claimed):
            worker.claimed = new, lease

    @rule(
        who=st.sampled_from([0, 1]),
        steps=st.integers(1, 8),
        fault=st.sampled_from(["none", "lost before", "lost after", "done late"]),
        late=st.floats(30, PACING.settle - 1),
        seconds=st.sampled_from([0.1, 11]),
    )
    def works_on(self, who, steps, fault, late, seconds):
        """Do whatever comes next, several times: the deep orders are reached by this."""
        worker = self.workers[who]
        for _ in range(steps):
            if worker.claimed is not None:
                self.sends(who, fault, late)
            elif worker.answer is not None:
                self.writes_the_result(who)
            elif worker.listed is not None:
                self.writes_what_was_listed(who)
            else:
                self.finds_stale(who)
                for which in range(3):
                    self.lists(who, which)
                if worker.listed is None:
                    self.claims(who)
            self.time_passes(seconds)

    @rule(which=st.integers(0, 2))
    def undo_is_asked(self, which):
        awarded = self.effects(State.AWARDED)
        if awarded:
            self.change(awarded[which % len(awarded)], UndoAsked())

    @rule(which=st.integers(0, 2))
    def is_abandoned(self, which):
        given_up = [
            one
            for one in self.effects(State.PLANNED, State.UNKNOWN)
            if one.state is State.PLANNED or may_be_sent_again(one.standing)
        ]
        if given_up:
            self.change(given_up[which % len(given_up)], Abandoned(error_code="Abandoned"))

    @rule(which=st.integers(0, 2), fault=st.sampled_from(["none", "lost after", "refused", "late"]))
    def revokes(self, which, fault):
        revoking = self.effects(State.REVOKING)
        if not revoking:
            return
        effect = revoking[which % len(revoking)]
        wanted = effect.assertion_id or effect.replaces
        if fault == "refused":
            self.change(effect, RevocationRefused(error_code="Refused"))
            return
        for assertion in self.server.assertions:
            if assertion.id == wanted:
                assertion.revoked = True
        if fault == "none":
            self.change(effect, Revoked())

    # What happens to it

    @rule(who=st.sampled_from([0, 1]))
    def dies(self, who):
        self.workers[who] = Worker(FirstSeen(self.world))

    @rule(seconds=st.sampled_from([0.5, 1, 3, 11, 29, 61, 200]))
    def time_passes(self, seconds):
        self.world.seconds += seconds
        self.server.catch_up(self.world.seconds)

    @rule(seconds=st.sampled_from([9, 100, 5000]))
    def the_laptop_sleeps(self, seconds):
        self.world.seconds += seconds
        self.world.slept += seconds
        self.server.catch_up(self.world.seconds)

    @rule(hours=st.sampled_from([-1, 1]))
    def the_wall_clock_is_set(self, hours):
        self.world.set_by += hours * 3600

    @precondition(lambda self: self.server.heeds_the_flag)  # else we may double theirs: see states
    @rule(person=st.sampled_from(PEOPLE))
    def somebody_else_awards(self, person):
        with contextlib.suppress(AlreadyHeldError):
            self.server.award(person, START + timedelta(hours=1), by_us=False)

    @rule(person=st.sampled_from(PEOPLE))
    def the_server_begins_to_refuse(self, person):
        self.server.is_refusing.add(person)

    @rule(which=st.integers(0, 5))
    def somebody_revokes(self, which):
        if self.server.assertions:
            self.server.assertions[which % len(self.server.assertions)].revoked = True

    # What must hold, always

    @invariant()
    def at_most_one_live_award(self):
        for person in PEOPLE:
            live = [a for a in self.server.assertions if a.recipient == person and not a.revoked]
            assert len(live) <= 1

    @invariant()
    def nobody_is_written_to_twice_by_us(self):
        for person in PEOPLE:
            made = [a for a in self.server.assertions if a.recipient == person and a.by_us]
            is_reissued = made and made[0].issued_on < START - timedelta(days=1)
            assert len(made) <= 1 + bool(is_reissued)

    @invariant()
    def what_is_awarded_exists_and_is_ours(self):
        by_id = {a.id: a for a in self.server.assertions}
        for effect in self.effects(State.AWARDED, State.REVOKING):
            if effect.assertion_id:
                found = by_id[effect.assertion_id]
                assert found.by_us
                assert found.recipient == effect.recipient

    @invariant()
    def what_is_rejected_or_abandoned_was_not_made(self):
        for effect in self.effects(State.REJECTED, State.PLANNED, State.ABANDONED):
            ours = [a for a in self.server.assertions if a.issued_on == effect.issued_on
                    and a.recipient == effect.recipient and a.by_us]  # fmt: skip
            assert not ours
            assert not any(late[1] == effect.recipient for late in self.server.late)

    @invariant()
    def a_reissue_that_ends_leaves_a_badge_or_says_so(self):
        for effect in self.effects():
            if effect.standing.kind is Kind.REISSUE and effect.state is State.REJECTED:
                old = next(a for a in self.server.assertions if a.id == effect.replaces)
                # Revoked by hand, or by an attempt whose answer was lost before the refusal.
                assert effect.error_code or not old.revoked

    @invariant()
    def the_counts_add_up(self):
        if self.effects():
            assert sum(self.db(count_states, "RUN1").values()) == len(PEOPLE)

    @precondition(lambda self: len(self.effects()) == len(PEOPLE))
    @rule()
    def every_row_ends_once_faults_stop(self):
        for worker in self.workers:
            worker.claimed = worker.answer = worker.listed = None
        for _ in range(60):
            if not self.effects(*OPEN):
                break
            self.time_passes(50)
            self.claims(0)
            self.sends(0, "none", 0)
            self.writes_the_result(0)
            self.finds_stale(0)
            for which in range(3):
                self.lists(0, which)
                while self.workers[0].listed is not None:
                    self.writes_what_was_listed(0)
                self.sends(0, "none", 0)
                self.writes_the_result(0)
                self.revokes(which, "none")
        # The platform says "held" and lists nothing: only then patience is all that ends it.
        assert not self.effects(*OPEN)


TestAwarding = Awarding.TestCase
TestAwarding.settings = settings(
    max_examples=50,
    stateful_step_count=50,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_a_listing_that_slept_through_another_attempt_sends_nothing():
    """A lists and pauses, B claims and fails unclearly, A wakes."""
    machine = Awarding()
    machine.plan(reissue=False, heeds_the_flag=True)
    a, b = machine.workers
    machine.claims(0)
    machine.sends(0, "lost before", 0)
    machine.writes_the_result(0)
    (doubt,) = machine.effects(State.UNKNOWN)
    for worker in (a, b):
        worker.seen.seconds(doubt)
    machine.time_passes(61)
    machine.lists(0, 0)
    machine.writes_what_was_listed(0)  # none, once
    machine.lists(1, 0)
    b.listed = None
    machine.time_passes(11)
    machine.lists(0, 0)
    machine.writes_what_was_listed(0)  # none, twice: A is about to claim ...
    assert isinstance(a.listed[1], Claimed)
    (again,) = machine.effects(State.UNKNOWN)  # ... and sleeps; B claims the same and sends
    b.listed = again, Claimed()
    machine.writes_what_was_listed(1)
    machine.sends(1, "done late", 30)
    machine.writes_the_result(1)
    machine.writes_what_was_listed(0)  # A wakes
    assert a.claimed is None
    (after,) = machine.effects(State.UNKNOWN)
    assert after.standing.attempt == 2
    machine.every_row_ends_once_faults_stop()
    machine.at_most_one_live_award()
    assert len(machine.server.assertions) == len(PEOPLE)
    machine.teardown()


def test_two_who_claim_one_doubt_at_once_do_not_both_get_it():
    machine = Awarding()
    machine.plan(reissue=False, heeds_the_flag=True)
    machine.claims(0)
    machine.sends(0, "lost before", 0)
    machine.writes_the_result(0)
    (doubt,) = machine.effects(State.UNKNOWN)
    machine.time_passes(61)
    doubt = machine.change(machine.change(doubt, ListedNone()), ListedNone())
    both = [machine.change(doubt, Claimed()) for _ in range(2)]
    assert [one is not None for one in both] == [True, False]
    machine.teardown()


def test_open_and_unique_states_hold_a_key_once():
    machine = Awarding()
    machine.plan(reissue=False, heeds_the_flag=True)
    (first, *_) = machine.effects()
    again = attrs.evolve(first, id=0, number=99)
    assert machine.db(add_effects, [again]) == [again]
    assert first.state in UNIQUE
    machine.teardown()


@pytest.mark.parametrize("how", ["time_passes", "the_laptop_sleeps"])
def test_a_worker_that_wakes_when_others_have_finished_its_work_sends_nothing(how):
    machine = Awarding()
    machine.plan(reissue=False, heeds_the_flag=False)
    sleeper, other = machine.workers
    machine.claims(0)
    (sending,) = machine.effects(State.SENDING)
    other.seen.seconds(sending)
    getattr(machine, how)(9)
    machine.time_passes(200)
    machine.finds_stale(1)
    (doubt,) = machine.effects(State.UNKNOWN)
    other.seen.seconds(doubt)
    machine.time_passes(61)
    for _ in range(2):
        machine.lists(1, 0)
        machine.writes_what_was_listed(1)
        machine.time_passes(11)
    machine.writes_what_was_listed(1)  # B claims it
    other.claimed = (other.claimed[0], Lease(machine.world, PACING.lease))
    machine.sends(1, "none", 0)
    machine.writes_the_result(1)
    machine.sends(0, "none", 0)  # A wakes
    assert sleeper.answer[1].error_code == "LeaseEnded"
    machine.writes_the_result(0)
    assert len(machine.server.assertions) == 1
    assert [one.state for one in machine.effects()].count(State.AWARDED) == 1
    machine.teardown()


@pytest.mark.parametrize(
    ("monotonic", "boot", "wall", "holds"),
    [
        pytest.param(9, 9, 9, True, id="in time"),
        pytest.param(11, 11, 11, False, id="too late"),
        pytest.param(1, 11, 1, False, id="slept, by the clock since boot"),
        pytest.param(1, 1, 3600, False, id="slept, by the wall clock alone"),
        pytest.param(1, 1, -3600, True, id="the wall clock was set back"),
        pytest.param(11, 11, -3600, False, id="set back, and too late"),
    ],
)
def test_a_lease_ends_by_whichever_clock_says_so(monotonic, boot, wall, holds):
    class Clocks(World):
        times = (0.0, 0.0, 0.0)

        def monotonic(self):
            return self.times[0]

        def boot(self):
            return self.times[1]

        def now(self):
            return START + timedelta(seconds=self.times[2])

    clocks = Clocks()
    lease = Lease(clocks, 10)
    clocks.times = (monotonic, boot, wall)
    assert lease.holds is holds
