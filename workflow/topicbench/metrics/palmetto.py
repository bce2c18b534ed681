"""C_V by Palmetto itself, the paper's tool, over a Lucene index of the reference corpus (Röder et al. 2015).

Palmetto is started once per run of a topic model with all its topics, not once per topic: opening an index of
Wikipedia takes longer than scoring. Usage and output as in its ``Palmetto.main``: ``java -jar JAR INDEX C_V FILE``
prints the milliseconds taken, then per topic its number, its coherence to five decimals and its words. It ends with
exit code 0 whatever happens, so success is read off the output alone.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from topicbench.core.errors import TopicbenchError

_LINE = re.compile(r"\s*(\d+)\t\s*(\S+)\t\[(.*)\]")


def c_v(
    topics: Sequence[Sequence[str]], jar: str | Path, index: str | Path, java: str = "java", timeout: float = 3600.0
) -> np.ndarray:
    """C_V of each topic.

    Args:
        topics: K lists of words.
        jar: Palmetto's jar with its dependencies.
        index: folder of the Lucene index.
        java: the Java command.
        timeout: seconds allowed for all topics.

    Returns:
        K float64 values, exact to five decimals as Palmetto prints them.

    Raises:
        TopicbenchError: Java, jar or index missing, a time-out, or output that does not hold a number for each topic.
    """
    for path, kind in ((Path(jar), "jar"), (Path(index), "index")):
        if not path.exists():
            raise TopicbenchError(
                f"reference.palmetto.{kind}", f"no such file: {path}", "see docs/configuration.md, reference.palmetto"
            )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "topics.txt"
        file.write_text("".join(" ".join(words) + "\n" for words in topics), encoding="utf-8")
        # Palmetto formats numbers as the locale does; a decimal comma must not depend on whose machine this is.
        command = [java, "-Duser.language=en", "-Duser.country=US", "-jar", str(jar), str(index), "C_V", str(file)]
        try:
            result = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
        except FileNotFoundError:
            raise TopicbenchError(
                java, "Java is not installed", "install a Java runtime, or leave out palmetto"
            ) from None
        except subprocess.TimeoutExpired:
            raise TopicbenchError(str(jar), f"no result within {timeout:g} s", "raise the time-out") from None
    return parse(result.stdout, topics, result.stderr)


def parse(output: str, topics: Sequence[Sequence[str]], errors: str = "") -> np.ndarray:
    """The coherences in Palmetto's output; anything but one number for each topic, in order, is an error.

    Args:
        output: its standard output; log lines between the results are passed over.
        topics: the topics it was given.
        errors: its standard error, shown when results are missing.
    """
    lines = [match for line in output.splitlines() if (match := _LINE.fullmatch(line))]
    if len(lines) != len(topics):
        said = (errors.strip() or output.strip() or "nothing").splitlines()[-1][:300]
        raise TopicbenchError(
            "Palmetto", f"scored {len(lines)} of {len(topics)} topics; its last line: {said}", "check jar and index"
        )
    values = np.empty(len(topics))
    for place, (match, words) in enumerate(zip(lines, topics, strict=True)):
        number, value, printed = match.groups()
        if int(number) != place or printed.split(", ") != list(words):
            raise TopicbenchError("Palmetto", f"line {place + 1} is of topic {number} [{printed}], expected {place}")
        try:
            values[place] = float(value)
        except ValueError:
            raise TopicbenchError("Palmetto", f"topic {place}: '{value}' is no number") from None
        if not np.isfinite(values[place]):
            raise TopicbenchError(f"topic {place} ({', '.join(words)})", f"Palmetto could not score it: {value}")
    return values
