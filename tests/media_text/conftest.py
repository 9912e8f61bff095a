"""A font that needs none on the machine."""

from __future__ import annotations

import pytest
from PIL import ImageFont


@pytest.fixture(scope="session")
def font_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Latin font as a file: the one that Pillow carries."""
    stream = ImageFont.load_default(20).path
    path = tmp_path_factory.mktemp("font") / "latin.ttf"
    path.write_bytes(stream.getvalue())
    return str(path)
