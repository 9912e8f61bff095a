"""How a telling speaks of someone: with article or measure word, by name, by pronoun; and of what is wished for."""

from __future__ import annotations

import re

from app.services.engines.builtin.script.being import Being
from app.services.engines.builtin.script.figures import article_of, kind_of
from app.services.engines.builtin.script.han import simplified
from app.services.engines.builtin.script.idea import Idea
from app.services.engines.builtin.script.language import Language
from app.services.engines.builtin.script.lexicon import Kind, lexicon

_ONLY_ONE = ("moon", "sun", "wind")
_SPIRITS = ("fairy", "mermaid", "witch", "wizard", "giant")
_FORMS = {
    "he": ("him", "his", "himself"),
    "she": ("her", "her", "herself"),
    "it": ("it", "its", "itself"),
    "they": ("them", "their", "themselves"),
}
_SHE_NAMES = {"Hazel", "Clover", "Juniper"}
_CALLING = re.compile(
    "[手员师家工匠者长哥姐叔婶伯姨客夫兵商王迷士人]$|(?:smith|ist|ian|man|woman)$"
    "|(?:keep|mak|light|tell|paint|writ|driv|teach|bak|sing|danc|farm|fish|weav|pott|juggl|carv|build|watch)er$"
)
_NUMERALS = "一两三四五六七八九十几"


def is_chinese(text: str) -> bool:
    """Whether ``text`` can stand in a Chinese sentence; no text can stand anywhere."""
    return not text or any("\u3400" <= c <= "\u9fff" for c in text)


def of_kind(kind: Kind, language: Language) -> Being:
    """Just one of its kind."""
    noun = language.say(kind.zh[0], kind.en[0])
    return Being(noun, noun, kind, language.say(f"一{kind.count}", article_of(noun)))


def counted(being: Being, kind: Kind, language: Language, name: str = "") -> str:
    """As at first mention: 一只叫豆豆的小狗, ``a dog named Biscuit``."""
    if being.proper:
        return being.phrase
    if not language.chinese:
        if kind.key in ("moon", "sun"):
            return f"the {being.phrase}"
        single = being.count in ("a", "an", "the", "") and not being.plural
        article = article_of(being.phrase) if single else being.count
        return f"{article} {being.phrase}" + (f" named {name}" if name else "")
    if kind.key in _ONLY_ONE:
        return being.phrase
    count = being.count if being.count[:1] and being.count[0] in _NUMERALS else ""
    if not count and kind.key:
        count = language.say(f"一{kind.count}", "")
    return count + (f"叫{name}的" if name else "") + being.phrase


def known(being: Being, language: Language) -> str:
    """As ever after: 小狗, ``the dog``."""
    if being.proper:
        return being.phrase
    if not language.chinese:
        return f"the {being.noun}"
    several = being.plural and not being.noun.endswith(("们", "們"))
    return being.noun + (language.say("们", "") if several else "")


def is_calling(noun: str) -> bool:
    """Whether a noun says what somebody does: 消防员, ``violinist``, ``last lamplighter``."""
    kind = kind_of(f"a {noun}")
    return kind.sort == "person" if kind else bool(_CALLING.search(noun.lower()))


def pronoun(kind: Kind, name: str, language: Language, *, plural: bool = False) -> str:
    """他 她 它 (们), or he she it they. In English a named animal is he or she."""
    girl = kind.sex == "she" or kind.names == "girl" or name in _SHE_NAMES
    human = kind.sort == "person" or kind.key in _SPIRITS
    if language.chinese:
        return language.say((("她" if girl else "他") if human else "它") + ("们" if plural else ""), "")
    if plural:
        return "they"
    if human or (kind.sort in ("animal", "fantasy") and name[:1].isupper()):
        return "she" if girl else "he"
    return "it"


def told_pronoun(sentence: str) -> str:
    """``he`` or ``she`` when an English idea itself says so."""
    found = {word.lower() for word in re.findall(r"\b(?:his|him|he|her|she)\b", sentence, re.IGNORECASE)}
    she, he = bool(found & {"her", "she"}), bool(found & {"his", "him", "he"})
    return "" if she == he else "she" if she else "he"


def kind_by_name(name: str) -> Kind:
    """``girl`` or ``boy``, as names usually tell; drawn and spoken of as such."""
    girl = re.search("夫人|[红丽芳娜美婷花莉玲燕娟静佳雨雪兰妮蕾琳娅]", simplified(name))
    girl = girl or re.search(r"(?:a|ie|y|ine|elle)$", name.lower())
    return lexicon().kinds["girl" if girl else "boy"]


def pronoun_slots(role: str, word: str, language: Language) -> dict[str, str]:
    """``{ta}`` or ``{he} {him} {his} {himself}`` of the hero, with an f before them of the friend."""
    f = {"hero": "", "friend": "f"}[role]
    if language.chinese:
        return {f"{f}ta": word}
    him, his, himself = _FORMS[word]
    return {f"{f}he": word, f"{f}him": him, f"{f}his": his, f"{f}himself": himself}


def objective(word: str) -> str:
    """``him`` of ``he``."""
    return _FORMS[word][0] if word in _FORMS else word


def wish_slots(idea: Idea, language: Language) -> dict[str, str]:
    """What is wanted, learned, made or feared, as the idea words it."""
    goal = idea.goal if idea.goal and language.chinese == is_chinese(idea.goal) else _translated(idea, language)
    the = goal
    if language.chinese:
        goal = bare(goal)
        if idea.plot in ("make", "learn"):
            goal = re.sub(r"^(?:一[个只条座艘辆架间棵朵]|会|了)(?=.)", "", goal)
        the = goal
    else:
        goal = bare(goal) if idea.plot == "seek_kin" else re.sub(r"^(?:his|her|its|their) ", "the ", goal)
        the = re.sub(r"^(?:an?|some|my) (?=\w)", "the ", goal)
        goal = infinitive(goal) if idea.plot == "learn" else goal
    verb = idea.verb if language.chinese and is_chinese(idea.verb) and idea.verb else language.say("做", "make")
    return {"goal": goal, "the_goal": the, "skill": goal, "fear": goal, "verb": verb}


def _translated(idea: Idea, language: Language) -> str:
    """The goal in the telling's language where a table knows it; else words that fit any."""
    table = {"learn": "skill", "seek_thing": "goal", "fear": "fear"}.get(idea.plot)
    if table and idea.goal:
        key, entry = lexicon().entry(table, simplified(idea.goal).lower())
        if key != "other":
            return language.say(entry["zh_words"].split()[0], entry["en_words"].split()[0])
    words = {"seek_kin": ("妈妈", "mother"), "rescue": ("大家", "everybody"), "learn": ("做那件事", "do it")}
    return language.say(*words.get(idea.plot, ("心里的那样东西", "that one thing")))


def bare(goal: str) -> str:
    """Without whose it is."""
    return re.sub(r"^(?:his|her|its|their|my|自己的|它的|他的|她的) ?", "", goal, flags=re.IGNORECASE)


def infinitive(skill: str) -> str:
    """ "flying kites" as one learns it: "fly kites"."""
    first, _, rest = skill.partition(" ")
    if first.endswith("ing") and len(first) > 5:
        stem = first[:-3]
        if stem[-1] == stem[-2] and stem[-1] not in "ls":
            stem = stem[:-1]
        elif stem[-1] in "kvcsg" and stem[-2] in "aeiou":
            stem += "e"
        first = stem
    return f"{first} {rest}".strip()
