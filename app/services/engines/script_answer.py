"""What a language model must answer: the JSON schema it is given, and the strict reading of what came.

Two kinds of trouble: what makes an answer unusable (a field is missing, a camera that does not exist, too many shots),
and blemishes, for which it is asked again once, but which a film can live with if the second answer has them still.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from app.models.engine import Plain, ShotDraft
from app.models.story import CAMERAS, Character
from app.services.engines.builtin.script.language import detect, seconds
from app.services.engines.script_pieces import tokens
from app.services.engines.script_prompt import Brief, detail_form
from app.services.engines.script_reading import camera_move, found_json, unwrapped

T = TypeVar("T")
_LONGEST_FIELD = 4000
_LONGEST_NARRATION_S = 13.0
_SILENT_S = (1.0, 15.0)
_MOST_CAST = 12
_DENSE = re.compile(r"[\u3040-\u9fff\uac00-\ud7af]")
"""Characters of scripts in which a word runs into the next."""


@dataclass
class Read(Generic[T]):
    """An answer as it was understood. ``value`` is None when it cannot be used; ``wrong`` then says why."""

    value: T | None = None
    wrong: list[str] = field(default_factory=list)
    """Field and reason, a sentence each."""
    blemishes: list[str] = field(default_factory=list)


class Draft(Plain):
    """The shots of one part of a story and whom the model added to the cast."""

    style: str
    characters: tuple[Character, ...]
    shots: tuple[ShotDraft, ...]


def _move(word: Any) -> Any:
    if not isinstance(word, str) or not word.strip():
        raise ValueError("it is empty")
    move = camera_move(word)
    if move is None:
        raise ValueError(f"{word.strip()[:24]!r} is none of {', '.join(CAMERAS)}")
    return move


def _nothing(value: Any) -> Any:
    """Ways in which models write that there is nothing."""
    plain = value.strip().lower() if isinstance(value, str) else value
    return None if plain in ("", "null", "none", "n/a", 0) else value


Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=_LONGEST_FIELD)]
Silence = Annotated[str, BeforeValidator(lambda value: _nothing(value) or "")]


class _Shot(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    subject: Filled
    detail: Filled
    image_detail: Filled
    camera: Annotated[str, BeforeValidator(_move)]
    narration: Silence = Field(default="", max_length=_LONGEST_FIELD)
    tone: Filled
    sound: Filled
    style: str = Field(default="", max_length=_LONGEST_FIELD)
    duration: Annotated[float | None, BeforeValidator(_nothing)] = None


class _Member(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    name: Filled
    description: Filled


class _Translated(BaseModel):
    number: int
    text: Filled


def storyboard_schema(low: int, high: int) -> dict[str, Any]:
    """JSON schema of a storyboard, every field required, in the order in which it is best thought out."""
    text = {"type": "string"}
    shot = {
        "subject": text,
        "detail": text,
        "image_detail": text,
        "camera": {"type": "string", "enum": list(CAMERAS)},
        "narration": text,
        "duration": {"type": ["number", "null"]},
        "tone": text,
        "sound": text,
    }
    return _object(
        style=text,
        characters={"type": "array", "items": _object(name=text, description=text)},
        shots={"type": "array", "minItems": low, "maxItems": high, "items": _object(**shot)},
    )


def translation_schema(count: int) -> dict[str, Any]:
    """JSON schema of ``count`` translated texts, numbered, and the names in them."""
    text = {"type": "string"}
    numbered = _object(number={"type": "integer"}, text=text)
    return _object(
        names={"type": "array", "items": _object(name=text, written=text)},
        texts={"type": "array", "minItems": count, "maxItems": count, "items": numbered},
    )


def retelling_schema() -> dict[str, Any]:
    return _object(text={"type": "string"})


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def read_storyboard(text: str, brief: Brief) -> Read[Draft]:
    """The shots in an answer, checked against what was asked for."""
    read: Read[Draft] = Read()
    content = _content(text, read, "shots", "storyboard", "scenes")
    if content is None:
        return read
    raw = content["shots"]
    if not isinstance(raw, list):
        read.wrong.append("shots: it is no list")
        return read
    if not brief.low <= len(raw) <= brief.high:
        wanted = f"exactly {brief.high}" if brief.low == brief.high else f"{brief.low} to {brief.high}"
        read.wrong.append(f"shots: there are {len(raw)}, and {wanted} are wanted")
    shots = [shot for number, one in enumerate(raw, 1) if (shot := _shot(one, number, read)) is not None]
    characters = _characters(content.get("characters", content.get("cast")), brief, read)
    spoken = " ".join(shot.narration for shot in shots)
    if shots and not spoken:
        read.wrong.append("narration: every shot is silent")
    elif foreign := _foreign(spoken, brief.language):
        read.wrong.append(f"narration: it is in {foreign}, and the language of the story is {brief.language}")
    if read.wrong:
        return read
    style = content.get("style")
    style = style.strip()[:_LONGEST_FIELD] if isinstance(style, str) else ""
    style = brief.style or style or next((shot.style for shot in shots if shot.style), "")
    if not style:
        read.wrong.append("style: it is empty")
        return read
    drafts = tuple(ShotDraft(**{**shot.model_dump(), "style": style}) for shot in shots)
    read.blemishes += _blemishes(drafts, brief)
    read.value = Draft(style=style, characters=characters, shots=drafts)
    return read


def read_translation(text: str, count: int, language: str) -> Read[tuple[list[str], dict[str, str]]]:
    """``count`` translated texts in order, and how names were written."""
    read: Read[tuple[list[str], dict[str, str]]] = Read()
    content = _content(text, read, "texts", "translations")
    if content is None:
        return read
    raw = content["texts"] if isinstance(content["texts"], list) else []
    if raw and all(isinstance(one, str) for one in raw):
        raw = [{"number": number, "text": one} for number, one in enumerate(raw, 1)]
    if len(raw) != count:
        read.wrong.append(f"texts: there are {len(raw)}, and {count} are wanted")
        return read
    texts: dict[int, str] = {}
    for number, one in enumerate(raw, 1):
        translated = _model(_Translated, one, f"text {number}", read)
        if translated is not None:
            texts[translated.number] = translated.text
    if not read.wrong and sorted(texts) != list(range(1, count + 1)):
        read.wrong.append(f"texts: their numbers must be 1 to {count}, each once")
    for number, one in sorted(texts.items()):
        if foreign := _foreign(one, language):
            read.wrong.append(f"text {number}: it is in {foreign}, and {language} is wanted")
    if not read.wrong:
        read.value = [texts[number] for number in sorted(texts)], _names(content.get("names"))
    return read


def read_retelling(text: str, longest: int) -> Read[str]:
    """A shortened part of a story, of at most ``longest`` tokens."""
    read: Read[str] = Read()
    content = _content(text, read, "text")
    if content is None:
        return read
    told = content["text"]
    if not isinstance(told, str) or not told.strip():
        read.wrong.append("text: it is empty")
    elif (length := tokens(told)) > longest:
        read.wrong.append(f"text: it is {length / longest:.1f} times as long as it may be")
    else:
        read.value = told.strip()
    return read


def _content(text: str, read: Read[Any], *names: str) -> dict[str, Any] | None:
    try:
        return unwrapped(found_json(text, *names), *names)
    except ValueError as error:
        read.wrong.append(f"the answer: {error if text.strip() else 'it is empty'}")
        return None


M = TypeVar("M", bound=BaseModel)


def _model(kind: type[M], value: Any, where: str, read: Read[Any]) -> M | None:
    """``value`` as a model; each of its faults is noted with its field, and never with the value."""
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            place = ", ".join([where, *(str(part) for part in one["loc"])])
            reason = "it is empty" if one["type"] == "string_too_short" else _reason(one["type"], one["msg"])
            read.wrong.append(f"{place}: {reason}")
        return None


def _reason(kind: str, message: str) -> str:
    return "it is missing" if kind == "missing" else message.removeprefix("Value error, ")


def _shot(value: Any, number: int, read: Read[Any]) -> _Shot | None:
    shot = _model(_Shot, value, f"shot {number}", read)
    if shot is None:
        return None
    if shot.narration:
        return shot.model_copy(update={"duration": None})
    if shot.duration is None:
        read.wrong.append(f"shot {number}, narration: it is empty, and there is no duration either")
    elif not _SILENT_S[0] <= shot.duration <= _SILENT_S[1]:
        read.wrong.append(f"shot {number}, duration: it must be {_SILENT_S[0]:.0f} to {_SILENT_S[1]:.0f} seconds")
    return shot


def _characters(value: Any, brief: Brief, read: Read[Any]) -> tuple[Character, ...]:
    """Whom the answer describes; nobody twice."""
    if value is None and not brief.cast:
        read.blemishes.append("characters: the cast is missing")
    found: dict[str, Character] = {}
    for number, one in enumerate(value if isinstance(value, list) else [], 1):
        member = _model(_Member, one, f"character {number}", read)
        if member is not None:
            found.setdefault(member.name, Character(name=member.name, description=member.description))
    return tuple(found.values())[:_MOST_CAST]


def _names(value: Any) -> dict[str, str]:
    """Names and their written forms; what is no such pair is left out."""
    pairs = value if isinstance(value, list) else []
    return {
        one["name"].strip(): one["written"].strip()
        for one in pairs
        if isinstance(one, dict)
        and all(isinstance(one.get(key), str) and one[key].strip() for key in ("name", "written"))
    }


_ALPHABETS = {
    "Han": "zh yue wuu nan cmn ja",
    "Hangul": "ko",
    "Thai": "th",
    "Arabic": "ar fa",
    "Hebrew": "he",
    "Cyrillic": "ru uk",
    "Greek": "el",
    "Devanagari": "hi",
    "Latin": "en fr es de it pt nl tr vi id pl sv da no fi cs ro hu",
}
_ALPHABET = {code: name for name, codes in _ALPHABETS.items() for code in codes.split()}


def _foreign(text: str, language: str) -> str:
    """The language of a text, if its script is not that of the language wanted; empty if it is or nobody can tell."""
    if sum(char.isalpha() for char in text) < 4:
        return ""
    found = detect(text).code.split("-")[0]
    wanted = _ALPHABET.get(language.split("-")[0].lower())
    return found if wanted and wanted != _ALPHABET.get(found, wanted) else ""


def _blemishes(shots: Sequence[ShotDraft], brief: Brief) -> list[str]:
    """What makes a storyboard poor, though not unusable."""
    noted = []
    form = detail_form(brief.language)
    for number, shot in enumerate(shots, 1):
        if form and not _has_form(shot.detail, form):
            noted.append(f"shot {number}, detail: it is not in the form {form[0]} … {form[1]} … {form[2]} …")
        if seconds(shot.narration) > _LONGEST_NARRATION_S:
            noted.append(f"shot {number}, narration: it is too long to speak in 8 seconds")
    repeated = [shot.narration for shot in shots if shot.narration]
    if len(set(repeated)) < len(repeated):
        noted.append("narration: two shots say the same")
    if len(shots) >= 4 and len({shot.camera for shot in shots}) == 1:
        noted.append("camera: it is the same in all shots; vary it")
    return noted


def _has_form(detail: str, form: tuple[str, str, str]) -> bool:
    """Whether the first and the last of the three words stand there in order; the middle one has many synonyms."""
    plain = detail.replace("’", "'").lower()
    first = plain.find(form[0])
    return 0 <= first < plain.find(form[2], first + 1)


def described(draft: Draft, cast: Sequence[Character], join: Callable[[str, str], str]) -> tuple[ShotDraft, ...]:
    """The shots, each picture with the looks of everyone it names, in the words of the cast."""
    return tuple(shot.model_copy(update={"image_detail": _with_looks(shot, cast, join)}) for shot in draft.shots)


def _with_looks(shot: ShotDraft, cast: Sequence[Character], join: Callable[[str, str], str]) -> str:
    words = shot.image_detail
    for member in cast:
        if member.description and _names_in(member.name, words) and not _looks_there(member.description, words):
            words = join(words, f"{member.name}: {member.description}")
    return words


def _names_in(name: str, text: str) -> bool:
    """Whether a text names somebody. A name of one Chinese character stands in too many words to tell."""
    if _DENSE.search(name):
        return len(name) > 1 and name in text
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def _looks_there(description: str, text: str) -> bool:
    """Whether most of a description's words (of scripts without spaces: pairs of characters) stand in the text."""
    dense = _DENSE.search(description) is not None
    parts = _parts(description, dense)
    return not parts or len(parts & _parts(text, dense)) >= 0.6 * len(parts)


def _parts(text: str, dense: bool) -> set[str]:
    words = re.findall(r"[^\W_]+", text.lower())
    if not dense:
        return set(words)
    joined = "".join(words)
    return {joined[at : at + 2] for at in range(max(1, len(joined) - 1))}
