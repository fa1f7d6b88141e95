"""Development only: the local Functions host, demo data, reference pages. Never imported by shipped code."""
