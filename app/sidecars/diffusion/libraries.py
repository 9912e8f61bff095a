"""The heavy libraries, loaded when first needed and only from local files.

They are reached through here as ``Any``, so that nothing is imported with the package and checking types needs none
of them.
"""

from __future__ import annotations

import logging
from functools import cache
from importlib import import_module
from typing import Any


@cache
def torch() -> Any:
    return import_module("torch")


@cache
def diffusers() -> Any:
    """diffusers, told that there is no hub: a missing file is an error and never a download."""
    hub: Any = import_module("huggingface_hub.constants")
    hub.HF_HUB_OFFLINE = True
    logging.getLogger("diffusers").setLevel(logging.ERROR)
    logging.getLogger("transformers").setLevel(logging.ERROR)
    library = import_module("diffusers")
    for one in (library, import_module("transformers")):
        one.utils.logging.disable_progress_bar()
    return library
