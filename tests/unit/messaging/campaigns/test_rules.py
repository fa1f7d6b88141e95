from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import ValidationError

from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from shared.messaging.campaigns.content import Content, Media, Step
from shared.messaging.campaigns.models import Channel, Metadata, Scheduling
from shared.messaging.campaigns.rules import (
    CHANNELS,
    CONSENT,
    authorise_create,
    faults_of,
    first_version,
    may_see,
    next_version,
    target,
)
from shared.messaging.campaigns.schemas import ChangeCampaign, CreateCampaign
from shared.messaging.experiments.models import ContentOverride, Experiment, Rollout, Variant
from shared.messaging.targeting.conditions import EVERYONE, holds, trace
from shared.people.access import NOBODY, Principal
from shared.people.profiles.models import Profile
from tests.factories.messaging import NOW, campaign, campaign_body, facts

ADMIN = Principal("admin", frozenset({"admin"}))
LUCIA = Principal("lucia", frozenset({"organizer"}), frozenset({"org_1", "org_2"}))
DANCER = Principal("ana", frozenset(), frozenset({"org_1"}))
LATER = NOW + timedelta(hours=1)
BROADCAST = {"type": "organizer_broadcast", "organizer_id": "org_1", "delivery_channels": [Channel.INBOX]}


def body(**changes):
    return CreateCampaign.model_validate(campaign_body(**changes))


def codes(subject):
    return {(fault.pointer, fault.code) for fault in faults_of(subject)}


class TestWho:
    def test_an_admin_sees_all_and_an_organizer_their_own(self):
        own, others = campaign(**BROADCAST), campaign(**BROADCAST | {"organizer_id": "org_9"})

        assert [may_see(ADMIN, each) for each in (own, others, campaign())] == [True, True, True]
        assert [may_see(LUCIA, each) for each in (own, others, campaign())] == [True, False, False]

    def test_an_organizer_id_without_the_role_opens_nothing(self):
        assert not may_see(DANCER, campaign(**BROADCAST))
        assert not may_see(NOBODY, campaign(**BROADCAST))

    def test_an_admin_makes_every_type(self):
        authorise_create(ADMIN, body(type="upgrade"))
        authorise_create(ADMIN, body(type="organizer_targeted", organizerId="org_9"))

    @pytest.mark.parametrize("kind", ["organizer_broadcast", "organizer_targeted"])
    def test_an_organizer_makes_their_own_types_under_their_own_id(self, kind):
        authorise_create(LUCIA, body(type=kind, organizerId="org_2"))

        with pytest.raises(NotFound):
            authorise_create(LUCIA, body(type=kind, organizerId="org_9"))

    @pytest.mark.parametrize("kind", ["system", "upgrade", "user_to_user"])
    def test_the_sites_own_types_are_not_an_organizers(self, kind):
        with pytest.raises(Forbidden):
            authorise_create(LUCIA, body(type=kind))


