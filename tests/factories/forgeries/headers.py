"""Tokens whose headers lie about algorithm and key."""

import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.factories.forgeries.forge import ABSENT, JUNK, Forge, Make, encode, resolved


def _header(forge: Forge, *, name: str, value: Any) -> str:
    return forge.issuer.sign(forge.payload(), forge.header(**{name: resolved(forge, value)}))


def algorithms() -> Iterator[tuple[str, Make]]:
    words = [
        "none",
        "None",
        "NONE",
        "nOnE",
        "HS256",
        "HS384",
        "HS512",
        "RS384",
        "RS512",
        "PS256",
        "PS512",
        "ES256",
    ]
    words += ["ES512", "EdDSA", "rs256", "Rs256", "RS256 ", " RS256", "RS256\0", "RSA", "SHA256", "A128KW"]  # fmt: skip
    for word in words:
        yield f"alg {word!r} over an RS256 signature", partial(_header, name="alg", value=word)
    for word, value in {**JUNK, "in a list": ["RS256"]}.items():
        yield f"alg {word}", partial(_header, name="alg", value=value)

    def unsigned(forge: Forge, *, alg: Any, tail: str) -> str:
        start = f"{encode(json.dumps(forge.header(alg=alg)).encode())}.{forge.parts()[1]}"
        return start + tail.format(signature=forge.parts()[2])

    for alg in ("none", "NONE", "None", "", "RS256"):
        for tail in ("", ".", "..", ".AA", ".e30"):
            yield f"alg {alg!r} ending in {tail!r}", partial(unsigned, alg=alg, tail=tail)

    def keyed(forge: Forge, *, digest: str, secret: Callable[[Forge], bytes], kid: Any) -> str:
        header = forge.header(alg=f"HS{digest[-3:]}", kid=kid(forge))
        start = f"{encode(json.dumps(header).encode())}.{forge.parts()[1]}"
        return f"{start}.{encode(hmac.digest(secret(forge), start.encode(), digest))}"

    secrets: dict[str, Callable[[Forge], bytes]] = {
        "the certificate": _certificate,
        "the certificate, stripped": lambda forge: _certificate(forge).strip(),
        "the public key": _public_pem,
        "the public key, stripped": lambda forge: _public_pem(forge).strip(),
        "the key's id": lambda forge: forge.issuer.kid.encode(),
        "nothing": lambda forge: b"",
        "a guess": lambda forge: b"secret",
        "the project": lambda forge: forge.project.encode(),
    }
    for digest in ("sha256", "sha384", "sha512"):
        for word, secret in secrets.items():
            yield (
                f"HMAC {digest} with {word}",
                partial(keyed, digest=digest, secret=secret, kid=lambda forge: forge.issuer.kid),
            )


def _certificate(forge: Forge) -> bytes:
    return forge.issuer.certificates()[forge.issuer.kid].encode()


def _public_pem(forge: Forge) -> bytes:
    return (
        x509.load_pem_x509_certificate(_certificate(forge))
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def key_ids() -> Iterator[tuple[str, Make]]:
    odd: dict[str, Any] = {
        "in a list": lambda forge: [forge.issuer.kid],
        "as a key": lambda forge: {forge.issuer.kid: 1},
        "the attacker's": lambda forge: forge.attacker.kid,
        "in capitals": lambda forge: forge.issuer.kid.upper() + "A",
        "with a space": lambda forge: forge.issuer.kid + " ",
        "with NUL": lambda forge: forge.issuer.kid + "\0",
        "cut short": lambda forge: forge.issuer.kid[:-1],
        "a path": "../../../../dev/null",
        "an address": "https://evil.example/key",
        "a query": "' OR '1'='1",
        "a command": "; cat /etc/passwd",
        "long": "a" * 4000,
        "an emoji": "🔑",
        "a built-in name": "__class__",
    }
    for word, value in {**JUNK, **odd}.items():
        yield f"kid {word}", partial(_header, name="kid", value=value)


def offered_keys() -> Iterator[tuple[str, Make]]:
    members: dict[str, Any] = {
        "jku": "https://evil.example/jwks.json",
        "x5u": "https://evil.example/cert.pem",
        "jwk": {"kty": "RSA", "e": "AQAB", "n": "sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1"},
        "x5c": ["MIIB"],
        "crit": ["exp"],
        "b64": False,
        "zip": "DEF",
        "enc": "A256GCM",
    }

    def offered(forge: Forge, *, changes: Mapping[str, Any], honest: bool, kid: Any) -> str:
        signer = forge.issuer if honest else forge.attacker
        return signer.sign(forge.payload(), forge.header(kid=resolved(forge, kid), **changes))

    kids = {
        "the known kid": lambda forge: forge.issuer.kid,
        "their own kid": lambda forge: forge.attacker.kid,
        "no kid": ABSENT,
    }
    for name, value in members.items():
        for word, kid in kids.items():
            for honest in (True, False):
                signer = "issuer" if honest else "attacker"
                yield (
                    f"{name} with {word}, signed by the {signer}",
                    partial(offered, changes={name: value}, honest=honest, kid=kid),
                )
    for word, kid in kids.items():
        yield f"signed by the attacker under {word}", partial(offered, changes={}, honest=False, kid=kid)
