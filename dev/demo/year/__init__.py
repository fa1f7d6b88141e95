"""A year of a city's tango life, made up by a seed: who danced where, looked at what, bought which ticket."""
