from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.experience.decide.models import candidate
from shared.experience.decide.rules import LATEST, MAX_MESSAGES, SOONEST, Situation, decide
from shared.kernel.clock import to_millis
from shared.messaging.campaigns.content import Content, Step
from shared.messaging.campaigns.models import (
    MODAL_LIKE,
    ON_PAGE,
    Channel,
    Metadata,
    Scheduling,
)
from shared.messaging.experiments.models import Experiment, Namespace, Rollout, Variant
from shared.messaging.targeting.facts import Facts
from shared.people.profiles.models import (
    Attendance,
    Attended,
    CampaignMemory,
    Profile,
    ReleaseState,
    Reservation,
    Shown,
    Visits,
)
from shared.people.profiles.pressure import Pressure
from tests.factories.messaging import NOW, campaign

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
VISITOR = Profile("v_0", "ip")
AGES = {"event": 90 * DAY - 1.5 * HOUR, "last_event": 7 * HOUR, "visit": 7 * DAY - 2.5 * HOUR}
STEPS = Content(title="Welcome", body="Step by step.", steps=[Step(title="One", body="First.")])


def asked(*campaigns, profile=VISITOR, now=NOW, channels=ON_PAGE, modals=1, interruptions=4, **request):
    """What a decision comes to."""
    situation = Situation(
        facts=Facts(profile, now, **request),
        pressure=Pressure(profile, now, modals_per_day=modals, interruptions_per_week=interruptions),
        hold_for=timedelta(minutes=10),
        channels=frozenset(channels),
    )
    return decide(situation, sorted(map(candidate, campaigns), key=lambda each: each.order))


def codes(decision):
    return {verdict.candidate.campaign.id: verdict.code for verdict in decision.verdicts}


def code(one, **more):
    return codes(asked(one, **more))[one.id]


def shown(decision):
    return [(verdict.candidate.campaign.id, str(verdict.channel)) for verdict in decision.shown]


def remembered(**memory):
    return replace(VISITOR, campaigns={"c_test": CampaignMemory(**memory)})