class TestShape:
    def test_every_type_says_what_consent_it_needs_and_where_it_may_appear(self):
        assert CONSENT.keys() == CHANNELS.keys()
        assert CONSENT["organizer_broadcast"] == "favorite"
        assert CONSENT["organizer_targeted"] == "marketing"

    def test_a_good_campaign_has_no_faults(self):
        assert codes(campaign()) == set()
        assert codes(campaign(**BROADCAST)) == set()

    def test_a_campaign_ends_after_it_starts(self):
        same = Scheduling(start_at=NOW, end_at=NOW)

        assert codes(campaign(scheduling=same)) == {("/scheduling/endAt", "not_after_start")}
        assert codes(campaign(scheduling=Scheduling(start_at=NOW, end_at=LATER))) == set()

    def test_a_helper_has_steps(self):
        helper = campaign(delivery_channels=[Channel.HELPER])
        steps = Content(title="T", body="B", steps=[Step(title="One", body="First.")])

        assert codes(helper) == {("/content/steps", "steps_required")}
        assert codes(helper.model_copy(update={"content": steps})) == set()

    def test_each_channel_is_named_once(self):
        twice = campaign(delivery_channels=[Channel.TOAST, Channel.BANNER, Channel.TOAST])

        assert codes(twice) == {("/deliveryChannels/2", "duplicate")}

    def test_an_organizers_broadcast_opens_no_modal_because_a_favourite_is_consent_to_the_inbox_only(self):
        pushy = campaign(**BROADCAST | {"delivery_channels": [Channel.INBOX, Channel.MODAL]})

        assert codes(pushy) == {("/deliveryChannels/1", "channel_not_allowed")}

    def test_organizer_campaigns_have_an_organizer_and_others_have_none(self):
        assert codes(campaign(**BROADCAST | {"organizer_id": None})) == {("/organizerId", "required")}
        assert codes(campaign(organizer_id="org_1")) == {("/organizerId", "not_allowed")}

    def test_an_organizers_links_are_https_or_pages_of_the_site(self):
        picture = Media(url="http://example.org/a.png")
        content = Content(
            title="T",
            body="B",
            link="http://example.org",
            media=picture,
            steps=[Step(title="One", body="First.", media=picture)],
        )
        pointers = {"/content/link", "/content/media/url", "/content/steps/0/media/url"}

        assert codes(campaign(**BROADCAST, content=content)) == {(each, "not_https") for each in pointers}
        assert codes(campaign(content=content)) == set()
        safe = Content(title="T", body="B", link="/events/1", media=Media(url="https://example.org/a.png"))
        assert codes(campaign(**BROADCAST, content=safe)) == set()

    def test_transactional_is_for_the_site_itself(self):
        assert codes(campaign(**BROADCAST, transactional=True)) == {("/transactional", "not_allowed")}
        assert codes(campaign(transactional=True)) == set()

    def test_critical_is_for_the_site_itself(self):
        alarm = Content(title="T", body="B", severity="critical")

        assert codes(campaign(**BROADCAST, content=alarm)) == {("/content/severity", "not_allowed")}
        assert codes(campaign(content=alarm)) == set()

    def test_an_organizer_cannot_push_ahead_of_the_sites_own_notices(self):
        assert codes(campaign(**BROADCAST, priority=101)) == {("/priority", "less_than_equal")}
        assert codes(campaign(**BROADCAST, priority=100)) == codes(campaign(priority=1000)) == set()

    def test_faults_of_the_audience_point_into_it(self):
        wrong = {"all": [{"attribute": "person.teir", "op": "eq", "value": "gold"}]}

        assert codes(campaign(audience=wrong)) == {("/audience/all/0/attribute", "unknown_attribute")}

    @pytest.mark.parametrize(
        "asked",
        [
            {"attribute": "request.geo.city", "op": "eq", "value": "Boston"},
            {"attribute": "request.timezone", "op": "exists", "value": True},
            {"attribute": "time.local", "op": "during", "value": {"from": "18:00", "to": "23:00"}},
        ],
    )
    def test_paid_campaigns_do_not_go_by_what_a_page_says_of_its_reader(self, asked):
        audience = {"any": [{"attribute": "visits.total", "op": "gte", "value": 1}, {"not": [asked]}]}
        paid = campaign(type="organizer_targeted", organizer_id="org_1", audience=audience)

        assert codes(paid) == {("/audience/any/1/not/0/attribute", "display_only")}
        assert codes(campaign(audience=audience)) == set()

    @pytest.mark.parametrize(
        "link", ["javascript:alert(1)", "//evil.example", "/\\evil.example", "data:text/html,x"]
    )
    def test_no_link_leaves_http_and_the_site(self, link):
        with pytest.raises(ValidationError):
            Content(title="T", body="B", link=link)


class TestChange:
    def change(self, before, **fields):
        return next_version(before, ChangeCampaign(**fields), now=LATER)

    def test_the_first_version_is_made_of_the_body(self):
        made = first_version(body(priority=7), ident="c_1", author="admin", now=NOW)

        assert (made.id, made.version, made.caps_version, made.status) == ("c_1", 1, 1, "draft")
        assert (made.created_at, made.updated_at, made.created_by, made.priority) == (NOW, NOW, "admin", 7)

    def test_a_change_makes_a_version_and_keeps_the_caps_and_what_was_left_out(self):
        before = campaign(priority=5)
        after = self.change(before, name="Renamed")

        assert (after.name, after.priority) == ("Renamed", 5)
        assert (after.version, after.caps_version) == (2, 1)
        assert (after.created_at, after.updated_at) == (NOW, LATER)

    def test_resetting_the_caps_alone_is_a_change(self):
        after = self.change(campaign(), reset_caps=True)

        assert (after.version, after.caps_version) == (2, 2)

    def test_saying_nothing_new_changes_nothing(self):
        before = campaign(audience={"attribute": "request.page", "op": "eq", "value": "/"})

        assert self.change(before) is before
        assert self.change(before, name=before.name, status="active", content=before.content) is before

    def test_null_takes_the_audience_away_and_is_refused_elsewhere(self):
        before = campaign(audience={"attribute": "request.page", "op": "eq", "value": "/"})

        assert self.change(before, audience=None).audience is None
        for field in ("name", "content", "deliveryChannels", "priority", "scheduling", "metadata", "status"):
            with pytest.raises(ValidationError):
                ChangeCampaign.model_validate({field: None})

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("draft", "active"),
            ("active", "paused"),
            ("paused", "active"),
            ("draft", "archived"),
            ("active", "archived"),
            ("paused", "archived"),
        ],
    )
    def test_allowed_steps_between_states(self, before, after):
        assert self.change(campaign(status=before), status=after).status == after

    @pytest.mark.parametrize(
        ("before", "after"),
        [("draft", "paused"), ("active", "draft"), ("paused", "draft"), ("archived", "active")],
    )
    def test_refused_steps_between_states(self, before, after):
        with pytest.raises(Conflict):
            self.change(campaign(status=before), status=after)

    def test_an_archived_campaign_is_final(self):
        with pytest.raises(Conflict) as refused:
            self.change(campaign(status="archived"), name="Again")

        assert refused.value.code == "campaign_archived"

    def test_a_change_is_judged_with_what_stays(self):
        with pytest.raises(Invalid) as refused:
            self.change(campaign(), delivery_channels=[Channel.HELPER])

        assert refused.value.faults[0].pointer == "/content/steps"


