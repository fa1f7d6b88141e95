"""Durable Functions on one machine: the JSON protocol of azure-functions-durable 1.x over one SQLite file.

The engine hands the real SDK a history and awaits the actions it answers with, as Microsoft's extension does
(design/platform-facts.md §6). It knows the actions that our orchestrators use and refuses the others.
"""
