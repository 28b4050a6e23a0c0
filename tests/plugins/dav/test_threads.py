"""Whoever asks for much waits for themselves, and nobody else does."""

import asyncio
import threading

from pimgate_dav.threads import Threads


def test_person_with_many_long_questions_leaves_threads_to_others() -> None:
    async def scene() -> None:
        threads, may_end, begun = Threads(4), threading.Event(), []

        def long(number: int) -> int:
            begun.append(number)
            assert may_end.wait(30)
            return number

        many = [asyncio.create_task(threads.run("anna", long, number)) for number in range(5)]
        assert await threads.run("bert", str, 7) == "7"
        await asyncio.sleep(0.1)
        assert len(begun) == 2
        may_end.set()
        assert await asyncio.gather(*many) == list(range(5))
        assert threads._of == {}

    asyncio.run(scene())
