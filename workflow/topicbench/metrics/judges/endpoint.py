"""A judge behind an OpenAI-compatible endpoint, as the paper's gpt-4o.

The key is read from the environment when the first question is asked, and goes nowhere but into the request: not into
the store, not into a message. What a server says is shown only after the key has been struck out of it.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import time
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from tqdm import tqdm

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.judges.prompt import RATINGS, SYSTEM_PROMPT, user_message
from topicbench.metrics.section import Judge

DEFAULT_BASE_URL = "https://api.openai.com/v1"
MAX_TOKENS = 8
"""Enough for "Rating: 3." and the like; a longer answer is not a single number."""
LONGEST_WAIT = 600.0
"""Seconds; a server that asks for more is not waited for."""
TRANSIENT = frozenset({408, 409, 425, 429})
"""Status codes worth another attempt, beside those from 500 up."""

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")

Done = Callable[[Sequence[str], int, str], Any]


class _Transient(Exception):
    """An attempt failed in a way that another one may not; ``wait`` is what the server asked for, in seconds."""

    def __init__(self, problem: str, remedy: str, topic: bool = False, wait: float = 0.0) -> None:
        super().__init__(problem)
        self.problem, self.remedy, self.topic, self.wait = problem, remedy, topic, wait


def identity(judge: Judge) -> dict[str, Any]:
    """What makes one endpoint's answers differ from another's.

    Raises:
        TopicbenchError: base_url holds a user name or password, which would be stored with the answers.
    """
    return {"model": judge.model, "base_url": _base_url(judge), "temperature": 0}


def rating_in(answer: str | None) -> int | None:
    """The rating of an answer whose only number is 1, 2 or 3 ("3", "2.", "Rating: 3"), else None."""
    numbers = _NUMBER.findall(answer or "")
    value = float(numbers[0]) if len(numbers) == 1 else None
    return int(value) if value in RATINGS else None


def ask(judge: Judge, topics: Sequence[Sequence[str]], done: Done, first_delay: float = 1.0) -> None:
    """Ask for the rating of each topic, ``judge.concurrency`` at once.

    A rate limit, a server's error, a broken connection, a time-out and an unusable answer are tried again up to
    ``judge.retries`` times, after ``first_delay`` seconds, then twice that, and so on up to a minute, less a seeded
    jitter, and never before the server's Retry-After. The first topic that fails for good ends the others.

    Args:
        judge: with model.
        topics: lists of words.
        done: called with words, rating and answer as each answer arrives.
        first_delay: seconds before the second attempt.

    Raises:
        TopicbenchError: no key, or it is refused; the endpoint cannot be reached, refuses the request, or keeps
            failing; an answer stays unusable (names the topic).
    """
    if topics:
        key = _key(judge)
        asyncio.run(_ask_all(judge, key, topics, done, first_delay))


async def _ask_all(judge: Judge, key: str, topics: Sequence[Sequence[str]], done: Done, first_delay: float) -> None:
    import openai

    pending = iter(topics)
    # The client's own retries are off: they know neither unusable answers nor a limit of the whole answer's time.
    client = openai.AsyncOpenAI(api_key=key, base_url=_base_url(judge), timeout=judge.timeout_seconds, max_retries=0)
    with tqdm(total=len(topics), unit="topic", desc=f"rating by {judge.title}") as progress:

        async def work() -> None:
            for words in pending:
                rating, answer = await _ask_one(client, judge, key, words, first_delay)
                done(words, rating, answer)
                progress.update()

        workers = [asyncio.create_task(work()) for _ in range(min(judge.concurrency, len(topics)))]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await client.close()


async def _ask_one(client: Any, judge: Judge, key: str, words: Sequence[str], first_delay: float) -> tuple[int, str]:
    jitter = random.Random(" ".join(words))
    for attempt in range(judge.retries + 1):
        try:
            return await _attempt(client, judge, key, words)
        except _Transient as failure:
            if attempt == judge.retries or failure.wait > LONGEST_WAIT:
                topic = f"topic '{', '.join(words)}'"
                culprit, where = (topic, "") if failure.topic else (_base_url(judge), f"; at {topic}")
                attempts = f"{attempt + 1} attempt{'s' if attempt else ''}"
                raise TopicbenchError(
                    culprit, f"{failure.problem} (judge {judge.title}, {attempts}{where})", failure.remedy
                ) from None
            delay = min(60.0, first_delay * 2**attempt) * jitter.uniform(0.5, 1.0)
            await asyncio.sleep(max(delay, failure.wait))
    raise AssertionError("unreachable")


async def _attempt(client: Any, judge: Judge, key: str, words: Sequence[str]) -> tuple[int, str]:
    import openai

    request = client.chat.completions.create(
        model=judge.model,
        messages=[
            {"role": "system", "content": SYSTEM_PROMPT},
            {"role": "user", "content": user_message(words)},
        ],
        temperature=0,
        max_tokens=MAX_TOKENS,
    )
    try:
        # The client's time-out starts anew with every piece it receives; this one is for the whole.
        reply = await asyncio.wait_for(request, judge.timeout_seconds)
    except (openai.APITimeoutError, TimeoutError):
        raise _Transient(
            f"no answer within {judge.timeout_seconds:g} s", "set judge.timeout_seconds higher, or try later"
        ) from None
    except openai.APIStatusError as error:
        raise _of_status(judge, key, error) from None
    except openai.APIConnectionError as error:
        refused = any(isinstance(cause, ConnectionRefusedError) for cause in _causes(error))
        problem = "refuses the connection" if refused else "cannot be reached, or broke the connection off"
        raise _Transient(problem, "check judge.base_url, and that the server runs") from None
    except (openai.APIError, ValueError):
        raise _foreign() from None
    try:
        answer = reply.choices[0].message.content
    except (AttributeError, IndexError, TypeError):
        raise _foreign() from None
    rating = rating_in(answer)
    if rating is None:
        shown = _struck(str(answer), key)[:200]
        raise _Transient(
            f"the answer is not a single 1, 2 or 3: {shown!r}", "take a judge that follows instructions", topic=True
        )
    return rating, _struck(answer, key)


def _foreign() -> _Transient:
    return _Transient("its reply is not of the chat-completions protocol", "check that judge.base_url ends rightly")


def _of_status(judge: Judge, key: str, error: Any) -> Exception:
    """The error that a status code other than 2xx amounts to."""
    url, status = _base_url(judge), error.status_code
    if status in (401, 403):
        # What the server says here may hold parts of the key.
        return TopicbenchError(
            url,
            f"refuses the key in {judge.key_variable} (HTTP {status})",
            f"check the key, and that it may use {judge.model}",
        )
    message = _struck(str(error.message), key)[:300]
    spent = getattr(error, "code", None) == "insufficient_quota"
    if spent or (status < 500 and status not in TRANSIENT):
        remedy = "check the account's balance" if spent else "check judge.model and judge.base_url"
        return TopicbenchError(url, f"refuses the request for {judge.model} (HTTP {status}): {message}", remedy)
    wait = _retry_after(error.response.headers)
    longer = f", and asks to wait {wait:g} s" if wait else ""
    problem = "limits the rate" if status == 429 else "fails"
    return _Transient(
        f"{problem} (HTTP {status}{longer}): {message}", "set judge.concurrency lower, or try later", wait=wait
    )


def _retry_after(headers: Any) -> float:
    """Seconds a server asks to wait, by retry-after-ms or Retry-After (seconds or a date); 0 if it does not."""
    try:
        if "retry-after-ms" in headers:
            return max(0.0, float(headers["retry-after-ms"]) / 1000)
        value = headers.get("retry-after", "0")
        if re.fullmatch(r"\s*\d+(\.\d+)?\s*", value):
            return float(value)
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return 0.0


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        # A host of several addresses fails with a group of errors.
        found += [cause for each in getattr(error, "exceptions", ()) for cause in _causes(each)]
        error = error.__cause__ or error.__context__
    return found


def _base_url(judge: Judge) -> str:
    url = judge.base_url or os.environ.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL
    if "@" in urlsplit(url).netloc:
        raise TopicbenchError(
            "judge.base_url", "holds a user name or password", "take it out; keys belong into the environment"
        )
    return url.rstrip("/")


def _key(judge: Judge) -> str:
    key = os.environ.get(judge.key_variable, "").strip()
    if not key:
        raise TopicbenchError(
            f"environment variable {judge.key_variable}",
            f"is not set, and judge {judge.title} needs a key",
            "set it to the endpoint's key (any word for a server that wants none), or judge.slm instead",
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise TopicbenchError(
            f"environment variable {judge.key_variable}", "holds characters that no key has", "set it again"
        )
    return key


def _struck(text: str, key: str) -> str:
    return text.replace(key, "[key]")
