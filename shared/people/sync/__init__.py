"""The former site's visitor data into profiles (messaging-platform.md §7, ExperienceProfileSync; docs/people.md)."""
