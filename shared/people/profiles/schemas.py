"""What of a profile stands on the wire (design/wire.md, People and operations)."""

from typing import Annotated, Any, Literal

from pydantic import Field

from shared.kernel.wire import Moment, Wire
from shared.people.places import CountryCode, GeoPoint, LanguageTag, Name, TimeZoneName
from shared.people.profiles.models import MAX_FLAGS, Home, Point, Profile

GrantedRole = Literal["organizer", "operator", "admin"]
OrganizerId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Flag = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class HomePlace(Wire):
    """Where the person says they live; ``country`` is ISO 3166-1 alpha-2."""

    city: Name | None = None
    region: Name | None = None
    country: CountryCode | None = None


class Me(Wire):
    """What people see of their own profile."""

    person_key: str
    display_name: str | None = None
    locale: str | None = None
    timezone: str | None = None
    home: HomePlace = HomePlace()
    home_location: GeoPoint | None = None
    roles: list[str] = Field(default_factory=list)
    organizer_ids: list[str] = Field(default_factory=list)
    tier: str | None = None


class MePatch(Wire):
    """What people change of it: a field left out stays, null clears it; ``home`` likewise, field by field (RFC 7396).

    ``homeLocation`` is kept to two decimals of a degree, about a kilometre.
    """

    display_name: Name | None = None
    locale: LanguageTag | None = None
    timezone: TimeZoneName | None = None
    home: HomePlace | None = None
    home_location: GeoPoint | None = None


class RolesPut(Wire):
    """The roles and organizers of an account, whole: what is not named is taken away."""

    roles: Annotated[list[GrantedRole], Field(max_length=3)]
    organizer_ids: Annotated[list[OrganizerId], Field(max_length=20)] = Field(default_factory=list)


class Roles(Wire):
    """The roles of an account as they now are."""

    person_key: str
    roles: list[str]
    organizer_ids: list[str]
    role_changed_at: Moment | None


class FlagsPut(Wire):
    """The flags of a person, whole: what is not named is taken away."""

    flags: Annotated[list[Flag], Field(max_length=MAX_FLAGS)]


class Flags(Wire):
    """The flags of a person as they now are, sorted."""

    person_key: str
    flags: list[str]


class PersonView(Me):
    """What operators see of a signed-in person."""

    first_seen_at: Moment | None = None
    last_seen_at: Moment | None = None
    visits: int = 0
    last_seen_release_id: str | None = None
    acknowledged_releases: list[str] = Field(default_factory=list)
    segments: list[str] = Field(default_factory=list)
    flags: list[str] = Field(default_factory=list)
    role_changed_at: Moment | None = None


def me_of(profile: Profile) -> Me:
    """A profile in the eyes of its person."""
    return Me(**_own(profile))


def view_of(profile: Profile) -> PersonView:
    """A profile in the eyes of an operator: no keys of visitors, no caps."""
    state = profile.release_state
    return PersonView(
        **_own(profile),
        first_seen_at=profile.first_seen_at,
        last_seen_at=profile.last_seen_at,
        visits=profile.visits.total,
        last_seen_release_id=state.last_seen_release_id,
        acknowledged_releases=list(state.acknowledged_releases),
        segments=list(profile.segments),
        flags=list(profile.flags),
        role_changed_at=profile.role_changed_at,
    )


def _own(profile: Profile) -> dict[str, Any]:
    home, location = profile.home, profile.location
    return {
        "person_key": profile.person_key,
        "display_name": profile.display_name,
        "locale": profile.locale,
        "timezone": profile.timezone,
        "home": HomePlace.model_construct(city=home.city, region=home.region, country=home.country),
        "home_location": location and GeoPoint(lat=location.lat, lon=location.lon),
        "roles": list(profile.roles),
        "organizer_ids": list(profile.organizer_ids),
        "tier": profile.tier,
    }


def roles_of(profile: Profile) -> Roles:
    """A profile's roles."""
    return Roles(
        person_key=profile.person_key,
        roles=list(profile.roles),
        organizer_ids=list(profile.organizer_ids),
        role_changed_at=profile.role_changed_at,
    )


def location_of(place: GeoPoint | None) -> Point | None:
    """Where a home lies, as exactly as it is kept."""
    return None if place is None else Point(place.lat, place.lon).coarse()


def changed_home(home: Home, patch: HomePlace | None) -> Home:
    """A home after a merge patch; None clears it."""
    if patch is None:
        return Home()
    given = patch.model_dump(include=patch.model_fields_set)
    return Home(**{"city": home.city, "region": home.region, "country": home.country} | given)
