from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.people.profiles.caps import (
    DAY,
    WEEK,
    Limits,
    Report,
    Reserved,
    campaign_hold,
    memory_of,
    reserve,
    settle,
)
from shared.people.profiles.models import MAX_CAMPAIGNS, MAX_SHOWN, CampaignMemory, Profile, Shown
from shared.people.profiles.pressure import Pressure

NOW = datetime(2025, 11, 3, 20, 0, tzinfo=UTC)
HOLD = timedelta(minutes=10)
SECOND = timedelta(seconds=1)
NEW = Profile("v_0", "ip")


def reserved(profile=NEW, *, campaign="c", channel="banner", at=NOW, caps_version=1):
    occurrence = memory_of(profile, campaign, caps_version).occurrences
    pick = Reserved(f"d_{campaign}_{occurrence}", campaign, caps_version, channel, occurrence)
    return reserve(profile, [pick], decision_id="dec", until=at + HOLD, now=at)


def seen(profile, *, campaign="c", channel="banner", at=NOW, first=True, caps_version=1, **more):
    ident = f"d_{campaign}_{memory_of(profile, campaign, caps_version).occurrences - 1}"
    return settle(profile, Report(ident, campaign, caps_version, channel, first, **more), at)


def shown(profile=NEW, *, at=NOW, **more):
    names = {name: more.pop(name) for name in ("campaign", "channel", "caps_version") if name in more}
    return seen(reserved(profile, at=at, **names), at=at, **names, **more)


def pressure(profile, now=NOW, modals=1, interruptions=4):
    return Pressure(profile, now, modals_per_day=modals, interruptions_per_week=interruptions)


class TestCampaign:
    def test_nothing_holds_a_campaign_that_was_never_shown(self):
        assert campaign_hold(NEW, "c", Limits(), NOW) is None

    def test_a_reservation_holds_until_it_ends(self):
        profile = reserved()

        assert campaign_hold(profile, "c", Limits(), NOW + HOLD - SECOND) == ("reserved", NOW + HOLD)
        assert campaign_hold(profile, "c", Limits(max_deliveries=1), NOW + HOLD) is None

    def test_what_was_seen_counts_for_good(self):
        assert campaign_hold(shown(), "c", Limits(max_deliveries=1), NOW + DAY) == ("max_deliveries", None)

    def test_what_was_seen_only_after_its_reservation_ended_counts_all_the_same(self):
        profile = seen(reserved(), at=NOW + 3 * HOLD)

        assert campaign_hold(profile, "c", Limits(max_deliveries=1), NOW + DAY).code == "max_deliveries"

    def test_a_cooldown_starts_when_the_message_was_seen(self):
        limits = Limits(cooldown=timedelta(hours=48))

        assert campaign_hold(shown(), "c", limits, NOW + DAY) == ("cooldown", NOW + 2 * DAY)
        assert campaign_hold(shown(), "c", limits, NOW + 2 * DAY) is None

    @pytest.mark.parametrize("answer", ["acknowledged", "dismissed"])
    def test_an_answer_closes_the_campaign(self, answer):
        profile = shown(**{answer: True})

        for limits in (Limits(), Limits(max_deliveries=1), Limits(cooldown=timedelta(hours=1))):
            assert campaign_hold(profile, "c", limits, NOW + WEEK) == (answer, None)

    def test_a_campaign_of_several_deliveries_goes_on_after_an_answer(self):
        limits = Limits(max_deliveries=2, cooldown=timedelta(hours=24))
        once = shown(dismissed=True)

        assert campaign_hold(once, "c", limits, NOW + DAY) is None
        assert campaign_hold(shown(once, at=NOW + DAY), "c", limits, NOW + WEEK).code == "max_deliveries"

    def test_reset_caps_begin_anew_but_never_number_a_delivery_twice(self):
        profile = shown(acknowledged=True)

        assert campaign_hold(profile, "c", Limits(caps_version=2, max_deliveries=1), NOW) is None
        assert memory_of(profile, "c", 2) == CampaignMemory(caps_version=2, occurrences=1)

    def test_a_late_report_from_before_the_reset_leaves_the_new_caps_alone(self):
        profile = reserved(shown(), caps_version=2)
        late = settle(profile, Report("d_c_0", "c", 1, "banner", first=False, acknowledged=True), NOW)

        assert late.campaigns["c"] == profile.campaigns["c"]

    def test_acknowledging_acknowledges_the_release(self):
        profile = shown(acknowledged=True, release_id="2025.11.0")

        assert profile.release_state.acknowledged_releases == ("2025.11.0",)

    def test_dismissing_does_not(self):
        assert shown(dismissed=True, release_id="r").release_state.acknowledged_releases == ()


