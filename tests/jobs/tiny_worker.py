"""A worker of ours in every respect, with the tiny engines. Run with this folder on PYTHONPATH."""

from __future__ import annotations

import asyncio

from tiny_engines import ENGINES

from app.core.config import load_settings
from app.core.logging import setup_logging
from app.services.job_runtime import KINDS
from app.services.workflows.runner import TASK_PREFIXES
from app.worker import serve

if __name__ == "__main__":
    settings = load_settings()
    setup_logging(settings.log_level, settings.log_format)
    asyncio.run(serve(settings, KINDS, engines=ENGINES, tasks=(*TASK_PREFIXES, "tiny_tasks")))
