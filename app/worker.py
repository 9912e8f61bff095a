"""Carries out jobs: ``python -m app.worker [--queues storyboard,shot,video]``. Any number may run.

Everything that blocks the processor is in child processes (workflows/runner.py); here is one event loop.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from loguru import logger

from app.core.config import Settings, SettingsError, load_settings
from app.core.errors import AppError
from app.core.lifeline import die_with_parent
from app.core.logging import setup_logging
from app.services import job_runtime, wiring
from app.services.engines.registry import ENGINES, Registry, check_order
from app.services.engines.router import Router
from app.services.takeover import Takeover
from app.services.workflows import context, create_storyboard, regenerate_shot, render_video
from app.services.workflows.context import House
from app.services.workflows.records import JobRecords
from app.services.workflows.runner import TASK_PREFIXES, StepRunner

WORKFLOWS = {
    "storyboard": create_storyboard.create_storyboard,
    "shot": regenerate_shot.regenerate_shot,
    "video": render_video.render_video,
}
"""By kind of job. The job runtime knows them from the moment of their import."""
CANCEL_POLL_S = 0.2
LOOPS_PATIENCE_S = 2.0


async def serve(
    settings: Settings,
    queues: Sequence[str],
    *,
    engines: Registry = ENGINES,
    tasks: Sequence[str] = TASK_PREFIXES,
) -> None:
    """Take jobs until SIGTERM or SIGINT, with these engines and tasks from modules with these prefixes."""
    services = wiring.build(settings)
    settings = services.settings
    liveness = job_runtime.Liveness(settings.data_dir)
    router = Router(settings.engines, engines, local_first=settings.local_inference)
    house = _house(services, liveness.announce(), router, tasks)
    context.use(house)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    queue = job_runtime.JobQueue(settings)
    await asyncio.to_thread(queue.register, settings.worker_jobs)
    # Blocks for a moment, here and not in a thread, because the runtime adopts the loop it is launched in.
    job_runtime.launch(settings, house.executor, queues)
    liveness.opened()
    takeover = Takeover(settings.data_dir, services.documents, house.records, queue)
    loops = [
        asyncio.create_task(loop)
        for loop in (
            takeover.run(stop),
            takeover.watch_own(house.executor, house.present, stop),
            services.callbacks.run(stop),
            _watch_cancels(house, stop),
        )
    ]
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({stopped, *loops}, return_when=asyncio.FIRST_COMPLETED)
    failed = [loop for loop in loops if loop.done() and loop.exception() is not None]
    stop.set()
    await _stop(house, loops)
    for loop in failed:
        logger.opt(exception=loop.exception()).critical("a loop of the worker failed: it starts anew")
    await logger.complete()
    # What the jobs still wait for will never come. An orderly end would wake them up only to see everything gone.
    sys.stderr.flush()
    os._exit(1 if failed else 0)


def _house(services: wiring.Services, executor: str, router: Router, tasks: Sequence[str]) -> House:
    settings = services.settings
    threads = settings.worker_threads or len(os.sched_getaffinity(0))
    return House(
        settings=settings,
        documents=services.documents,
        artifacts=services.artifacts,
        objects=services.objects,
        stories=services.stories,
        records=JobRecords(services.documents, services.callbacks),
        router=router,
        runner=StepRunner(threads, tasks, (settings.log_level, settings.log_format)),
        executor=executor,
    )


async def _watch_cancels(house: House, stop: asyncio.Event) -> None:
    """Stop the steps of jobs that are over for everybody else: canceled, or their document was lost."""
    while not stop.is_set():
        for job_id, work in list(house.active.items()):
            if not work.canceled and await asyncio.to_thread(_is_over, house, work.job.tenant, job_id):
                logger.info("job {} is stopped", job_id)
                work.cancel()
        await asyncio.sleep(CANCEL_POLL_S)


def _is_over(house: House, tenant: str, job_id: str) -> bool:
    try:
        job = house.records.find(tenant, job_id)
    except AppError as error:
        logger.error("job {} cannot go on: {}", job_id, error.detail)
        return True
    return job is None or job.terminal


async def _stop(house: House, loops: list[asyncio.Task[None]]) -> None:
    """Within seconds: what cannot end by then is left for the next worker, and not counted as an attempt."""
    logger.info("worker stops, {} jobs under way", len(house.active))
    _, late = await asyncio.wait(loops, timeout=LOOPS_PATIENCE_S)
    for loop in late:
        loop.cancel()
    # A thread of its own: the runtime takes the loop's usual ones away while it ends.
    with ThreadPoolExecutor(1) as alone:
        await asyncio.get_running_loop().run_in_executor(alone, job_runtime.stop)
    for job_id, work in list(house.active.items()):
        try:
            house.records.uncount(work.job.tenant, job_id)
        except AppError as error:
            logger.error("job {}: {}", job_id, error.detail)
    await house.runner.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queues", default=",".join(job_runtime.KINDS), help="kinds of jobs to take")
    parser.add_argument("--parent", type=int, default=0, help="process to end with")
    parser.add_argument("--settings-from-stdin", action="store_true", help="one line of JSON, from the supervisor")
    args = parser.parse_args()
    if args.parent:
        die_with_parent(args.parent)
    queues = [name.strip() for name in args.queues.split(",") if name.strip()]
    unknown = sorted(set(queues) - set(job_runtime.KINDS))
    if unknown or not queues:
        sys.exit(f"--queues: there is no queue {', '.join(unknown) or 'named'}; known: {', '.join(job_runtime.KINDS)}")
    try:
        settings = load_settings(**(json.loads(sys.stdin.readline()) if args.settings_from_stdin else {}))
        check_order(settings.engines)
    except SettingsError as error:
        sys.exit(str(error))
    setup_logging(settings.log_level, settings.log_format)
    asyncio.run(serve(settings, queues))


if __name__ == "__main__":
    main()
