"""A long text in pieces that a speech model speaks well: whole sentences, and clauses where a sentence is too long."""

from __future__ import annotations

import re

_ENDS = re.compile(r"(?<=[。！？!?…\n])(?![。！？!?…”’」』）)\"'])|(?<=\.)\s+(?=\S)|(?<=[。！？!?…][”’」』）)\"'])")
_CLAUSES = re.compile(r"(?<=[，、；：;:—])|(?<=,)\s+")
_SPOKEN = re.compile(r"\w")


def pieces(text: str, longest: int) -> list[str]:
    """Parts of at most ``longest`` characters that together say everything; those without a word are left out."""
    found: list[str] = []
    for sentence in _ENDS.split(text):
        for part in _short(sentence.strip(), longest):
            if not _SPOKEN.search(part):
                continue
            if found and len(found[-1]) + 1 + len(part) <= longest:
                found[-1] = _joined(found[-1], part)
            else:
                found.append(part)
    return found


def _short(sentence: str, longest: int) -> list[str]:
    if len(sentence) <= longest:
        return [sentence]
    found = [""]
    for clause in (part for part in _CLAUSES.split(sentence) if part):
        for bit in _cut(clause, longest):
            if found[-1] and len(found[-1]) + 1 + len(bit) > longest:
                found.append(bit)
            else:
                found[-1] = _joined(found[-1], bit)
    return found


def _cut(clause: str, longest: int) -> list[str]:
    """A clause without a pause in it: at spaces, else anywhere."""
    found = []
    while len(clause) > longest:
        at = clause.rfind(" ", 1, longest + 1)
        at = at if at > 0 else longest
        found.append(clause[:at].strip())
        clause = clause[at:].strip()
    return [*found, clause] if clause else found


def _joined(left: str, right: str) -> str:
    """With a space between words that had one."""
    return f"{left} {right}" if left and left[-1].isascii() and right[:1].isascii() else left + right