class TestReasons:
    """Each check has a stable code of its own."""

    @pytest.mark.parametrize("status", ["draft", "paused", "archived"])
    def test_not_active(self, status):
        assert code(campaign(status=status)) == "not_active"

    def test_window(self):
        window = campaign(scheduling=Scheduling(start_at=NOW, end_at=NOW + DAY))

        assert code(window, now=NOW - HOUR) == "not_started"
        assert code(window, now=NOW) == "shown"
        assert code(window, now=NOW + DAY) == "ended"

    def test_messages_between_people_are_not_for_pages(self):
        assert code(campaign(type="user_to_user")) == "not_for_pages"

    def test_broadcasts_reach_only_those_who_follow_the_organizer(self):
        broadcast = campaign(type="organizer_broadcast", organizer_id="org_1")

        assert code(broadcast) == "not_following"
        assert (
            code(broadcast, profile=replace(VISITOR, favorites=("org_2",), marketing_opt_in=True))
            == "not_following"
        )
        assert code(broadcast, profile=replace(VISITOR, favorites=("org_1",))) == "shown"

    def test_paid_campaigns_reach_only_those_with_the_marketing_opt_in(self):
        targeted = campaign(type="organizer_targeted", organizer_id="org_1")

        assert code(targeted, profile=replace(VISITOR, favorites=("org_1",))) == "no_marketing_consent"
        assert code(targeted, profile=replace(VISITOR, marketing_opt_in=True)) == "shown"

    def test_audience(self):
        regulars = campaign(audience={"attribute": "visits.total", "op": "gte", "value": 3})

        assert code(regulars) == "audience"

    def test_role_and_tier_are_requirements_beside_the_audience(self):
        helper = campaign(metadata=Metadata(role_requirement="organizer", paid_tier_requirement="silver"))
        organizer = Profile("u", "user", roles=("organizer",), tier="silver")

        assert code(helper, profile=replace(organizer, roles=())) == "audience"
        assert code(helper, profile=replace(organizer, tier="bronze")) == "audience"
        assert code(helper, profile=organizer) == "shown"
        assert code(helper, profile=replace(organizer, tier="gold")) == "shown"

    def test_an_acknowledged_release_needs_no_further_notice(self):
        notice = campaign(type="upgrade", metadata=Metadata(release_id="r2"))
        knows = replace(VISITOR, release_state=ReleaseState(acknowledged_releases=("r1", "r2")))

        assert code(notice, profile=knows) == "release_acknowledged"
        assert code(notice, profile=replace(VISITOR, release_state=ReleaseState("r2", ("r1",)))) == "shown"

    def test_answered(self):
        assert (
            code(campaign(), profile=remembered(occurrences=1, shown=1, acknowledged=True)) == "acknowledged"
        )
        assert code(campaign(), profile=remembered(occurrences=1, shown=1, dismissed=True)) == "dismissed"

    def test_reset_caps_show_an_answered_campaign_again(self):
        profile = remembered(occurrences=1, shown=1, acknowledged=True)

        assert code(campaign(caps_version=2), profile=profile) == "shown"

    def test_places(self):
        """Codes of the rollout, the namespace and the coverage; who is let in follows from the person's bucket id."""
        pair = [Variant(key="a"), Variant(key="b")]
        nobody = Experiment(key="greeting", variants=pair, coverage=0)
        elsewhere = Experiment(key="greeting", variants=pair, namespace=Namespace(id="n", start=0, end=0.001))

        assert code(campaign(rollout=Rollout(share=0))) == "outside_rollout"
        assert code(campaign(experiment=nobody)) == "outside_coverage"
        assert code(campaign(experiment=elsewhere)) == "outside_namespace"
        assert (
            code(campaign(rollout=Rollout(share=1), experiment=Experiment(key="greeting", variants=pair)))
            == "shown"
        )

    def test_a_place_is_asked_for_last(self):
        split = campaign(
            rollout=Rollout(share=0), audience={"attribute": "visits.total", "op": "gte", "value": 3}
        )

        assert code(split) == "audience"
        assert (
            code(split.model_copy(update={"audience": None}), profile=remembered(shown=1, dismissed=True))
            == "dismissed"
        )
        assert (
            code(split.model_copy(update={"audience": None}), channels=[Channel.MODAL]) == "outside_rollout"
        )

    def test_a_half_rollout_lets_half_the_people_in(self):
        half = campaign(rollout=Rollout(share=0.5))
        people = [replace(VISITOR, bucket_id=f"person-{number}") for number in range(400)]

        assert 160 < sum(code(half, profile=each) == "shown" for each in people) < 240

    def test_cooldown(self):
        cooling = campaign(scheduling=Scheduling(cooldown_hours=24))
        profile = remembered(occurrences=1, shown=1, last_at=NOW)

        assert code(cooling, profile=profile, now=NOW + DAY - HOUR) == "cooldown"
        assert code(cooling, profile=profile, now=NOW + DAY) == "shown"

    def test_max_deliveries(self):
        twice = campaign(scheduling=Scheduling(max_deliveries_per_user=2))

        assert code(twice, profile=remembered(occurrences=5, shown=1)) == "shown"
        assert code(twice, profile=remembered(occurrences=5, shown=2)) == "max_deliveries"

    def test_reserved(self):
        held = {"d": Reservation("c_test", "banner", NOW + HOUR, "dec")}

        assert code(campaign(), profile=replace(VISITOR, reservations=held)) == "reserved"

    def test_budgets(self):
        modal = campaign(delivery_channels=[Channel.MODAL])
        busy = replace(VISITOR, shown=(Shown("modal", NOW - HOUR),) * 1)
        busier = replace(VISITOR, shown=(Shown("toast", NOW - HOUR),) * 4)

        assert code(modal, profile=busy) == "modal_budget"
        assert code(campaign(), profile=busier) == "weekly_budget"

    def test_no_channel(self):
        assert code(campaign(delivery_channels=[Channel.INBOX])) == "no_channel"
        assert code(campaign(), channels=[Channel.TOAST]) == "no_channel"


class TestCritical:
    """Critical notices of the site itself pass the pressure budget, and count in it."""

    CRITICAL = Content(title="Down at nine", body="For an hour.", severity="critical")

    def test_a_critical_notice_is_shown_to_whoever_has_seen_enough(self):
        notice = campaign(content=self.CRITICAL, delivery_channels=[Channel.MODAL])
        busy = replace(VISITOR, shown=(Shown("modal", NOW - HOUR),) * 4)

        assert code(notice, profile=busy) == "shown"

    def test_it_takes_the_budget_from_the_others(self):
        notice = campaign(id="c_a", content=self.CRITICAL, delivery_channels=[Channel.TOAST], priority=900)
        other = campaign(id="c_b")

        assert codes(asked(notice, other, interruptions=1)) == {"c_a": "shown", "c_b": "weekly_budget"}

    def test_an_organizers_campaign_never_passes(self):
        loud = campaign(type="organizer_targeted", organizer_id="o", content=self.CRITICAL)
        busy = replace(VISITOR, marketing_opt_in=True, shown=(Shown("toast", NOW),) * 4)

        assert code(loud, profile=busy) == "weekly_budget"


