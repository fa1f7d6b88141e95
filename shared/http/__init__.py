"""standardMiddleware: what surrounds every HTTP function (messaging-platform.md §7; design/architecture.md, HTTP conventions)."""
