"""Who may see which figures: an operator all, an organizer those of their own organizations."""

from shared.kernel.errors import Fault, Invalid, NotFound
from shared.people.access import Principal, Role


def sees_all(principal: Principal) -> bool:
    """Whether the caller sees exact figures of everybody."""
    return principal.holds(Role.OPERATOR)


def sees(principal: Principal, organization_id: str | None) -> bool:
    """Whether what belongs to that organization is the caller's to see; None: what is the site's own."""
    return sees_all(principal) or (organization_id is not None and principal.speaks_for(organization_id))


def asking_for(principal: Principal, organization_id: str | None) -> str | None:
    """The organization that the caller acts for; None: the site.

    Raises NotFound for another's, Invalid ``missing`` when an organizer of several names none.
    """
    if organization_id is not None:
        if not sees(principal, organization_id):
            raise NotFound(code="organizer_not_found")
        return organization_id
    if sees_all(principal):
        return None
    if len(principal.organizer_ids) == 1:
        return next(iter(principal.organizer_ids))
    raise Invalid(faults=[Fault("/organization_id", "missing", "Name the organization you ask for.")])
