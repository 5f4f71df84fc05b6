"""What a model knows, for the page: `knowledge.json` beside the weights.

    python -m training.knowledge    # writes that of the emoji model, without training anything
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from . import paths
from .scenes import things
from .scenes.colours import CHINESE as CHINESE_COLOURS, PALETTE

FILE = "knowledge.json"
EMOJI_LIST = Path(__file__).with_name("emoji.txt")

KINDS = {
    "animal": ("Animals", "动物"), "food": ("Food and drink", "食物和饮料"), "plant": ("Plants", "植物"),
    "person": ("People", "人物"), "face": ("Faces", "表情"), "body": ("Parts of the body", "身体"),
    "clothes": ("Clothes", "衣物"), "vehicle": ("Vehicles", "交通工具"), "building": ("Buildings and places", "建筑和地点"),
    "sky": ("Sky and weather", "天空和天气"), "toy": ("Toys, sport, feasts", "玩具、运动和节日"), "tool": ("Things of every day", "日常用品"),
    "device": ("Devices", "设备"), "instrument": ("Music", "音乐"), "sign": ("Signs", "标志"),
}
NUMBERS = (("two", "两"), ("three", "三"), ("four", "四"))

# Other names of colours that lead to these.
OTHER_COLOURS = {
    "grey": ["gray", "silver"], "purple": ["violet", "lilac"], "teal": ["turquoise", "cyan"], "red": ["scarlet", "crimson"],
    "blue": ["navy", "azure"], "brown": ["beige"], "pink": ["magenta"],
}

# Of the emoji, those that are not among the things of scenes: kind, Chinese name, measure word.
OTHER_EMOJI = {
    "blue heart": ("toy", "蓝心", "颗"), "green heart": ("toy", "绿心", "颗"), "spider web": ("animal", "蜘蛛网", "张"),
    "globe showing Americas": ("sky", "地球", "个"), "desert island": ("building", "荒岛", "座"), "sparkles": ("sky", "闪光", "片"),
    "no entry": ("sign", "禁止通行标志", "个"), "radioactive": ("sign", "辐射标志", "个"), "yin yang": ("sign", "太极图", "个"),
}
# Emoji whose Chinese name says more than the thing of scenes does.
CHINESE_EMOJI = {"red apple": "红苹果", "red heart": "红心"}
# Names without a plural that are not among the names of scenes.
UNCOUNTABLE = {"sparkles", "no entry", "radioactive", "high voltage", "locked", "ping pong", "fried shrimp"}
# The noun of a name ends before these.
AFTER_NOUN = re.compile(r" (with|of|showing|tilted|done)\b")


def plural(name: str) -> str:
    """Returns the regular plural of a name of several words."""
    end = found.start() if (found := AFTER_NOUN.search(name)) else len(name)
    return things.plural(name[:end]) + name[end:]


def character(code: str) -> str:
    """Returns the emoji of code points, with the variation selector that asks for its coloured picture."""
    text = "".join(chr(int(c, 16)) for c in code.split("-"))
    return text + "\ufe0f" if len(text) == 1 else text


def coloured() -> list[dict]:
    return [
        {"english": name, "others": OTHER_COLOURS.get(name, []), "chinese": CHINESE_COLOURS[name], "rgb": list(rgb)}
        for name, rgb in PALETTE.items()
    ]


def used_kinds(known: list[dict]) -> list[dict]:
    used = {thing["kind"] for thing in known}
    return [{"name": name, "english": en, "chinese": zh} for name, (en, zh) in KINDS.items() if name in used]


def emoji_things() -> list[dict]:
    """Returns the emoji with the kinds and other names that the same things have in scenes."""
    by_code = {thing.code: thing for thing in things.load()}
    rows = [line.split(" ", 1) for line in EMOJI_LIST.read_text("utf-8").splitlines() if line[:1] != "#"]
    taken = {name.lower() for _, name in rows}
    known = []
    for code, name in rows:
        thing = by_code.get(code.lower())
        own = [n for n in thing.names if n.one.lower() == name.lower()] if thing else []
        if own:
            many = own[0].many
        else:
            many = None if name in UNCOUNTABLE else plural(name)
        others = [n.one for n in thing.names if n.one.lower() not in taken and n.one not in PALETTE] if thing else []
        kind, chinese, measure = (thing.kind, thing.chinese, thing.measure) if thing else (
            OTHER_EMOJI[name][0], OTHER_EMOJI[name][1:2], OTHER_EMOJI[name][2])
        if name in CHINESE_EMOJI:
            chinese = (CHINESE_EMOJI[name], *chinese)
        known.append({
            "name": name, "plural": many, "others": others, "chinese": list(chinese), "measure": measure,
            "kind": kind, "character": character(code),
        })
    return known


def emoji() -> dict:
    """Returns what the emoji model knows: one thing on one colour, in English."""
    known = emoji_things()
    background = "{a thing} on {a colour} background"
    examples = (
        ("thing", "a red apple on a blue background", "red apple", "红苹果"),
        ("thing", "a pizza on a teal background", "pizza", "披萨"),
        ("thing", "a banana on a purple background", "banana", "香蕉"),
        ("thing", "a sunflower on a blue background", "sunflower", "向日葵"),
        ("thing", "a soccer ball on a green background", "soccer ball", "足球"),
        ("colour", "a red heart on a white background", "heart", "红心"),
    )
    return {
        "kinds": used_kinds(known),
        "things": known,
        "colours": coloured(),
        "backgrounds": {"en": "on {a colour} background", "zh-Hans": "{colour}背景"},
        "places": [],
        "styles": [],
        "numbers": [],
        "prompts": {"en": [background]},
        "examples": [
            {"ability": ability, "prompts": {"en": prompt}, "labels": {"en": en, "zh-Hans": zh}}
            for ability, prompt, en, zh in examples
        ],
    }


def write(folder: Path, knowledge: dict) -> None:
    """Writes the file with a line for each entry of a list."""
    def value(of: object) -> str:
        if isinstance(of, list) and of:
            return "[\n  " + ",\n  ".join(json.dumps(entry, ensure_ascii=False) for entry in of) + "\n ]"
        return json.dumps(of, ensure_ascii=False)

    rows = ",\n".join(f" {json.dumps(key)}: {value(of)}" for key, of in knowledge.items())
    (folder / FILE).write_text("{\n" + rows + "\n}\n", "utf-8")


if __name__ == "__main__":
    write(paths.MODEL, emoji())
    print(f"wrote {paths.MODEL / FILE}")
