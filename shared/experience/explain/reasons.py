"""Every reason code of a decision: what explanations, stored decisions and simulations say, and the reference page's source.

Codes are a system of names for people and programs, so one is never renamed or given another meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Reason:
    """One code of one check; ``turns`` says when a «no» may become a yes, empty for a yes."""

    code: str
    meaning: str
    turns: str = ""

    @property
    def passes(self) -> bool:
        """Whether the campaign goes on to the next check."""
        return not self.turns


_EDIT: Final = "When the campaign is changed: unknown."

REASONS: Final[Mapping[str, tuple[Reason, ...]]] = {
    "status": (
        Reason("active", "The campaign is active."),
        Reason("not_active", "It is a draft, paused or archived.", _EDIT),
    ),
    "window": (
        Reason("open", "The campaign has started and not ended."),
        Reason("not_started", "`scheduling.startAt` is still to come.", "At `startAt`."),
        Reason("ended", "`scheduling.endAt` has passed.", _EDIT),
    ),
    "type": (
        Reason("for_pages", "Campaigns of this type appear on pages."),
        Reason("not_for_pages", "Messages between people are not decided.", "Never."),
    ),
    "consent": (
        Reason("not_needed", "The site's own messages need no consent."),
        Reason("following", "The person follows the organizer."),
        Reason("opted_in", "The person opted in to marketing."),
        Reason(
            "organizer_messages_off", "The person wants nothing from any organizer.", "When they do: unknown."
        ),
        Reason("organizer_muted", "The person muted the organizer.", "When they do not any more: unknown."),
        Reason("opted_out", "The person opted out of the programme.", "When they do not any more: unknown."),
        Reason("not_following", "The person does not follow the organizer.", "When they do: unknown."),
        Reason("no_marketing_consent", "The person has not opted in to marketing.", "When they do: unknown."),
    ),
    "audience": (
        Reason("everyone", "The campaign asks for nobody in particular."),
        Reason("matched", "Audience, role and tier requirements hold; each comparison is listed."),
        Reason(
            "audience",
            "Audience, role or tier requirement does not hold; each comparison is listed.",
            "At the moment by which the clock alone makes it hold, where that is certain; else unknown.",
        ),
    ),
    "release": (
        Reason("no_release", "The campaign announces no release."),
        Reason("release_new", "The person has not acknowledged the release yet."),
        Reason(
            "release_acknowledged", "The person has acknowledged the release.", "Never, for this release."
        ),
    ),
    "caps": (
        Reason("within_caps", "Maximum and cooldown allow one more, and none is under way."),
        Reason("acknowledged", "The person acknowledged it, which closes it.", "When its caps are reset."),
        Reason("dismissed", "The person dismissed it, which closes it.", "When its caps are reset."),
        Reason(
            "max_deliveries",
            "The person has seen it `maxDeliveriesPerUser` times.",
            "When its caps are reset.",
        ),
        Reason("cooldown", "The person saw it less than `cooldownHours` ago.", "At the cooldown's end."),
        Reason(
            "reserved", "It was decided and not yet seen.", "At the reservation's end, if it is not seen."
        ),
    ),
    "rollout": (
        Reason("no_rollout", "The whole audience may see it."),
        Reason("in_rollout", "The person's place is within the rollout's share."),
        Reason("outside_rollout", "The person's place is beyond the rollout's share.", _EDIT),
    ),
    "experiment": (
        Reason("no_experiment", "Everybody reads the same."),
        Reason("in_experiment", "The person takes part; `variant` names what they read."),
        Reason("outside_namespace", "The person's place is in no part of the experiment's namespace.", _EDIT),
        Reason("outside_coverage", "The person's place is in no variant's range.", _EDIT),
    ),
    "channel": (
        Reason("renderable", "The page can render one of its channels."),
        Reason("no_channel", "The page can render none of its channels.", "On another page: unknown."),
    ),
    "slot": (
        Reason("slot_free", "One of those channels has room on the page."),
        Reason("enough", "More urgent campaigns took all places.", "When their reservations end."),
        Reason("slot_taken", "A more urgent campaign took the channel.", "When its reservation ends."),
    ),
    "pressure": (
        Reason("within_budget", "The pressure budget allows one more."),
        Reason("exempt", "Critical and transactional messages of the site itself pass the pressure budget."),
        Reason("modal_budget", "No more modals for 24 hours.", "When one of them is 24 hours old."),
        Reason("weekly_budget", "No more interruptions for 7 days.", "When one of them is 7 days old."),
        Reason(
            "less_of_this",
            "The person wants less of this organizer, whose share of the budget is used up.",
            "When one of its messages leaves the budget; never when the share is nothing.",
        ),
    ),
}
"""Reasons by check, the checks in their order."""
SHOWN: Final = Reason("shown", "It is shown: every check passed.")
"""The reason of a campaign that is shown, beside ``check`` «channel»."""
OUTRANKED: Final = Reason("outranked", "More urgent campaigns left it no place.", "When those are gone.")
"""The reason of the last row of a simulation, beside ``check`` «competition»."""
COMPARISONS: Final = (
    Reason("matched", "The comparison holds."),
    Reason("not_matched", "It does not hold."),
    Reason("unknown", "There was no value to compare; only its `not` holds."),
)
"""Reasons of the single comparisons of an audience."""


def render_reference() -> str:
    """The reference page of reason codes, in Markdown."""
    rows = ["| check | code | passes | meaning | when a «no» may turn |", "| --- | --- | --- | --- | --- |"]
    for check, reasons in REASONS.items():
        rows += [
            f"| {check} | `{each.code}` | {'yes' if each.passes else 'no'} | {each.meaning} | {each.turns} |"
            for each in reasons
        ]
    compared = [f"| `{each.code}` | {each.meaning} |" for each in COMPARISONS]
    return "\n".join(
        [
            _INTRODUCTION,
            *rows,
            "",
            _SHOWN_AND_OUTRANKED,
            "",
            "| code | meaning |",
            "| --- | --- |",
            *compared,
            "",
        ]
    )


_INTRODUCTION: Final = """# Reason codes

What `explain=true`, a stored decision and a simulation say of each campaign ([how to read them](../explain.md)). The checks come
in this order; the first that fails is the campaign's reason, and the ones behind it tell what would hold it back next.
Codes are never renamed.
"""
_SHOWN_AND_OUTRANKED: Final = (
    f"A campaign that is shown has the reason `{SHOWN.code}`. A simulation ends with the check `competition`, whose reason is "
    f"`{OUTRANKED.code}`: {OUTRANKED.meaning.lower()} Each comparison of an audience says:"
)