class TestPressure:
    def test_one_modal_in_any_24_hours(self):
        profile = shown(channel="modal")

        assert pressure(profile, NOW + DAY - SECOND).hold("modal") == ("modal_budget", NOW + DAY)
        assert pressure(profile, NOW + DAY - SECOND).hold("helper").code == "modal_budget"
        assert pressure(profile, NOW + DAY).hold("modal") is None

    def test_a_modal_leaves_room_for_a_banner(self):
        assert pressure(shown(channel="modal")).hold("banner") is None

    def test_a_reserved_modal_counts_until_it_expires(self):
        profile = reserved(channel="modal")

        assert pressure(profile).hold("modal") == ("modal_budget", NOW + HOLD)
        assert pressure(profile, NOW + HOLD).hold("modal") is None

    def test_four_interruptions_in_any_7_days(self):
        profile = NEW
        for number in range(4):
            profile = shown(profile, campaign=f"c{number}", at=NOW + number * DAY)

        assert pressure(profile, NOW + 3 * DAY).hold("toast") == ("weekly_budget", NOW + WEEK)
        assert pressure(profile, NOW + WEEK).hold("toast") is None

    def test_the_inbox_is_free(self):
        profile = NEW
        for number in range(9):
            profile = shown(profile, campaign=f"c{number}", channel="inbox")

        assert profile.shown == ()
        assert pressure(profile, interruptions=0).hold("inbox") is None
        assert pressure(profile).hold("banner") is None

    def test_what_a_decision_takes_counts_at_once(self):
        budget = pressure(NEW, interruptions=2)
        budget.take("modal", NOW + HOLD)
        budget.take("banner", NOW + HOLD)

        assert budget.hold("modal").code == "modal_budget"
        assert budget.hold("toast").code == "weekly_budget"

    def test_a_budget_of_nothing_is_never_free_again(self):
        assert pressure(NEW, modals=0).hold("modal") == ("modal_budget", None)


class TestBounds:
    def test_the_longest_unseen_campaigns_are_forgotten_first(self):
        profile = NEW
        for number in range(MAX_CAMPAIGNS + 10):
            profile = shown(profile, campaign=f"c{number:03}", at=NOW + number * HOLD)

        assert len(profile.campaigns) == MAX_CAMPAIGNS
        assert "c000" not in profile.campaigns
        assert f"c{MAX_CAMPAIGNS + 9}" in profile.campaigns

    def test_expired_reservations_and_old_interruptions_are_forgotten(self):
        profile = reserved(shown(reserved(), campaign="x"), campaign="y", at=NOW + WEEK)

        assert list(profile.reservations) == ["d_y_0"]
        assert profile.shown == ()

    def test_interruptions_are_bounded(self):
        profile = Profile("v", "ip", shown=tuple(Shown("banner", NOW) for _ in range(MAX_SHOWN)))

        assert len(shown(profile).shown) == MAX_SHOWN


@given(
    st.lists(
        st.tuples(st.sampled_from(["ask", "see", "wait"]), st.sampled_from(["modal", "banner", "toast"])),
        max_size=60,
    )
)
def test_no_sequence_of_showing_and_waiting_exceeds_the_budget(steps):
    """Whoever reports what they see within its reservation is never interrupted more than the budget says."""
    profile, now, log, pending = NEW, NOW, [], []
    for number, (step, channel) in enumerate(steps):
        if step == "wait":
            now += timedelta(hours=7)
            pending = []
        elif step == "ask" and pressure(profile, now).hold(channel) is None:
            profile = reserved(profile, campaign=f"c{number}", channel=channel, at=now)
            pending.append((f"c{number}", channel))
        elif step == "see" and pending:
            campaign, where = pending.pop()
            profile = seen(profile, campaign=campaign, channel=where, at=now)
            log.append((now, where))
        assert sum(now - at < WEEK for at, _ in log) + len(pending) <= 4
        assert sum(now - at < DAY for at, where in log if where == "modal") <= 1
