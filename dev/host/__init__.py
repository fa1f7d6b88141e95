"""A small Azure Functions host for one machine: it serves the real ``function_app.py`` (design/architecture.md).

It mirrors what design/platform-facts.md says of routes, keys, queue triggers and timer triggers, so that what works here
works the same in Azure; where it cannot, it refuses to start. It is stricter than Azure on purpose in one thing: Azure
leaves a faulty function out and starts the others, this host names every fault and stops.
"""
