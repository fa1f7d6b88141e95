"""The system cases of messaging-platform.md §3 as ready campaigns, and one organizer's announcement."""

from typing import Final

from shared.messaging.campaigns.content import Content, Step
from shared.messaging.campaigns.models import Channel, Metadata, Scheduling
from shared.messaging.campaigns.schemas import CreateCampaign

RELEASE: Final = "2025.11.0"
"""The release of the site that the demo page runs."""
ORGANIZER: Final = "la-viruta-boston"
"""The organizer of the demo's announcement."""
_WEEK: Final = 24.0 * 7

FIRST_VISIT_AFTER_RELEASE: Final = CreateCampaign(
    type="upgrade",
    name="Autumn release, first visit",
    audience={
        "all": [
            {"attribute": "release.id", "op": "eq", "value": RELEASE},
            {"attribute": "release.acknowledged", "op": "eq", "value": False},
            {"attribute": "person.type", "op": "eq", "value": "ip"},
        ]
    },
    content=Content(
        title="The floor has been polished",
        body=(
            "The calendar has learned a few new steps: a map of every milonga tonight, filters for traditional and "
            "alternative music, and far less waiting between tandas. Come and try it."
        ),
        cta="Show me around",
        link="/map",
        severity="success",
    ),
    delivery_channels=[Channel.MODAL],
    priority=200,
    scheduling=Scheduling(max_deliveries_per_user=1),
    metadata=Metadata(release_id=RELEASE),
    status="active",
)
"""Anonymous visitor: first visit after a major release. Once seen or acknowledged it does not come back; a visitor who
left before it appeared still gets it, which ``release.firstVisit`` alone would not give."""

PROMPT_TO_JOIN: Final = CreateCampaign(
    type="system",
    name="Create an account",
    audience={
        "all": [
            {"attribute": "person.type", "op": "eq", "value": "ip"},
            {"attribute": "visits.total", "op": "gte", "value": 3},
        ]
    },
    content=Content(
        title="Shall we save you a seat?",
        body="You keep coming back, and we like that. With a free account we remember your favourite milongas for you.",
        cta="Save my seat",
        link="/signup",
    ),
    delivery_channels=[Channel.SNACKBAR],
    priority=100,
    scheduling=Scheduling(cooldown_hours=_WEEK, max_deliveries_per_user=3),
    status="active",
)
"""Anonymous visitor: prompted to create an account after repeated visits."""

LONG_TIME_NO_SEE: Final = CreateCampaign(
    type="system",
    name="Long time no see",
    audience={
        "all": [
            {"attribute": "person.type", "op": "in", "value": ["user", "organizer"]},
            {"attribute": "visits.daysSinceLast", "op": "gt", "value": 45},
        ]
    },
    content=Content(
        title="We missed your embrace",
        body=(
            "It has been a while since your last tanda with us. The orchestras kept playing, the ronda kept turning, "
            "and there is still a chair with your name on it. See where people dance this week."
        ),
        cta="See this week's milongas",
        link="/events?when=week",
    ),
    delivery_channels=[Channel.MODAL],
    priority=250,
    scheduling=Scheduling(cooldown_hours=24.0 * 45),
    status="active",
)
"""Signed-in dancer: back after more than 45 days."""

NEW_ORGANIZER: Final = CreateCampaign(
    type="system",
    name="Welcome, organizer",
    audience={"attribute": "person.daysSinceRoleChange", "op": "lte", "value": 30},
    content=Content(
        title="Welcome to the other side of the dance floor",
        body="You are now an organizer. Four short steps, and your first milonga is on the calendar.",
        cta="Open my console",
        link="/organizer",
        severity="success",
        steps=[
            Step(
                title="Introduce your house",
                body="Name, address, a photo of the floor. Dancers decide with their eyes first.",
            ),
            Step(
                title="Announce a night",
                body="Doors, class, live music, the DJ. What repeats every week you write only once.",
            ),
            Step(
                title="Meet your regulars",
                body="Dancers who favourite you get your news in their inbox. They may mute you, so make it worth reading.",
            ),
            Step(
                title="Keep the códigos",
                body="Few messages, true ones, and a quick answer to questions. The rest happens by cabeceo.",
            ),
        ],
    ),
    delivery_channels=[Channel.HELPER],
    priority=300,
    transactional=True,
    scheduling=Scheduling(max_deliveries_per_user=1),
    metadata=Metadata(role_requirement="organizer"),
    status="active",
)
"""Signed-in dancer: approved as organizer, and told so on the next decision, whatever else they were shown this week."""

DOWNTIME: Final = CreateCampaign(
    type="system",
    name="Planned maintenance",
    content=Content(
        title="A short cortina on Monday morning",
        body="We change the record from 4:00 to 4:20 UTC. The calendar will be back before anyone changes partner.",
        severity="warning",
    ),
    delivery_channels=[Channel.TOAST],
    priority=120,
    scheduling=Scheduling(cooldown_hours=24.0, max_deliveries_per_user=2),
    status="active",
)
"""Everyone: downtime, as a toast."""

POLICY_UPDATE: Final = CreateCampaign(
    type="system",
    name="Privacy notice",
    content=Content(
        title="We wrote our privacy notice anew",
        body=(
            "Plainer and shorter, and still the same promise: visitors stay anonymous, organizers never see who you "
            "are from a message they send, and you can leave any list with one click."
        ),
        cta="Read it",
        link="/privacy",
    ),
    delivery_channels=[Channel.BANNER],
    priority=150,
    scheduling=Scheduling(cooldown_hours=24.0, max_deliveries_per_user=5),
    status="active",
)
"""Everyone: a policy update that waits to be acknowledged, as a banner."""

DJ_ANNOUNCEMENT: Final = CreateCampaign(
    type="organizer_broadcast",
    name="Friday's DJ",
    organizer_id=ORGANIZER,
    audience={"attribute": "person.favorites", "op": "contains", "value": ORGANIZER},
    content=Content(
        title="Friday: DJ Lucía Ferrer from Rosario",
        body=(
            "Golden-age tandas until two, D'Arienzo for the brave and one tanda of valses by candlelight. "
            "Class at eight, doors at nine. Come early: the floor is small and the night is long."
        ),
        cta="See the evening",
        link="/events/la-viruta-friday",
    ),
    delivery_channels=[Channel.INBOX, Channel.PUSH],
    priority=100,
    status="active",
)
"""An organizer's followers: a new DJ."""

SYSTEM_CASES: Final = (
    FIRST_VISIT_AFTER_RELEASE,
    PROMPT_TO_JOIN,
    LONG_TIME_NO_SEE,
    NEW_ORGANIZER,
    DOWNTIME,
    POLICY_UPDATE,
)
"""What the demo starts with; the last two are one case of the document, «System → Everyone»."""
