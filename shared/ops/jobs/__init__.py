"""Long work on a person, or on all that is past its time, in steps that the areas register (docs/people.md)."""
