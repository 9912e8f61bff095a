"""Turns a moment of a story into a complete shot: what is seen, in what light, with which sound and mood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.models.engine import ShotDraft
from app.services.engines.builtin.script import framing
from app.services.engines.builtin.script.camera import BY_TONE, choose
from app.services.engines.builtin.script.figures import Figure, shorten
from app.services.engines.builtin.script.han import simplified
from app.services.engines.builtin.script.language import Language, seconds
from app.services.engines.builtin.script.lexicon import lexicon
from app.services.engines.builtin.script.sentences import joined, sentences

DETAIL_MAX, IMAGE_MAX, NARRATION_MAX = 220, 400, 600
_SHORTEST_S = 1.5
"""A shot is not parted into shorter ones than this."""
_MOST_SOUNDS = 3
_AIR = {
    "clear": ("{light}照亮了{place}", "{light} over {place}"),
    "cloudy": ("云影掠过{place}", "clouds drifting over {place} in {light}"),
    "rain": ("雨丝落在{place}", "rain falling on {place} in {light}"),
    "storm": ("暴风雨卷过{place}", "a storm sweeping over {place} in {light}"),
    "snow": ("雪花飘满{place}", "snow falling on {place} in {light}"),
    "wind": ("风吹过{place}", "wind blowing through {place} in {light}"),
    "fog": ("薄雾笼罩着{place}", "mist hanging over {place} in {light}"),
    "rainbow": ("彩虹弯弯地挂在{place}上", "a rainbow over {place} in {light}"),
}
_AIR_INDOORS = {
    "cloudy": ("云影掠过{place}的窗", "clouds passing the windows of {place} in {light}"),
    "rain": ("雨点敲着{place}的窗", "rain tapping at the windows of {place} in {light}"),
    "storm": ("暴风雨摇着{place}的窗", "a storm shaking the windows of {place} in {light}"),
    "snow": ("雪花飘过{place}的窗外", "snow drifting past the windows of {place} in {light}"),
    "wind": ("风吹动{place}的窗帘", "wind stirring the curtains of {place} in {light}"),
}
INDOORS = {"room", "school", "library", "kitchen", "studio", "hospital", "stage", "stairwell", "corridor", "bathroom"}
_FAIR = {"birds", "frogs", "crickets"}
"""What is not heard in rain and snow."""
_NIGHT_SOUND = {"forest", "village", "garden", "road", "river", "meadow", "farm"}


@dataclass(frozen=True)
class Moment:
    """One shot as the story has it, before it is worded for the makers of pictures and sound."""

    narration: str
    """Empty: only seen and heard."""
    figures: tuple[Figure, ...]
    """Who is seen; the first is the subject. May be empty."""
    actions: tuple[str, str]
    """Two things that happen, the first done by the subject."""
    place: str
    time: str
    tone: str
    weather: str = "clear"
    season: str = ""
    sounds: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    whole: bool = False
    """The actions are clauses with their own subjects."""
    key: int = 0
    """Which of the actions the picture shows."""
    also: str = ""
    """What else is told and can be seen beside it, when there is room."""
    seen: str = ""
    """What the picture shows of the place when it is not the place's usual view."""
    hold_s: float | None = None
    """How long the picture is looked at, at least."""


def drafts(moments: Sequence[Moment], language: Language, style: str) -> tuple[ShotDraft, ...]:
    """One complete shot a moment."""
    moves = choose([(*moment.cameras, *BY_TONE[moment.tone]) for moment in moments])
    wanted = [
        framing.wishes(move, moment.tone, len(moment.figures)) for moment, move in zip(moments, moves, strict=True)
    ]
    views = framing.choose(wanted, [(moment.place, moment.time) for moment in moments])
    rows = zip(moments, moves, views, strict=True)
    return tuple(_draft(moment, move, view, language, style) for moment, move, view in rows)


def fitting_style(moments: Sequence[Moment], language: Language, *, verse: bool) -> str:
    """A manner for the pictures when the request names none."""
    places = [moment.place for moment in moments]
    nights = sum(moment.time == "night" for moment in moments)
    kinds = {figure.kind for moment in moments for figure in moment.figures}
    if verse and language.chinese:
        key = "ink"
    elif places.count("space") > len(places) / 3 or kinds & {"robot", "astronaut"}:
        key = "future"
    elif places.count("snowfield") > len(places) / 3:
        key = "snow"
    else:
        key = "night" if nights > len(places) / 2 else "default"
    zh, en = lexicon().world["style"][key]
    return language.say(zh, en)


def _draft(moment: Moment, move: str, view: str, language: Language, style: str) -> ShotDraft:
    tone = lexicon().world["tone"][moment.tone]
    return ShotDraft(
        subject=_subject(moment, language),
        detail=_detail(moment, language, style),
        image_detail=_image(moment, view, language, style),
        camera=move,
        narration=shorten(moment.narration, NARRATION_MAX),
        tone=language.say(tone["zh"], tone["en"]),
        sound=_sound(moment, language),
        style=style,
        duration=moment.hold_s,
    )


def _subject(moment: Moment, language: Language) -> str:
    names = list(dict.fromkeys(figure.name for figure in moment.figures[:3]))
    if not names:
        place = lexicon().world["place"][moment.place]
        time = lexicon().world["time"][moment.time]
        return language.say(f"{time['zh']}的{place['zh']}", f"{place['en']} at {time['en']}")
    if language.chinese:
        return "、".join(names[:-1]) + language.say("和", "") + names[-1] if len(names) > 1 else names[0]
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]