class TestChoice:
    def test_priority_then_later_start_then_smaller_id(self):
        start = NOW - DAY
        ones = [
            campaign(id="c_low", priority=1),
            campaign(id="c_old", priority=5),
            campaign(id="c_new", priority=5, scheduling=Scheduling(start_at=start)),
            campaign(id="c_newer", priority=5, scheduling=Scheduling(start_at=start + HOUR)),
            campaign(id="c_older", priority=5),
        ]
        order = [verdict.candidate.campaign.id for verdict in asked(*ones).verdicts]

        assert order == ["c_newer", "c_new", "c_old", "c_older", "c_low"]

    def test_one_message_per_channel(self):
        decision = asked(campaign(id="c_a"), campaign(id="c_b"))

        assert codes(decision) == {"c_a": "shown", "c_b": "slot_taken"}

    def test_a_helper_is_a_modal(self):
        helper = campaign(id="c_a", delivery_channels=[Channel.HELPER], content=STEPS)
        modal = campaign(id="c_b", delivery_channels=[Channel.MODAL])

        assert codes(asked(helper, modal, modals=9)) == {"c_a": "shown", "c_b": "slot_taken"}

    def test_three_messages_at_most(self):
        ones = [
            campaign(id=f"c_{number}", delivery_channels=[channel])
            for number, channel in enumerate([Channel.MODAL, Channel.BANNER, Channel.TOAST, Channel.SNACKBAR])
        ]

        assert codes(asked(*ones, interruptions=9))["c_3"] == "enough"

    def test_the_next_channel_of_a_campaign_stands_in_for_one_that_is_not_free(self):
        either = campaign(delivery_channels=[Channel.INBOX, Channel.MODAL, Channel.BANNER])
        busy = replace(VISITOR, shown=(Shown("modal", NOW - HOUR),))

        assert shown(asked(either)) == [("c_test", "modal")]
        assert shown(asked(either, profile=busy)) == [("c_test", "banner")]
        assert shown(asked(either, channels=[Channel.BANNER])) == [("c_test", "banner")]