def variant(key, **content):
    return Variant(key=key, content=ContentOverride(**content) if content else None)


def experiment(*keys, **more):
    return Experiment(**{"key": "greeting", "variants": [variant(key) for key in keys]} | more)


class TestSplit:
    def test_a_rollout_and_an_experiment_under_one_seed_are_refused(self):
        """Half the people under the same seed are the people of the first variant."""
        halves = experiment("a", "b")
        same = campaign(rollout=Rollout(share=0.5, seed="greeting"), experiment=halves)

        assert codes(same) == {("/rollout/seed", "seed_clash")}
        assert codes(campaign(rollout=Rollout(share=0.5), experiment=halves)) == set()

    def test_the_words_of_a_variant_follow_the_campaigns_rules(self):
        unsafe = experiment("a", variants=[variant("a"), variant("b", link="http://example.org", steps=[])])
        helper = campaign(
            delivery_channels=[Channel.HELPER],
            content=Content(title="T", body="B", steps=[Step(title="One", body="First.")]),
            experiment=unsafe,
        )

        where = "/experiment/variants/1/content"
        assert codes(campaign(**BROADCAST, experiment=unsafe)) == {(f"{where}/link", "not_https")}
        assert codes(helper) == {(f"{where}/steps", "steps_required")}

    @pytest.mark.parametrize(("own", "variants"), [("critical", "info"), ("info", "critical")])
    def test_all_variants_are_critical_or_none(self, own, variants):
        split = experiment("a", variants=[variant("a"), variant("b", severity=variants)])
        subject = campaign(content=Content(title="T", body="B", severity=own), experiment=split)

        assert codes(subject) == {("/experiment/variants/1/content/severity", "not_allowed")}

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"rollout": Rollout(share=0.5, seed="new")}, "/rollout/seed"),
            ({"experiment": experiment("a", "b", key="new", seed="greeting")}, "/experiment/key"),
            ({"experiment": experiment("a", "b", seed="new")}, "/experiment/seed"),
            ({"experiment": experiment("b", "a")}, "/experiment/variants"),
            ({"experiment": experiment("b", "c")}, "/experiment/variants"),
        ],
    )
    def test_an_active_campaign_does_not_deal_its_people_anew(self, change, pointer):
        active = campaign(rollout=Rollout(share=0.5), experiment=experiment("a", "b"))
        change = ChangeCampaign(**change)

        with pytest.raises(Conflict) as refused:
            next_version(active, change, now=LATER)
        assert refused.value.code == "places_fixed"
        assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [(pointer, "fixed")]
        assert next_version(active.model_copy(update={"status": "paused"}), change, now=LATER).version == 2

    @pytest.mark.parametrize(
        "change",
        [
            {"rollout": Rollout(share=0.9)},
            {"rollout": None, "experiment": None},
            {"experiment": experiment("a", "b", "c", coverage=0.5)},
            {"experiment": experiment("a", "b", seed="greeting")},
        ],
    )
    def test_shares_grow_variants_are_added_and_experiments_end(self, change):
        active = campaign(rollout=Rollout(share=0.5), experiment=experiment("a", "b"))

        assert next_version(active, ChangeCampaign(**change), now=LATER).version == 2


class TestTarget:
    def test_without_audience_and_requirements_it_is_for_everyone(self):
        assert holds(target(campaign()), facts())
        assert trace(target(campaign()), facts()) == trace(EVERYONE, facts())

    def test_audience_role_and_tier_must_all_hold(self):
        subject = campaign(
            audience={"attribute": "request.page", "op": "eq", "value": "/"},
            metadata=Metadata(role_requirement="organizer", paid_tier_requirement="silver"),
        )
        gold = Profile("ana", "user", roles=("organizer",), tier="gold")

        def judge(profile, page="/"):
            return holds(target(subject), facts(profile, page=page))

        assert judge(gold)
        assert not judge(gold, page="/events")
        assert not judge(replace(gold, tier="bronze"))
        assert not judge(replace(gold, roles=()))

    def test_the_trace_names_the_field_that_asked(self):
        subject = campaign(metadata=Metadata(paid_tier_requirement="silver"))
        (check,) = trace(target(subject), facts())

        assert (check.pointer, check.reason) == ("/metadata/paidTierRequirement", "unknown")
