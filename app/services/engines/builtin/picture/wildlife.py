"""Animals that are not four-legged walkers, by kind."""

from __future__ import annotations

from collections.abc import Callable

from app.services.engines.builtin.picture.birds import BIRDS
from app.services.engines.builtin.picture.crawlers import CRAWLERS
from app.services.engines.builtin.picture.creature import Looks, Pose
from app.services.engines.builtin.picture.giants import GIANTS
from app.services.engines.builtin.picture.puppet import Puppet
from app.services.engines.builtin.picture.sitters import SITTERS
from app.services.engines.builtin.picture.swimmers import SWIMMERS

WILDLIFE: dict[str, Callable[[Puppet, Looks, Pose], None]] = {**BIRDS, **SWIMMERS, **SITTERS, **CRAWLERS, **GIANTS}
