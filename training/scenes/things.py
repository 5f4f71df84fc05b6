"""List of the things that the model draws, and of their names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from . import paths


@dataclass(frozen=True)
class Name:
    one: str
    many: str | None  # None: no plural, or the name is a plural already

    @property
    def countable(self) -> bool:
        return self.many is not None


@dataclass(frozen=True)
class Thing:
    code: str  # code points, lower case, without the emoji variation selector
    kind: str
    zone: str  # ground, air or water
    names: tuple[Name, ...]  # the usual one first
    chinese: tuple[str, ...]
    measure: str  # Chinese measure word

    @property
    def name(self) -> str:
        return self.names[0].one


def plural(noun: str) -> str:
    """Returns the regular English plural."""
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    if re.search(r"(s|x|z|ch|sh)$", noun):
        return noun + "es"
    return noun + "s"


def article(noun: str) -> str:
    """Returns the noun behind "a" or "an"."""
    if re.match(r"(UFO|SUV|uni|one|eu|ute)", noun):
        return f"a {noun}"
    if re.match(r"(?i)[aeiou]", noun):
        return f"an {noun}"
    return f"a {noun}"


def parse_name(text: str) -> Name:
    one, _, many = text.strip().partition("/")
    return Name(one, None if many == "-" else many or plural(one))


@cache
def load() -> tuple[Thing, ...]:
    """Returns the things in the order of the file."""
    things, section = [], ("", "", "")
    for line in (paths.HERE / "things.txt").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):
            section = tuple(line.strip("[]").split())
            continue
        code, name, others, chinese, *measure = (part.strip() for part in line.split("|"))
        names = [name, *(o for o in others.split(",") if o.strip())]
        things.append(
            Thing(
                code.lower().replace("-fe0f", ""),
                section[0],
                section[1],
                tuple(parse_name(n) for n in names),
                tuple(c.strip() for c in chinese.split(",")),
                measure[0] if measure else section[2],
            )
        )
    return tuple(things)
