"""What kinds of people wear: a table, so that a king is a king in every picture."""

from __future__ import annotations

from dataclasses import dataclass

from app.services.engines.builtin.picture.colour import RGB, hexa
from app.services.engines.builtin.picture.creature import Looks


@dataclass(frozen=True)
class Outfit:
    """``body`` is the cut of the clothes; colours are choices among which the person's name decides."""

    body: str = "shirt"
    tops: tuple[str, ...] = ("e2725b", "4f8fc0", "6aa874", "e8b04a", "9a78b8", "e58aa0")
    lower: tuple[str, ...] = ("4e5f86", "6b5a4e", "5d7a8a", "7a5f7d")
    hair: str = "short"
    hairs: tuple[str, ...] = ("4a3530", "2f2a33", "7a4e34", "a5703f")
    hat: str = ""
    hat_colour: str = ""
    age: str = "adult"
    beard: str = ""
    extra: tuple[str, ...] = ()
    skin: str = ""


GREY = ("d5d3d2", "e6e2de", "bdbcc0")
OUTFITS: dict[str, Outfit] = {
    "girl": Outfit("dress", ("e8655f", "f2a541", "5fa8c8", "ef8fa6", "7cb777", "a886c8"), hair="pigtails",
        age="child", extra=("lash",)),
    "boy": Outfit("shirt", ("4f93c4", "e2793f", "68a868", "d9584f", "f0bc4e", "8a77b8"), hair="boy", age="child"),
    "baby": Outfit("romper", ("f7d67e", "a8d8e8", "f6b8c0"), hair="tuft", age="baby"),
    "woman": Outfit("long", ("c8607a", "5b8fa8", "b98a4a", "7d6aa8", "5f9a84"), hair="long", extra=("lash",)),
    "man": Outfit("coat", ("4f6f96", "7a6a54", "5c7f6a", "94584e", "6a6078"), hair="short"),
    "oldman": Outfit("coat", ("6a7f66", "7b6550", "5c6f8c"), hair="bald", hairs=GREY, age="old", beard="full",
        extra=("cane",)),
    "oldwoman": Outfit("long", ("8d6a92", "5f8577", "a5675c"), hair="bun", hairs=GREY, age="old", extra=("apron",
        "glasses")),
    "king": Outfit("robe", ("b23a48", "7a3f8c"), hair="short", hat="crown", beard="full", extra=("cape", "trim")),
    "queen": Outfit("long", ("9a4fa0", "b8465e", "3f7aa8"), hair="bun", hat="crown", extra=("lash", "cape", "trim")),
    "prince": Outfit("coat", ("4f7fc4", "3f9a8a", "a84f6a"), ("f2ead8", "d8cfe0"), hair="boy", hairs=("e0b45c",
        "8a5a3c"), hat="circlet", age="child", extra=("cape",)),
    "princess": Outfit("long", ("f29ab4", "9fc4ee", "f5cf7a", "c4a2e2"), hair="long", hairs=("e8b860", "7a4e34",
        "b5623c"), hat="tiara", age="child", extra=("lash", "trim")),
    "knight": Outfit("armour", ("b4bcc8",), ("8a94a4",), hair="short", hat="helm", extra=("cape", "sword")),
    "robot": Outfit("robot", ("7fb8c8", "b8c4cc", "e8b878", "9ab8a0"), hair="none"),
    "astronaut": Outfit("suit", ("f4f4f2",), ("e6e8ea",), hair="boy", hat="bubble", extra=("pack",)),
    "alien": Outfit("romper", ("7a6ac0", "5f7fc8"), hair="none", hat="antenna", skin="9ad08a", age="child",
        extra=("bigeyes",)),
    "fairy": Outfit("dress", ("a8d890", "f6b8d4", "b8d4f6"), hair="long", hairs=("f0c860", "e89a5c", "b88ad8"),
        hat="wreath", age="child", extra=("lash", "wings", "wand")),
    "wizard": Outfit("robe", ("4a5fa8", "6a4a98", "2f7a84"), hair="long", hairs=GREY, hat="pointed", beard="long",
        age="adult", extra=("staff", "stars")),
    "witch": Outfit("robe", ("5b4a78", "3f5a5c"), hair="long", hairs=("c8653c", "4a3a5a"), hat="witch",
        extra=("lash", "broom")),
    "pirate": Outfit("coat", ("9a3f3f", "3f4f7a"), ("3f3a44", "6a5a4a"), hair="long", hat="pirate", beard="short",
        extra=("patch", "belt")),
    "mermaid": Outfit("tail", ("58b4a8", "6aa0d8"), hair="long", hairs=("e0694f", "f0b858", "6a4a8a"), hat="shell",
        age="child", extra=("lash",)),
    "farmer": Outfit("overall", ("e2a05a", "c8605a", "7aa86a"), ("5878a0",), hair="short", hat="straw"),
    "chef": Outfit("shirt", ("fbf8f2",), ("6a6a78",), hair="short", hat="toque", extra=("apron", "neckerchief")),
    "doctor": Outfit("labcoat", ("fbfaf6",), ("5f7f9a",), hair="short", extra=("glasses",)),
    "painter": Outfit("shirt", ("f2ece0", "6a8fb4"), ("6a5a78",), hair="bob", hat="beret", hat_colour="c8484f",
        extra=("apron",)),
    "police": Outfit("coat", ("3f5f96",), ("33466e",), hair="short", hat="police", extra=("belt",)),
    "scholar": Outfit("hanfu", ("e6ddd0", "8fb0b0", "b0a0c0", "c9b98c"), hair="topknot", hairs=("2f2a33",),
        beard="thin"),
    "monk": Outfit("kasaya", ("d9a24e", "b8a488", "c98a4a"), hair="none", hat="bald"),
    "lady": Outfit("hanfu", ("e8a0b4", "8fc4c0", "b8a4dc", "f0c890"), hair="long", hairs=("2f2a33",), hat="pins",
        extra=("lash",)),
    "emperor": Outfit("robe", ("d9a83c",), hair="topknot", hairs=("2f2a33",), hat="emperor", beard="thin",
        extra=("trim", "cape")),
    "general": Outfit("armour", ("a8788c", "7f8fb0", "b89868"), ("6a5560",), hair="short", hairs=("2f2a33",),
        hat="general", beard="short", extra=("plates", "cape", "sword")),
    "fisher": Outfit("straw", ("c2a06a", "b08c58"), hair="topknot", hairs=("4a4448",), hat="bamboo", beard="full"),
    "courier": Outfit("jacket", ("f2c230", "3f8fd9"), ("3f4658",), hair="short", hat="courier"),
    "captain": Outfit("coat", ("3a4a78",), ("f2f0ea",), hair="short", hat="peaked", beard="full",
        extra=("trim", "belt")),
    "sailor": Outfit("shirt", ("fafafa",), ("3f5fa0",), hair="short", hat="sailor", extra=("neckerchief",)),
    "teacher": Outfit("coat", ("6a8f7a", "8a6f94", "5f7fa8"), ("4a4658",), hair="bob", extra=("glasses", "lash")),
    "nurse": Outfit("dress", ("f2f6f8", "f6d8e0"), hair="bun", hat="nurse", extra=("lash",)),
    "firefighter": Outfit("jacket", ("e0a83c", "c8503c"), ("3f4a5c",), hair="short", hat="fire", hat_colour="d9483c",
        extra=("belt",)),
    "soldier": Outfit("coat", ("6f8a5a", "7a8468"), ("5a6a4a",), hair="short", hat="army", hat_colour="66804f",
        extra=("belt",)),
    "worker": Outfit("overall", ("e8b04a", "d97a4a", "8fb0c8"), ("4f6f96",), hair="short", hat="army",
        hat_colour="f0c23c"),
    "santa": Outfit("coat", ("c83c3c",), ("c83c3c",), hair="short", hairs=GREY, hat="santa", beard="long", age="old",
        extra=("trim", "belt", "pack")),
    "snowman": Outfit("snowman", ("ffffff",), hair="none", hat="tophat", extra=("scarf",)),
    "ghost": Outfit("ghost", ("fbfaff",), hair="none"),
    "monster": Outfit("monster", ("8a7fd0", "6fb8a0", "e08a6a", "c87fb0"), hair="none"),
}  # fmt: skip

SKINS: tuple[RGB, ...] = ((255, 221, 193), (252, 208, 176), (243, 194, 158), (222, 170, 132))


def colours(choices: tuple[str, ...]) -> tuple[RGB, ...]:
    """Hex codes as colours."""
    return tuple(hexa(code) for code in choices)


def outfit_of(looks: Looks) -> Outfit:
    """The outfit of a kind of person; somebody unheard of is dressed as a traveller."""
    return OUTFITS.get(looks.kind, OUTFITS["man"])
