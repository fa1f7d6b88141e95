"""Texts that are no tokens, or were tokens before somebody changed them."""

import base64
import json
from collections.abc import Callable, Iterator
from functools import partial

from tests.factories.forgeries.forge import Forge, Make, encode


def shapes() -> Iterator[tuple[str, Make]]:
    texts = {
        "nothing": "", "a dot": ".", "two dots": "..", "three dots": "...", "a word": "token", "null": "null",
        "braces": "{}", "a space": " ", "NUL": "\0", "an emoji": "💃.💃.💃", "a lone surrogate": "\ud800.a.b",
        "a megabyte": "a" * 2**20, "a megabyte of dots": "." * 2**20, "Arabic digits": "\u0661.\u0662.\u0663",
    }  # fmt: skip
    for word, text in texts.items():
        yield f"text: {word}", lambda forge, text=text: text
    frames = {
        "a dot before": ".{}", "a dot behind": "{}.", "a fourth part": "{}.AAAA", "five parts": "{}.AAAA.AAAA",
        "a space before": " {}", "a space behind": "{} ", "a newline behind": "{}\n", "a newline before": "\n{}",
        "a tab behind": "{}\t", "NUL behind": "{}\0", "a byte order mark": "\ufeff{}", "quotes": '"{}"',
        "Bearer": "Bearer {}", "padding": "{}=", "more padding": "{}==", "a query": "{}?a=b", "a comma": "{},{}",
        "twice": "{}{}", "zero width behind": "{}\u200b", "percent": "{}%00",
    }  # fmt: skip
    for word, frame in frames.items():
        yield f"framed: {word}", lambda forge, frame=frame: frame.replace("{}", forge.good)
    for part in range(3):
        for word, change in _PART_CHANGES.items():
            yield (
                f"part {part}: {word}",
                lambda forge, part=part, change=change: ".".join(
                    change(text) if n == part else text for n, text in enumerate(forge.parts())
                ),
            )
    yield "dots for other dots", lambda forge: forge.good.replace(".", "\u2024")
    yield (
        "JSON form",
        lambda forge: json.dumps(
            dict(zip(("protected", "payload", "signature"), forge.parts(), strict=True))
        ),
    )
    yield "claims too large, though signed", lambda forge: forge.issuer.sign(forge.payload(pad="x" * 8192))


_PART_CHANGES: dict[str, Callable[[str], str]] = {
    "left out": lambda text: "",
    "twice": lambda text: text + text,
    "padded": lambda text: text + "=",
    "spaced": lambda text: text[:4] + " " + text[4:],
    "with a newline": lambda text: text[:4] + "\n" + text[4:],
    "with NUL": lambda text: text[:4] + "\0" + text[4:],
    "with a plus": lambda text: "+" + text[1:],
    "with a star": lambda text: text[:4] + "*" + text[5:],
    "one short": lambda text: text[:-1],
    "two short": lambda text: text[:-2],
    "three short": lambda text: text[:-3],
    "one long": lambda text: text + "A",
    "four long": lambda text: text + "AAAA",
    "reversed": lambda text: text[::-1],
    "case swapped": lambda text: text.swapcase(),
    "Cyrillic": lambda text: text[:4] + "а" + text[5:],  # noqa: RUF001 - on purpose
}


def contents() -> Iterator[tuple[str, Make]]:
    contents = {
        "empty object": b"{}", "list": b"[]", "text": b'"a"', "number": b"1", "null": b"null", "true": b"true",
        "not JSON": b"{'a': 1}", "cut JSON": b'{"alg": "RS256"', "not UTF-8": b'{"alg": "\xff\xfe"}', "deep": b"[" * 3000,
        "deep object": b'{"a":' * 900, "UTF-16": '{"alg":"RS256"}'.encode("utf-16"), "NUL": b"\0", "long number": b"9" * 5000,
        "two values": b"{}{}", "comment": b"{}//",
    }  # fmt: skip
    for word, content in contents.items():
        yield (
            f"header {word}",
            lambda forge, content=content: forge.raw(content, json.dumps(forge.payload()).encode()),
        )
        yield (
            f"payload {word}",
            lambda forge, content=content: forge.raw(json.dumps(forge.header()).encode(), content),
        )


def damage() -> Iterator[tuple[str, Make]]:
    def flipped(forge: Forge, *, part: int, position: float, bit: int) -> str:
        parts = forge.parts()
        data = bytearray(base64.urlsafe_b64decode(parts[part] + "=" * (-len(parts[part]) % 4)))
        data[int(position * len(data))] ^= 1 << bit
        parts[part] = encode(bytes(data))
        return ".".join(parts)

    for part, steps in ((0, 10), (1, 20), (2, 30)):
        for step in range(steps):
            for bit in (0, 7):
                yield (
                    f"part {part}: bit {bit} flipped at {step}/{steps}",
                    partial(flipped, part=part, position=step / steps, bit=bit),
                )
    for step in range(1, 20):
        yield f"cut at {step}/20", lambda forge, step=step: forge.good[: len(forge.good) * step // 20]

    def same_bytes(forge: Forge, *, step: int) -> str:
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        return forge.good[:-1] + alphabet[alphabet.index(forge.good[-1]) + step]

    for step in (1, 7, 15):
        yield f"another spelling of the same signature, {step}", partial(same_bytes, step=step)
    yield (
        "another token's signature",
        lambda forge: ".".join(
            [*forge.parts()[:2], forge.issuer.sign(forge.payload(sub="other")).split(".")[2]]
        ),
    )
    yield (
        "another token's payload",
        lambda forge: ".".join(
            [forge.parts()[0], forge.issuer.sign(forge.payload(sub="other")).split(".")[1], forge.parts()[2]]
        ),
    )
    yield "signature of zeros", lambda forge: ".".join([*forge.parts()[:2], encode(bytes(256))])
    yield "signature of ones", lambda forge: ".".join([*forge.parts()[:2], encode(b"\xff" * 256)])
    yield "signature as text", lambda forge: ".".join([*forge.parts()[:2], encode(b"signature")])