class TestNextCheck:
    def test_the_persons_next_day_when_nothing_changes_before(self):
        """At 20:00 UTC: conditions on days and hours are asked again when the day begins."""
        assert asked().next_check == 4 * HOUR
        assert asked(campaign(status="paused")).next_check == 4 * HOUR

    def test_the_start_of_a_campaign(self):
        later = campaign(scheduling=Scheduling(start_at=NOW + 2 * HOUR))

        assert asked(later, campaign(id="c_z", status="paused")).next_check == 2 * HOUR

    def test_the_end_of_a_cooldown(self):
        cooling = campaign(scheduling=Scheduling(cooldown_hours=3))

        assert asked(cooling, profile=remembered(occurrences=1, shown=1, last_at=NOW)).next_check == 3 * HOUR

    def test_the_end_of_what_is_reserved_now(self):
        assert asked(campaign()).next_check == timedelta(minutes=10)

    def test_never_sooner_than_half_a_minute(self):
        soon = campaign(scheduling=Scheduling(start_at=NOW + timedelta(seconds=1)))

        assert asked(soon).next_check == SOONEST

    @pytest.mark.parametrize(
        ("zone", "hours"),
        [(None, 4), ("Europe/Rome", 3), ("America/Argentina/Buenos_Aires", 7), ("Mars/Olympus", 4)],
    )
    def test_the_next_day_is_the_persons_own(self, zone, hours):
        """At 20:00 UTC."""
        dormant = campaign(audience={"attribute": "visits.daysSinceLast", "op": "gt", "value": 45})

        assert asked(dormant, timezone=zone).next_check == hours * HOUR

    @pytest.mark.parametrize(
        ("hours", "zone", "wait"),
        [
            ({"from": "21:00", "to": "23:00"}, "UTC", HOUR),  # they begin
            ({"from": "19:00", "to": "20:30"}, "UTC", HOUR / 2),  # they end
            ({"from": "23:00", "to": "02:00"}, "Europe/Rome", 2 * HOUR),
            ({"from": "17:00", "to": "18:00", "zone": "America/New_York"}, None, 2 * HOUR),
            ({"from": "21:00", "to": "23:00"}, None, 4 * HOUR),  # nobody knows where: the next day
        ],
    )
    def test_the_hours_of_the_day_that_a_campaign_asks_for(self, hours, zone, wait):
        """At 20:00 UTC: a page that sleeps through them would never show it."""
        hourly = campaign(audience={"not": [{"attribute": "time.local", "op": "during", "value": hours}]})
        other = campaign(id="c_b", audience={"attribute": "person.type", "op": "eq", "value": "organizer"})

        assert asked(hourly, other, timezone=zone, channels=[]).next_check == wait

    @pytest.mark.parametrize(
        ("attribute", "op", "value", "wait"),
        [
            ("person.firstSeenAt", "before", {"hoursAgo": 5}, 2 * HOUR),
            ("person.firstSeenAt", "after", {"daysAgo": 0.25}, 3 * HOUR),
            ("person.daysSinceFirstSeen", "gte", 0.25, 3 * HOUR),
            ("person.daysSinceRoleChange", "lt", 1, HOUR),
            ("attendance.lastAt", "before", {"hoursAgo": 7.5}, HOUR / 2),
            ("attendance.last90Days", "lt", 1, 1.5 * HOUR),
            ("visits.last7Days", "gte", 2, 2.5 * HOUR),
            (
                "person.firstSeenAt",
                "before",
                "2020-01-01T00:00:00Z",
                4 * HOUR,
            ),  # it never turns: the next day
            ("person.daysSinceFirstSeen", "lt", 2**53, 4 * HOUR),
            ("person.daysSinceFirstSeen", "gt", 0.01, 4 * HOUR),  # it has turned
        ],
    )
    def test_the_instant_at_which_a_length_of_time_is_over(self, attribute, op, value, wait):
        """At 20:00 UTC, of what began at 17:00; not the next day, which may be much later."""
        aged = campaign(audience={"any": [{"attribute": attribute, "op": op, "value": value}]})
        ago = {name: to_millis(NOW - since) for name, since in AGES.items()}
        person = Profile(
            "u",
            "user",
            first_seen_at=NOW - 3 * HOUR,
            role_changed_at=NOW - 23 * HOUR,
            attendance=Attendance(
                (Attended("e_1", None, ago["event"]), Attended("e_2", None, ago["last_event"]))
            ),
            visits=Visits(((ago["visit"], ago["visit"]),)),
        )

        found = asked(aged, profile=person, channels=[]).next_check
        assert found - timedelta(microseconds=1) <= wait <= found

    def test_the_day_of_a_change_of_clocks_has_its_own_length(self):
        """On 2025-11-02 New York's day had 25 hours."""
        dormant = campaign(audience={"attribute": "visits.daysSinceLast", "op": "gt", "value": 45})
        now = datetime(2025, 11, 2, 4, 30, tzinfo=UTC)

        assert asked(dormant, now=now, timezone="America/New_York").next_check == LATEST
        assert asked(dormant, now=now + HOUR, timezone="America/New_York").next_check == timedelta(hours=23.5)


@st.composite
def campaigns(draw):
    channels = draw(st.lists(st.sampled_from(list(Channel)), min_size=1, max_size=4, unique=True))
    return campaign(
        id=f"c_{draw(st.integers(0, 10**6))}",
        type=draw(st.sampled_from(["system", "upgrade"])),
        priority=draw(st.integers(0, 3)),
        delivery_channels=channels,
        content=Content(title="T", body="B", severity=draw(st.sampled_from(["info", "critical"]))),
    )


@given(
    st.lists(campaigns(), max_size=12, unique_by=lambda one: one.id),
    st.lists(st.sampled_from(list(Channel)), unique=True),
    st.randoms(),
)
def test_every_decision_keeps_the_rules_of_the_call(ones, channels, random):
    """At most three messages, one a channel, one modal-like; the order in which campaigns were loaded does not matter."""
    decision = asked(*ones, channels=channels)
    used = [verdict.channel for verdict in decision.shown]
    random.shuffle(ones)

    assert len(used) <= MAX_MESSAGES
    assert len(set(used)) == len(used)
    assert sum(channel in MODAL_LIKE for channel in used) <= 1
    assert set(used) <= set(channels) & set(ON_PAGE)
    assert len(decision.verdicts) == len(ones)
    assert SOONEST <= decision.next_check <= LATEST
    assert shown(asked(*ones, channels=channels)) == shown(decision)