def _light(moment: Moment, language: Language) -> str:
    time = lexicon().world["time"][moment.time]
    if moment.place == "space":
        return language.say("明亮的星光", "bright starlight")
    dim = "dim" if moment.weather in ("rain", "storm", "snow", "cloudy", "fog") else "light"
    shade = "in" if moment.place in INDOORS and (dim == "light" or moment.time == "night") else dim
    return language.say(time[f"zh_{shade}"], time[f"en_{shade}"])


def _detail(moment: Moment, language: Language, style: str) -> str:
    """先…然后…最后… / First …, then …, finally …, within the bound by leaving out what matters least."""
    place, time = lexicon().world["place"][moment.place], lexicon().world["time"][moment.time]
    inside = moment.place in INDOORS and moment.weather in _AIR_INDOORS
    zh_air, en_air = (_AIR_INDOORS if inside else _AIR)[moment.weather]
    light = _light(moment, language)
    room = DETAIL_MAX
    first, last = (shorten(action, room // 3) for action in moment.actions)
    doer = moment.figures[0].name if moment.figures and not moment.whole else ""
    if language.chinese:
        air = language.say(zh_air.replace("{light}", ""), "").replace("{place}", language.say(place["zh"], ""))
        air = (light + air) if moment.weather == "clear" else light + language.say("里，", "") + air
        opening, middle, ending = (language.say(word, "") for word in ("先是", "然后", "最后"))
        text = f"{language.say(time['zh'], '')}，{opening}{air}，{middle}{doer}{first}，{ending}{last}"
        return shorten(text, room - len(style) - 2) + f"，{style}。"
    air = en_air.format(light=light, place=place["en"])
    text = f"First, {air}; then {doer + ' ' if doer else ''}{first}; finally, {last}"
    end = f"; {style}."
    return (shorten(text, room) + ".") if len(text) + len(end) > room else text + end


def _image(moment: Moment, view: str, language: Language, style: str) -> str:
    """Framing, hero with looks, deed, company, place, view, time, weather, light, mood, style: concrete words."""
    world = lexicon().world
    place, time, air = world["place"][moment.place], world["time"][moment.time], world["weather"][moment.weather]
    say, tone = language.say, world["tone"][moment.tone]
    comma = "，" if language.chinese else ", "
    season = world["season"].get(moment.season)
    setting = [
        say(place["zh_at"], place["en_at"]),
        say(season["zh"], season["en"]) if season else "",
        say(time["zh"], time["en"]),
        say(air["zh"], air["en"]) if moment.weather != "clear" else "",
        say(f"{tone['zh']}的气氛", tone["en"]),
        style,
    ]
    tail = comma.join(part for part in setting if part)
    around = moment.seen or say(place["zh_view"], place["en_view"])
    light = _light(moment, language)
    shot = say(*framing.WORDS[view])
    room = IMAGE_MAX - len(tail) - len(comma)
    head = [shot, *(figure.shown(language) for figure in moment.figures[:1])]
    # What does not fit is named without looks or left out; nobody who is in the shot goes unnamed.
    company = [(figure.shown(language), figure.name) for figure in moment.figures[1:3]]
    for wish, instead in [(moment.actions[moment.key], ""), *company, (around, ""), (light, ""), (moment.also, "")]:
        left = room - sum(len(part) + len(comma) for part in head)
        head += [part for part in (wish, instead) if part and len(part) <= left][:1]
    return comma.join([*(head if len(head) > 1 else [shot, shorten(around, room - len(shot) - 2)]), tail])


def _sound(moment: Moment, language: Language) -> str:
    """At most three plain sounds: those of the beat, of what is told, of the weather, of the place."""
    world = lexicon().world
    told = lexicon().scan(simplified(moment.narration), language) if moment.whole else ()
    heard = list(dict.fromkeys(hit.key for hit in told if hit.group == "sound"))[:2]
    wet = moment.weather in ("rain", "storm", "snow") or moment.season == "winter"
    keys = [*moment.sounds, *world["weather"][moment.weather]["sound"].split(), *heard]
    if moment.time == "night" and moment.weather == "clear" and moment.place in _NIGHT_SOUND:
        keys += ["crickets", "owl"] if moment.place == "forest" else ["crickets"]
    else:
        keys += [key for key in world["place"][moment.place]["sound"].split() if not (wet and key in _FAIR)]
    keys = keys or ["wind"]
    rows = [world["sound"][key] for key in dict.fromkeys(keys)][:_MOST_SOUNDS]
    return ("、" if language.chinese else ", ").join(language.say(row["zh"], row["en"]) for row in rows)


def stretched(moments: Sequence[Moment], wanted: int) -> list[Moment]:
    """Up to ``wanted`` moments out of these, by giving sentences of the longest narrations a shot of their own."""
    out = list(moments)
    while len(out) < wanted:
        halves = [_halved(moment) for moment in out]
        i = max(range(len(out)), key=lambda i: min(map(seconds, halves[i])))
        before, after = halves[i]
        if min(seconds(before), seconds(after)) < _SHORTEST_S:
            break
        first, last = out[i].actions
        out[i : i + 1] = [
            replace(out[i], narration=before),
            replace(out[i], narration=after, actions=(last, first), cameras=out[i].cameras[::-1]),
        ]
    return out


def _halved(moment: Moment) -> tuple[str, str]:
    """The narration in two, as evenly as its sentences allow; the second is empty when there is only one."""
    parts = sentences(moment.narration)
    cuts = [(joined(parts[:k]), joined(parts[k:])) for k in range(1, len(parts))]
    return max(cuts, key=lambda cut: min(map(seconds, cut)), default=(moment.narration, ""))
