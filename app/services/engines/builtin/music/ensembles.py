"""The ensembles: who plays in a film, by its style."""

from __future__ import annotations

from typing import NamedTuple

from app.services.engines.builtin.music.moods import named


class Ensemble(NamedTuple):
    """Who plays in a film, and in what kind of room."""

    name: str
    lead: str
    second: str
    """Plays the theme where the first rests, and where the tone is dark."""
    figure: str
    gentle: str
    """Plays the figures of slow and quiet sections."""
    bass: str
    pad: str
    colour: str
    """A few high notes that shine."""
    beats: tuple[str, str, str]
    """Players of the strong beat, the weak beat and the subdivisions; empty names rest."""
    metres: tuple[int, ...]
    """Beats in a bar that suit it; 6 is six quavers in two groups."""
    hall_s: float
    wet: float
    pace: float = 1.0
    five_notes: bool = False
    swing: float = 0.5
    """Where the second half of a beat falls."""
    walking: bool = False
    sevenths: bool = False
    steady: bool = False
    """Beats are played in every mood that is not sad."""


_QUIET = ("", "", "")
ENSEMBLES: dict[str, Ensemble] = {
    one.name: one
    for one in (
        Ensemble(
            "ink",
            "bamboo",
            "zither",
            "zither",
            "zither",
            "zither",
            "strings",
            "zither",
            ("woodblock", "", ""),
            (4, 4, 3),
            2.2,
            0.30,
            0.9,
            five_notes=True,
        ),
        Ensemble(
            "papercut",
            "bamboo",
            "zither",
            "zither",
            "zither",
            "bass",
            "strings",
            "marimba",
            ("woodblock", "rim", "shaker"),
            (4,),
            1.4,
            0.2,
            1.05,
            five_notes=True,
        ),
        Ensemble(
            "noir",
            "muted_trumpet",
            "vibraphone",
            "electric_piano",
            "electric_piano",
            "bass",
            "strings",
            "vibraphone",
            ("brush", "brush_tap", "brush_tap"),
            (4,),
            1.1,
            0.2,
            0.95,
            swing=0.64,
            walking=True,
            sevenths=True,
            steady=True,
        ),
        Ensemble(
            "neon",
            "synth_lead",
            "electric_piano",
            "synth_pluck",
            "electric_piano",
            "synth_bass",
            "synth_pad",
            "synth_pluck",
            ("kick", "rim", "hat"),
            (4,),
            1.8,
            0.24,
            1.05,
            sevenths=True,
            steady=True,
        ),
        Ensemble(
            "epic",
            "horn",
            "cello",
            "spiccato",
            "harp",
            "spiccato",
            "strings",
            "glockenspiel",
            ("drum", "timpani", ""),
            (4, 4, 3),
            2.6,
            0.3,
        ),
        Ensemble(
            "retro",
            "clarinet",
            "vibraphone",
            "piano",
            "piano",
            "bass",
            "strings",
            "glockenspiel",
            ("brush", "brush_tap", "brush_tap"),
            (4,),
            1.2,
            0.18,
            1.05,
            swing=0.62,
            walking=True,
            sevenths=True,
        ),
        Ensemble(
            "dreamy",
            "celesta",
            "flute",
            "harp",
            "harp",
            "bass",
            "strings",
            "glockenspiel",
            _QUIET,
            (3, 4, 6),
            2.6,
            0.34,
            0.95,
        ),
        Ensemble(
            "pastel", "music_box", "piano", "piano", "harp", "bass", "strings", "celesta", _QUIET, (3, 4), 1.7, 0.26
        ),
        Ensemble(
            "anime",
            "piano",
            "flute",
            "piano",
            "piano",
            "bass",
            "strings",
            "glockenspiel",
            ("kick", "rim", "shaker"),
            (4, 4, 6),
            1.6,
            0.22,
            1.05,
        ),
        Ensemble(
            "cinematic",
            "piano",
            "cello",
            "harp",
            "harp",
            "bass",
            "strings",
            "celesta",
            ("timpani", "", ""),
            (4, 3),
            2.2,
            0.28,
        ),
        Ensemble(
            "storybook",
            "clarinet",
            "music_box",
            "pizzicato",
            "harp",
            "bass",
            "strings",
            "glockenspiel",
            ("triangle", "", ""),
            (3, 4, 6, 4),
            1.6,
            0.24,
        ),
    )
}
_DEFAULT_ENSEMBLE = "storybook"


def ensemble_of(style: str) -> Ensemble:
    """The players that the style's words name, else those of a picture book."""
    return ENSEMBLES[named("styles", style) or _DEFAULT_ENSEMBLE]
