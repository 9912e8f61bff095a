"""Numbers, dates, sums and measures written out as they are said, where espeak-ng would read them wrongly.

Every rule replaces one stretch of the text by words, and remembers where the stretch stood: a position in what is
said is always a position in what was written, so that subtitles keep the digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import cn2an  # type: ignore[import-untyped]

_CHINESE_UNITS = {"km/h": "公里每小时", "km": "公里", "kg": "公斤", "cm": "厘米", "mm": "毫米", "ml": "毫升",
                  "m": "米", "g": "克", "℃": "摄氏度", "°c": "摄氏度", "°": "度"}  # fmt: skip
_CHINESE_SUMS = {"$": "美元", "€": "欧元", "£": "英镑", "￥": "元", "¥": "元"}
_MEASURES = "个個只隻条條张張把位件本口头頭匹名朵颗顆粒座间間家辆輛艘架台棵根块塊片双雙对對次遍天年岁歲杯碗瓶步封首层層"
_ENGLISH_UNITS = {"km/h": "kilometres an hour", "mph": "miles an hour", "km": "kilometres", "kg": "kilograms",
                  "cm": "centimetres", "mm": "millimetres", "m": "metres", "g": "grams", "ft": "feet", "lb": "pounds",
                  "°c": "degrees", "℃": "degrees", "°f": "degrees Fahrenheit"}  # fmt: skip
_ENGLISH_SUMS = {"$": "dollars", "€": "euros", "£": "pounds"}
_PARTS = {"1/2": "a half", "1/3": "a third", "2/3": "two thirds", "1/4": "a quarter", "3/4": "three quarters"}
_DECADES = {"1": "tens", "2": "twenties", "3": "thirties", "4": "forties", "5": "fifties", "6": "sixties",
            "7": "seventies", "8": "eighties", "9": "nineties"}  # fmt: skip
_MOST_DIGITS = 16
"""cn2an counts no further; a longer number is read digit by digit."""

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def aloud(text: str, base: str) -> tuple[str, list[int]]:
    """``text`` as the voice ``base`` should say it, and for each of its characters the index where it was written."""
    rules = _CHINESE if base in ("cmn", "yue", "hak") else _ENGLISH if base.startswith("en") else ()
    said: list[str] = []
    origin: list[int] = []
    at = 0
    for start, end, words in _replacements(text, rules):
        said += [text[at:start], words]
        origin += [*range(at, start), *[start] * len(words)]
        at = end
    return "".join(said) + text[at:], [*origin, *range(at, len(text))]


def _replacements(text: str, rules: tuple[Rule, ...]) -> Iterator[tuple[int, int, str]]:
    """(start, end, words) from left to right; of rules that fit the same place the first wins."""
    at = 0
    while True:
        matches = ((rule.search(text, at), rank) for rank, (rule, _) in enumerate(rules))
        found = [(match.start(), rank, match) for match, rank in matches if match is not None]
        if not found:
            return
        start, rank, match = min(found, key=lambda one: one[:2])
        yield start, match.end(), rules[rank][1](match)
        at = match.end()


def _number(digits: str) -> str:
    """Chinese for a number in Arabic digits, with decimals and thousands' commas."""
    plain = digits.replace(",", "").replace("，", "")
    whole = plain.lstrip("-").partition(".")[0]
    if len(whole) > _MOST_DIGITS or (len(whole) > 1 and whole.startswith("0")):
        return _digits(plain)
    return str(cn2an.an2cn(plain, "low"))


def _digits(digits: str) -> str:
    return "".join(str(cn2an.an2cn(one, "direct")) for one in digits if one.isdigit())


def _clock(match: re.Match[str]) -> str:
    hour, minute = match.groups()
    minutes = "" if minute == "00" else ("零" if minute.startswith("0") else "") + _number(str(int(minute))) + "分"
    return f"{_number(str(int(hour)))}点{minutes}"


def _fraction(match: re.Match[str]) -> str:
    return f"{_number(match[2])}分之{_number(match[1])}"


_CHINESE: tuple[Rule, ...] = (
    (re.compile(r"(?<!\d)\d{4}(?= ?年(?!前|后|後|来|來|间|間|的?时间))"), lambda match: _digits(match.group())),
    (re.compile(r"(?<![\d:])([01]?\d|2[0-4])[:：]([0-5]\d)(?![\d:])"), _clock),
    (re.compile(r"(-?\d+(?:\.\d+)?)\s?[%％]"), lambda match: "百分之" + _number(match[1])),
    (
        re.compile(r"(?<![\d/])(\d{1,3})/(\d{1,3})(?![\d/])"),
        _fraction,
    ),
    (
        re.compile(r"([$€£￥¥])\s?((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)([万萬亿億]?)"),
        lambda match: _number(match[2]) + match[3] + _CHINESE_SUMS[match[1]],
    ),
    (
        re.compile(r"(-?\d+(?:\.\d+)?)\s?(km/h|km|kg|cm|mm|ml|m|g|℃|°C|°)(?![A-Za-z])", re.IGNORECASE),
        lambda match: _number(match[1]) + _CHINESE_UNITS[match[2].lower()],
    ),
    (
        re.compile(r"(?<![\d.])(\d{1,4})\s?[-–~～]\s?(\d{1,4})(?=[\u4e00-\u9fff])"),
        lambda match: f"{_number(match[1])}到{_number(match[2])}",
    ),
    (re.compile(rf"(?<![\d.第])2(?=[{_MEASURES}])"), lambda _: "两"),
    (re.compile(r"(?<!\d)\d{11,}(?![\d.])"), lambda match: _digits(match.group())),
    (re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"), lambda match: _number(match.group())),
)


def _year(match: re.Match[str]) -> str:
    century, year, decade = match.groups()
    if century == "20" and year.startswith("0"):
        return match.group()
    if decade:
        return f"{century} {_DECADES.get(year[0], 'hundreds')}" if year.endswith("0") else match.group()
    if year == "00":
        return f"{century} hundred"
    return f"{century} oh {year[1]}" if year.startswith("0") else f"{century} {year}"


def _sum(match: re.Match[str]) -> str:
    sign, whole, cents, many = match.groups()
    name = _ENGLISH_SUMS[sign]
    one = name[:-1] if whole == "1" and not cents and not many else name
    return f"{whole}{many or ''} {one}" + (f" {int(cents)}" if cents and int(cents) else "")


_ENGLISH: tuple[Rule, ...] = (
    (
        re.compile(r"(?:(?<=\bin )|(?<=\bof )|(?<=\bby )|(?<=\bfrom )|(?<=\bsince )|(?<=\bthe ))"
                   r"(1[1-9]|20)(\d\d)(s?)\b(?! [a-z]+s\b)", re.IGNORECASE),
        _year,
    ),
    (re.compile(r"([$€£])(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d\d))?( (?:thousand|million|billion))?"), _sum),
    (re.compile(r"\bNo\. ?(?=\d)"), lambda _: "number "),
    (
        re.compile(r"(\d+(?:\.\d+)?) ?(km/h|mph|km|kg|cm|mm|ft|lb|m|g|°C|°F|℃)(?![A-Za-z/])", re.IGNORECASE),
        lambda match: f"{match[1]} {_ENGLISH_UNITS[match[2].lower()]}",
    ),
    (re.compile(r"(?<![\d/])(?:1/2|[12]/3|[13]/4)(?![\d/])"), lambda match: _PARTS[match.group()]),
)  # fmt: skip
