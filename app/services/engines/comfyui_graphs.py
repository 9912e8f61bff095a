"""Graphs for ComfyUI: JSON files in its API format, each with a small map beside it that says which input takes what.

``graphs/<name>.json`` is what ComfyUI's menu exports as "API format"; ``<name>.inputs.json`` names, as
``"node.input"``, where prompt, seed, size and the rest go. Both may be the user's own files: then the setting is a path
to the graph. What a graph says itself (model files, steps, guidance, size, frame rate) holds unless a setting says
otherwise.
"""

from __future__ import annotations

import copy
import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator

from app.models.engine import Plain

GRAPHS = Path(__file__).with_name("graphs")
NEARLY = 0.05
"""How far apart two aspect ratios may be, as a fraction, for one to be cropped to the other."""

Nodes = dict[str, dict[str, Any]]
Size = tuple[int, int]


class BadGraph(Exception):
    """A graph or its map cannot be used; each of ``problems`` is a sentence that names the file and what is wrong."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


class ReferenceInput(Plain, extra="forbid"):
    input: str
    drop: tuple[str, ...] = ()
    """Nodes that go when there is no such reference; empty: the node of the input alone."""


class InputMap(Plain, extra="forbid"):
    """The content of ``<name>.inputs.json``. An address is ``"node.input"``, or a list of them for several places."""

    about: str = ""
    prompt: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    seed: tuple[str, ...] = ()
    width: tuple[str, ...] = ()
    height: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    guidance: tuple[str, ...] = ()
    image: tuple[str, ...] = ()
    """Takes the key frame that a clip begins with."""
    frames: tuple[str, ...] = ()
    fps: tuple[str, ...] = ()
    filename_prefix: tuple[str, ...] = ()
    output: str = ""
    """The node whose files are the result."""
    references: tuple[ReferenceInput, ...] = ()
    """Where pictures of the cast go, the first first; the nodes of those not needed are taken out."""
    references_needed: int = 0
    models: dict[str, str] = Field(default_factory=dict)
    """Short name (``unet``, ``clip``, ``vae``, ``checkpoint``) to the input that takes the model's file name."""
    english: bool = False
    """The model understands English best."""
    step: int = Field(default=16, ge=1)
    """Width and height are multiples of this."""
    sizes: tuple[str, ...] = ()
    """Sizes that the model was trained for (``"848x480"``), taken when one has the film's aspect ratio."""
    frames_step: int = Field(default=4, ge=1)
    """Frame counts are a multiple of this and one more; 1: any."""
    frames_least: int = Field(default=1, ge=1)
    frames_most: int = Field(default=121, ge=1)
    rate: float = Field(default=24.0, gt=0)
    """Frames per second, where no input of the graph holds it."""

    @field_validator(
        "prompt",
        "negative",
        "seed",
        "width",
        "height",
        "steps",
        "guidance",
        "image",
        "frames",
        "fps",
        "filename_prefix",
        mode="before",
    )
    @classmethod
    def _several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("references", mode="before")
    @classmethod
    def _plain_references(cls, value: Any) -> Any:
        return [{"input": one} if isinstance(one, str) else one for one in value] if isinstance(value, list) else value

    @field_validator("sizes")
    @classmethod
    def _real_sizes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            parsed_size(text)
        return value

    def addresses(self) -> Iterator[tuple[str, str]]:
        """(what it takes, address) of every input that is named."""
        for name in VALUES:
            yield from ((name, address) for address in getattr(self, name))
        yield from ((f"models.{name}", address) for name, address in self.models.items())
        yield from (("references", one.input) for one in self.references)


VALUES = (
    "prompt",
    "negative",
    "seed",
    "width",
    "height",
    "steps",
    "guidance",
    "image",
    "frames",
    "fps",
    "filename_prefix",
)


@dataclass(frozen=True)
class Graph:
    """A graph and its map, checked against each other."""

    name: str
    nodes: Nodes
    inputs: InputMap
    fingerprint: str
    """Changes with either file."""

    def value(self, name: str) -> Any:
        """What the graph itself has for one of VALUES; None if it has no such input, or another node feeds it."""
        found = next((self._at(address) for address in getattr(self.inputs, name)), None)
        return None if is_link(found) else found

    def model(self, name: str) -> Any:
        return self._at(self.inputs.models[name])

    def _at(self, address: str) -> Any:
        node, name = _parts(address)
        return self.nodes[node]["inputs"][name]

    def filled(self, values: Mapping[str, Any], models: Mapping[str, str], references: Sequence[str]) -> Nodes:
        """The nodes with ``values`` (None: as the graph has it), other model files, and pictures by their names there.

        Reference inputs beyond those given are taken out with their nodes.
        """
        nodes = copy.deepcopy(self.nodes)
        for name, value in values.items():
            for address in getattr(self.inputs, name) if value is not None else ():
                _put(nodes, address, value)
        for name, file in models.items():
            _put(nodes, self.inputs.models[name], file)
        for place, reference in zip(self.inputs.references, references, strict=False):
            _put(nodes, place.input, reference)
        gone: set[str] = set()
        for place in self.inputs.references[len(references) :]:
            gone.update(place.drop or (_parts(place.input)[0],))
        return _without(nodes, gone)

    def size_for(self, width: int, height: int, asked: str = "") -> Size:
        """The model's own size for a picture of ``width`` by ``height``: its area and step, the film's aspect ratio.

        ``asked`` (``"1536x864"``) replaces the size that the graph has.
        """
        base = parsed_size(asked) if asked else (int(self.value("width") or width), int(self.value("height") or height))
        known = [] if asked else [parsed_size(text) for text in self.inputs.sizes]
        wanted = math.log(width / height)
        nearest = min([base, base[::-1], *known], key=lambda size: abs(math.log(size[0] / size[1]) - wanted))
        if abs(math.log(nearest[0] / nearest[1]) - wanted) <= NEARLY:
            return nearest
        area, step = base[0] * base[1], self.inputs.step
        return _stepped(math.sqrt(area * width / height), step), _stepped(math.sqrt(area * height / width), step)

    def frames_for(self, duration_s: float, fps: float, most: int = 0) -> int:
        """How many frames to ask for: as many as the shot needs, by the model's rule and within its limits."""
        step = self.inputs.frames_step
        least, most = self.inputs.frames_least, most or self.inputs.frames_most
        needed = min(max(duration_s * fps, least), most)
        extra = 0 if step == 1 else 1
        count = math.ceil((needed - extra) / step - 1e-9) * step + extra
        while count > most and count > step:
            count -= step
        return max(count, 1)


