"""What a person wants less of, or not at all; never more than they consented to (docs/people.md, Preferences)."""
