"""What makes each four-legged animal itself: proportions, coat and marks. A table."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.services.engines.builtin.picture.colour import RGB, hexa


@dataclass(frozen=True)
class Beast:
    """Proportions in units of the animal's height; the head's centre is (hx, hy), its radius head."""

    coats: tuple[str, ...]
    leg: float = 0.26
    leg_w: float = 0.11
    body: tuple[float, float] = (0.36, 0.19)
    hx: float = 0.3
    hy: float = 0.7
    head: float = 0.245
    ears: str = "flop"
    tail: str = "wag"
    muzzle: tuple[float, float] = (0.5, 0.36)
    muzzle_colour: str = ""
    belly: str = ""
    nose: str = "403040"
    hoof: str = ""
    neck: float = 0.0
    marks: str = ""
    mark: str = "ffffff"
    eye: float = 0.125
    extra: tuple[str, ...] = ()


BEASTS: dict[str, Beast] = {
    "dog": Beast(("c98f56", "e2b679", "f0dfc0", "a97450"), muzzle_colour="fff3e0", belly="fff0da", marks="patch",
        mark="8f5f3e"),
    "cat": Beast(("f0a860", "9aa0ae", "f5ead8", "6a6272"), leg=0.22, leg_w=0.095, body=(0.34, 0.17), hy=0.64,
        head=0.25, ears="point", tail="curl", muzzle=(0.36, 0.24), muzzle_colour="fff6ea", belly="fff4e4",
        nose="e58a8f", marks="stripes", extra=("whiskers",)),
    "fox": Beast(("e8813c", "de7434"), leg=0.25, leg_w=0.085, body=(0.35, 0.16), hy=0.66, ears="point",
        tail="brush", muzzle=(0.56, 0.3), muzzle_colour="fff4e6", belly="fff2e2", extra=("socks", "cheeks")),
    "wolf": Beast(("8b93a3", "767f92"), leg=0.3, leg_w=0.1, body=(0.38, 0.18), hy=0.72, head=0.23, ears="point",
        tail="brush", muzzle=(0.7, 0.36), muzzle_colour="e9ebef", belly="e2e5ea", extra=("cheeks", "ruff")),
    "bear": Beast(("a3714a", "8f6040"), leg=0.2, leg_w=0.16, body=(0.42, 0.27), hx=0.28, hy=0.69, head=0.25,
        ears="round", tail="bob", muzzle=(0.46, 0.36), muzzle_colour="e9cfa8"),
    "polarbear": Beast(("f6f3ec",), leg=0.2, leg_w=0.16, body=(0.42, 0.26), hx=0.28, hy=0.69, head=0.24,
        ears="round", tail="bob", muzzle=(0.5, 0.36), muzzle_colour="fffdf8"),
    "panda": Beast(("fbf7f0",), leg=0.19, leg_w=0.16, body=(0.38, 0.26), hx=0.26, hy=0.68, head=0.27, ears="round",
        tail="bob", muzzle=(0.38, 0.28), muzzle_colour="ffffff", marks="panda", mark="47404c"),
    "elephant": Beast(("9fabc0", "a9b3c4"), leg=0.25, leg_w=0.17, body=(0.42, 0.28), hx=0.32, hy=0.68, head=0.25,
        ears="elephant", tail="tuft", muzzle=(0.0, 0.0), hoof="e9e4dc", extra=("trunk",), eye=0.11),
    "horse": Beast(("a86f48", "8a5a3c", "e8dccb"), leg=0.37, leg_w=0.085, body=(0.34, 0.165), hx=0.36, hy=0.86,
        head=0.14, ears="small", tail="hair", muzzle=(0.9, 0.62), neck=0.2, hoof="5b4a48", extra=("mane", "long"),
        eye=0.15),
    "cow": Beast(("fbf6ee", "c98d5c"), leg=0.25, leg_w=0.11, body=(0.42, 0.22), hx=0.36, hy=0.7, head=0.2,
        ears="side", tail="tuft", muzzle=(0.72, 0.44), muzzle_colour="f4bdb2", hoof="5d4f50", marks="cow",
        mark="5d5058", nose="c98283", extra=("horns",), eye=0.13),
    "sheep": Beast(("fbf6ea",), leg=0.2, leg_w=0.085, body=(0.38, 0.27), hx=0.34, hy=0.64, head=0.19, ears="side",
        tail="bob", muzzle=(0.0, 0.0), hoof="5a5058", marks="wool", extra=("wool",), eye=0.15),
    "goat": Beast(("f3ece0", "c9b196"), leg=0.29, leg_w=0.085, body=(0.35, 0.17), hx=0.34, hy=0.73, head=0.18,
        ears="side", tail="bob", muzzle=(0.66, 0.42), hoof="5a5058", extra=("horns", "beard"), eye=0.14),
    "pig": Beast(("f7b7b4",), leg=0.19, leg_w=0.11, body=(0.42, 0.26), hx=0.32, hy=0.6, head=0.25, ears="fold",
        tail="twist", muzzle=(0.0, 0.0), hoof="b9777c", extra=("snout",)),
    "deer": Beast(("c98e5a", "bd8350"), leg=0.35, leg_w=0.07, body=(0.31, 0.15), hx=0.32, hy=0.82, head=0.16,
        ears="leaf", tail="bob", muzzle=(0.6, 0.42), muzzle_colour="f6e4cb", belly="f8e9d2", neck=0.14,
        hoof="5a4440", marks="spots", mark="fff1da", extra=("antlers",), eye=0.16),
    "lion": Beast(("eeb45c",), leg=0.25, leg_w=0.12, body=(0.4, 0.2), hx=0.3, hy=0.69, head=0.22, ears="round",
        tail="tuft", muzzle=(0.52, 0.38), muzzle_colour="fff0d2", belly="fde3b4", nose="8a5044", extra=("lionmane",)),
    "tiger": Beast(("f2a048",), leg=0.24, leg_w=0.12, body=(0.42, 0.2), hx=0.32, hy=0.68, head=0.24, ears="round",
        tail="curl", muzzle=(0.5, 0.36), muzzle_colour="fff6e8", belly="fff2e0", nose="d0726f", marks="stripes",
        mark="4c3a3a", extra=("whiskers",)),
    "giraffe": Beast(("f3c96b",), leg=0.31, leg_w=0.06, body=(0.22, 0.12), hx=0.27, hy=0.93, head=0.095,
        ears="side", tail="tuft", muzzle=(0.9, 0.6), muzzle_colour="f8dfa6", neck=0.44, hoof="7a5a48",
        marks="blotch", mark="c98a48", extra=("ossicones", "long"), eye=0.16),
    "zebra": Beast(("fbf8f2",), leg=0.36, leg_w=0.085, body=(0.34, 0.165), hx=0.36, hy=0.86, head=0.14,
        ears="small", tail="tuft", muzzle=(0.9, 0.62), muzzle_colour="6a6068", neck=0.2, hoof="4b454c",
        marks="stripes", mark="4b454c", extra=("mane", "long"), eye=0.15),
    "camel": Beast(("dcb072",), leg=0.36, leg_w=0.08, body=(0.34, 0.15), hx=0.4, hy=0.84, head=0.12, ears="small",
        tail="tuft", muzzle=(0.9, 0.6), neck=0.22, hoof="8a6a4c", extra=("humps", "long"), eye=0.15),
}  # fmt: skip


BEASTS["donkey"] = replace(BEASTS["horse"], coats=("a39a98", "8f8078"), leg=0.33, hy=0.8, neck=0.16, ears="leaf",
    tail="tuft", muzzle_colour="f2ece4", belly="f0e9e0")  # fmt: skip
BEASTS["leopard"] = replace(BEASTS["tiger"], coats=("efc06a",), marks="blotch", mark="7a5236")
BEASTS["hippo"] = Beast(("9c93ac",), leg=0.17, leg_w=0.15, body=(0.44, 0.27), hx=0.34, hy=0.6, head=0.24, ears="round",
    tail="bob", muzzle=(0.74, 0.5), muzzle_colour="c4aebc", hoof="7d7488", nose="6a6074", eye=0.1)  # fmt: skip
BEASTS["rhino"] = Beast(("9aa0a8",), leg=0.2, leg_w=0.15, body=(0.44, 0.25), hx=0.38, hy=0.62, head=0.2, ears="point",
    tail="tuft", muzzle=(0.86, 0.56), muzzle_colour="b2b8be", hoof="d8d4cc", extra=("nosehorn",), eye=0.1)  # fmt: skip
BEASTS["unicorn"] = replace(BEASTS["horse"], coats=("fbf5fa",), extra=("mane", "long", "horn"))


def hair_of(b: Beast, coat: RGB) -> RGB:
    """The colour of mane and tail."""
    return (222, 158, 214) if "horn" in b.extra else (96, 70, 62) if b.marks != "stripes" else hexa(b.mark)
