"""Tokens whose claims the issuer would never sign."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tests.factories.forgeries.forge import JUNK, Forge, Make, resolved


def _claim(forge: Forge, *, name: str, value: Any) -> str:
    return forge.issuer.sign(forge.payload(**{name: resolved(forge, value)}))


def times() -> Iterator[tuple[str, Make]]:
    odd: dict[str, Any] = {
        "in milliseconds": lambda forge: forge.now * 1000,
        "huge": 10**30,
        "64 bits": 2**63,
        "after the year 9999": 253_402_300_800,
        "as a date": "2026-03-01T20:00:00Z",
        "as hexadecimal": "0xffffffff",
    }
    kinds: dict[str, Callable[[int], Any]] = {
        "as text": str,
        "as a float": float,
        "in a list": lambda moment: [moment],
        "in an object": lambda moment: {"seconds": moment},
    }
    for name in ("exp", "iat", "auth_time"):
        junk = {word: value for word, value in JUNK.items() if not (word == "zero" and name != "exp")}
        for word, value in {**junk, **odd}.items():
            yield f"{name} {word}", partial(_claim, name=name, value=value)
        shift = 3000 if name == "exp" else -200
        for word, kind in kinds.items():
            value = lambda forge, kind=kind, shift=shift: kind(forge.now + shift)  # noqa: E731 - a table's cell
            yield f"{name} {word}", partial(_claim, name=name, value=value)
        for seconds in (1, 2, 10, 60, 300, 3600, 86_400, 31_536_000):
            value = (
                (lambda forge, s=seconds: forge.now - s)
                if name == "exp"
                else (lambda forge, s=seconds: forge.now + s)
            )
            yield f"{name} {seconds} s on the wrong side", partial(_claim, name=name, value=value)
    yield "exp this very second", partial(_claim, name="exp", value=lambda forge: forge.now)


def parties() -> Iterator[tuple[str, Make]]:
    audiences: dict[str, Any] = {
        "in a list": lambda forge: [forge.project],
        "first of a list": lambda forge: [forge.project, "other"],
        "last of a list": lambda forge: ["other", forge.project],
        "as a key": lambda forge: {forge.project: True},
        "another project": "other-project",
        "with a space": lambda forge: forge.project + " ",
        "after a space": lambda forge: " " + forge.project,
        "in capitals": lambda forge: forge.project.upper(),
        "cut short": lambda forge: forge.project[:-1],
        "longer": lambda forge: forge.project + "x",
        "with NUL": lambda forge: forge.project + "\0",
        "with a newline": lambda forge: forge.project + "\n",
        "a wildcard": "*",
        "two in one text": lambda forge: f"{forge.project},other",
        "full-width": lambda forge: "".join(chr(ord(c) + 0xFEE0) for c in forge.project),
        "a custom token's": "https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit",
    }
    issuers: dict[str, Any] = {
        "another project": "https://securetoken.google.com/other-project",
        "the project alone": lambda forge: forge.project,
        "without a project": "https://securetoken.google.com/",
        "without a scheme": lambda forge: f"securetoken.google.com/{forge.project}",
        "over http": lambda forge: f"http://securetoken.google.com/{forge.project}",
        "with a slash": lambda forge: f"https://securetoken.google.com/{forge.project}/",
        "with a query": lambda forge: f"https://securetoken.google.com/{forge.project}?a=b",
        "with a port": lambda forge: f"https://securetoken.google.com:443/{forge.project}",
        "in capitals": lambda forge: f"HTTPS://SECURETOKEN.GOOGLE.COM/{forge.project}",
        "with a user": lambda forge: f"https://securetoken.google.com@evil.example/{forge.project}",
        "a longer host": lambda forge: f"https://securetoken.google.com.evil.example/{forge.project}",
        "a path up": lambda forge: f"https://securetoken.google.com/x/../{forge.project}",
        "with a space": lambda forge: f"https://securetoken.google.com/{forge.project} ",
        "with NUL": lambda forge: f"https://securetoken.google.com/{forge.project}\0",
        "in a list": lambda forge: [f"https://securetoken.google.com/{forge.project}"],
        "a session cookie's": lambda forge: f"https://session.firebase.google.com/{forge.project}",
        "Google sign-in's": "https://accounts.google.com",
    }  # fmt: skip
    for name, odd in (("aud", audiences), ("iss", issuers)):
        for word, value in {**JUNK, **odd}.items():
            yield f"{name} {word}", partial(_claim, name=name, value=value)


def subjects() -> Iterator[tuple[str, Make]]:
    odd = {
        "of 129 characters": "x" * 129,
        "of 4,000 characters": "x" * 4000,
        "in a list": ["dancer"],
        "a number": 12345,
        "NUL": "\0",
        "NUL inside": "dan\0cer",
        "NUL behind": "dancer\0",
        "a slash": "/",
        "a path": "dancer/inbox",
        "a dot": ".",
        "two dots": "..",
        "a reserved id": "__dancer__",
        "a space": " ",
        "a space before": " dancer",
        "a space behind": "dancer ",
        "a newline behind": "dancer\n",
        "a tab": "dan\tcer",
        "DEL": "dancer\x7f",
        "an accent": "bailarín",
        "an emoji": "💃",
        "full-width": "ｄａｎｃｅｒ",  # noqa: RUF001 - on purpose
        "Cyrillic": "dаncer",  # noqa: RUF001 - on purpose
        "zero width": "dan\u200bcer",
        "right to left": "dan\u202ecer",
        "a lone surrogate": "dan\ud800cer",
        "a combining mark": "dance\u0301r",
    }
    for word, value in {**JUNK, **odd}.items():
        yield f"sub {word}", partial(_claim, name="sub", value=value)