def load(setting: str, name: str, needed: Sequence[str]) -> Graph:
    """The graph that is called ``name`` or lies in the file ``name``; ``setting`` is what errors call it.

    ``needed`` are the values that its map must name. Raises BadGraph.
    """
    own = name.endswith(".json") or "/" in name or "\\" in name
    path = Path(name).expanduser() if own else GRAPHS / f"{name}.json"
    if not own and not path.is_file():
        raise BadGraph(f"{setting}: there is no graph {name!r}; there are {', '.join(known())}, or give a path")
    beside = path.with_name(path.stem + ".inputs.json")
    nodes, inputs = _nodes(path, setting), _map(beside, setting)
    problems = list(_problems(beside, nodes, inputs, needed))
    if problems:
        raise BadGraph(*problems)
    text = json.dumps([nodes, inputs.model_dump(mode="json")], sort_keys=True)
    return Graph(path.stem, nodes, inputs, hashlib.sha256(text.encode()).hexdigest()[:16])


def known() -> list[str]:
    """Names of the graphs of this house."""
    return sorted(path.name.removesuffix(".inputs.json") for path in GRAPHS.glob("*.inputs.json"))


def parsed_size(text: str) -> Size:
    """``"1536x864"`` as (1536, 864). Raises ValueError."""
    width, _, height = text.lower().replace("*", "x").partition("x")
    if not (width.strip().isdigit() and height.strip().isdigit() and int(width) and int(height)):
        raise ValueError(f"{text!r} is no size such as 1536x864")
    return int(width), int(height)


def _nodes(path: Path, setting: str) -> Nodes:
    nodes = _json(path, setting, "graph")
    if isinstance(nodes, dict) and isinstance(nodes.get("nodes"), list):
        raise BadGraph(f"{setting}: {path} is a workflow of ComfyUI's editor; export it in API format")
    fine = isinstance(nodes, dict) and all(
        isinstance(node, dict) and isinstance(node.get("class_type"), str) and isinstance(node.get("inputs"), dict)
        for node in nodes.values()
    )
    if not nodes or not fine:
        raise BadGraph(f"{setting}: {path} is no graph in ComfyUI's API format (nodes with class_type and inputs)")
    return dict(nodes)


def _map(path: Path, setting: str) -> InputMap:
    try:
        return InputMap.model_validate(_json(path, setting, "map of inputs"))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadGraph(f"{setting}: {path}: {where}: {first['msg']}") from None


def _json(path: Path, setting: str, what: str) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise BadGraph(f"{setting}: the {what} {path} is not there") from None
    except OSError as error:
        raise BadGraph(f"{setting}: the {what} {path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise BadGraph(f"{setting}: the {what} {path} is no JSON: {error}") from None


def _problems(path: Path, nodes: Nodes, inputs: InputMap, needed: Sequence[str]) -> Iterator[str]:
    for name in needed:
        if not getattr(inputs, name):
            yield f"{path} does not say which {'node' if name == 'output' else 'input'} is the graph's {name}"
    if inputs.output and inputs.output not in nodes:
        yield f"{path}: output: the graph has no node {inputs.output}"
    for name, address in inputs.addresses():
        node, field = _parts(address)
        if node not in nodes:
            yield f"{path}: {name}: the graph has no node {node} ({address})"
        elif field not in nodes[node]["inputs"]:
            yield f"{path}: {name}: node {node} ({nodes[node]['class_type']}) has no input {field!r}"
    for place in inputs.references:
        for node in place.drop:
            if node not in nodes:
                yield f"{path}: references: the graph has no node {node} to drop"
    if inputs.frames_least > inputs.frames_most:
        yield f"{path}: frames_least is more than frames_most"
    if len(inputs.references) < inputs.references_needed:
        yield f"{path}: references_needed is more than there are references"


def _parts(address: str) -> tuple[str, str]:
    """Node id and input; an id may have dots or colons of its own (subgraphs: ``57:3``)."""
    node, _, name = address.rpartition(".")
    return node, name


def _put(nodes: Nodes, address: str, value: Any) -> None:
    """A number takes the kind that the graph has there: a node that wants whole numbers refuses ``16.0``."""
    node, name = _parts(address)
    inputs = nodes[node]["inputs"]
    if isinstance(inputs[name], int) and isinstance(value, float) and value.is_integer():
        value = int(value)
    inputs[name] = value


def _without(nodes: Nodes, gone: set[str]) -> Nodes:
    kept = {name: node for name, node in nodes.items() if name not in gone}
    for node in kept.values():
        node["inputs"] = {
            name: value for name, value in node["inputs"].items() if not (is_link(value) and value[0] in gone)
        }
    return kept


def is_link(value: Any) -> bool:
    """Whether an input's value is the output of another node (``["4", 0]``)."""
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int)


def _stepped(value: float, step: int) -> int:
    return max(step, round(value / step) * step)
