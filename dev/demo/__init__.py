"""Demo data: people, campaigns and what they do, for the page that `make run` opens."""
