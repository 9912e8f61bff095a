"""What ComfyUI says went wrong, as sentences that name the node and its input, and as errors of ours.

The forms are those of its ``execution.py``: a refused graph is 400 with ``error`` and ``node_errors``; a graph of which
some outputs are refused is 200 with ``node_errors``; what fails at run time stands in the history's messages.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from app.core.errors import AppError, EngineFailed, EngineFault

MOST = 4
"""How many of a graph's errors are told."""
OUT_OF_MEMORY = "OutOfMemoryError"
"""Last part of the exception types by which torch says that the GPU's memory did not suffice."""


def refusal(content: bytes) -> str:
    """Why a graph was refused (the body of a 400), for people; empty: it does not say."""
    try:
        body = json.loads(content)
    except ValueError:
        return ""
    error = body.get("error") if isinstance(body, dict) else None
    faults = node_faults(body.get("node_errors")) if isinstance(body, dict) else []
    if faults:
        return _listed(faults)
    if isinstance(error, dict):
        message, details = str(error.get("message", "")).strip(), str(error.get("details", "")).strip()
        return f"{message} ({details})" if message and details else message or details
    return str(error or "")


def node_faults(node_errors: Any) -> list[str]:
    """One sentence per error of a node: ``UNETLoader.unet_name: 'x' is not among the models of this server``."""
    if not isinstance(node_errors, dict):
        return []
    return [
        _fault(str(node.get("class_type", name)), fault)
        for name, node in node_errors.items()
        if isinstance(node, dict)
        for fault in node.get("errors") or []
        if isinstance(fault, dict)
    ]


def dropped(node_errors: Any, output: str) -> str:
    """Why the wanted output will not be made although the rest was accepted (200); empty: it will be."""
    if not isinstance(node_errors, dict):
        return ""
    hit = {
        name: node
        for name, node in node_errors.items()
        if name == output
        or (isinstance(node, dict) and output in [str(one) for one in node.get("dependent_outputs") or []])
    }
    return _listed(node_faults(hit)) if hit else ""


def _fault(kind: str, fault: Mapping[str, Any]) -> str:
    extra = fault.get("extra_info")
    extra = extra if isinstance(extra, dict) else {}
    name, received = extra.get("input_name"), extra.get("received_value")
    where = f"{kind}.{name}" if name else kind
    message, details = str(fault.get("message", "")).strip(), str(fault.get("details", "")).strip()
    match fault.get("type"):
        case "value_not_in_list":
            return f"{where}: {received!r} is not among the {_what(str(name))} of this server"
        case "required_input_missing":
            return f"{where}: it is needed and not given"
        case "value_smaller_than_min" | "value_bigger_than_max":
            bound = "less" if fault["type"] == "value_smaller_than_min" else "more"
            return f"{where}: {received!r} is {bound} than this node takes"
    return f"{where}: {message}" + (f" ({details})" if details and details != message else "")


def _what(name: str) -> str:
    return "models" if name.endswith("_name") or name.startswith(("clip_name", "ckpt")) else "choices"


def _listed(faults: list[str]) -> str:
    more = f"; and {len(faults) - MOST} more" if len(faults) > MOST else ""
    return "; ".join(faults[:MOST]) + more


def run_failed(who: str, status: Mapping[str, Any], quoted: Callable[[str], str]) -> tuple[AppError, bool]:
    """The error of a run that ended without success, and whether the GPU's memory was the reason.

    ``status`` is the history's; its last message tells how the run ended.
    """
    messages = [one for one in status.get("messages") or [] if isinstance(one, list) and len(one) == 2]
    ends = [(str(event), data) for event, data in messages if event in ("execution_error", "execution_interrupted")]
    event, data = ends[-1] if ends else ("", {})
    data = data if isinstance(data, dict) else {}
    if event == "execution_interrupted":
        return EngineFault(f"{who}: the run was interrupted there by somebody else"), False
    kind, said = str(data.get("exception_type", "")), quoted(str(data.get("exception_message", "")))
    node = str(data.get("node_type", "")) or "a node"
    if kind.rpartition(".")[2] == OUT_OF_MEMORY:
        return EngineFault(f"{who}: {node} ran out of GPU memory"), True
    if event != "execution_error":
        return EngineFailed(f"{who}: the run failed there without a reason given"), False
    return EngineFailed(f"{who}: {node} failed: {said or kind or 'no reason given'}"), False
