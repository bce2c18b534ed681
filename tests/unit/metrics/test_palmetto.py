"""Palmetto: its command line and its output, by a stand-in that speaks the documented format."""

import stat

import numpy as np
import pytest

from topicbench.core.errors import TopicbenchError
from topicbench.metrics.palmetto import c_v, parse

TOPICS = [["space", "orbit", "moon"], ["god", "faith", "church"]]
OUTPUT = "12:00:01.234 [main] INFO Palmetto - Read 2 from file.\n1473\n    0\t0.51234\t[space, orbit, moon]\n"
SECOND = "    1\t0.40001\t[god, faith, church]\n"


def test_the_documented_output_is_read():
    assert parse(OUTPUT + SECOND, TOPICS).tolist() == [0.51234, 0.40001]


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (OUTPUT, "scored 1 of 2 topics; its last line: .*space, orbit, moon"),
        ("", "scored 0 of 2 topics; its last line: nothing"),
        (OUTPUT + SECOND.replace("    1", "    2"), r"line 2 is of topic 2 \[god, faith, church\], expected 1"),
        (OUTPUT + SECOND.replace("faith", "hope"), r"line 2 is of topic 1 \[god, hope, church\]"),
        (
            OUTPUT + SECOND.replace("0.40001", "NaN"),
            r"topic 1 \(god, faith, church\): Palmetto could not score it: nan|NaN",
        ),
        (OUTPUT + SECOND.replace("0.40001", "0,40001"), "topic 1: '0,40001' is no number"),
        (OUTPUT + SECOND + SECOND, "scored 3 of 2 topics"),
    ],
)
def test_anything_but_one_number_per_topic_is_an_error(output, message):
    with pytest.raises(TopicbenchError, match=message):
        parse(output, TOPICS)


def test_what_palmetto_says_of_a_failure_is_shown():
    with pytest.raises(TopicbenchError, match="Couldn't open lucene index"):
        parse("", TOPICS, "ERROR Palmetto - Couldn't open lucene index. Aborting.\n")


@pytest.fixture
def palmetto(tmp_path):
    """A jar, an index and a "java" that scores each topic by its number of words and notes how it was called."""
    (tmp_path / "palmetto.jar").write_bytes(b"")
    (tmp_path / "index").mkdir()
    java = tmp_path / "java"
    java.write_text(
        "#!/bin/sh\n"
        f'echo "$@" >> {tmp_path}/calls\n'
        'test "$6" = C_V || { echo "Unknown calculation type" >&2; exit 0; }\n'
        'echo 7; n=0; while read -r line; do set -- $line; printf "%5d\\t%d.00000\\t[%s]\\n" $n $# '
        '"$(echo $line | sed \'s/ /, /g\')"; n=$((n+1)); done < "$7"\n'
    )
    java.chmod(java.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def test_all_topics_go_to_one_process(palmetto):
    values = c_v(TOPICS, palmetto / "palmetto.jar", palmetto / "index", java=str(palmetto / "java"))
    assert np.array_equal(values, [3.0, 3.0])
    calls = (palmetto / "calls").read_text().splitlines()
    assert len(calls) == 1
    assert calls[0].startswith("-Duser.language=en -Duser.country=US -jar ")


def test_what_is_missing_is_named(palmetto):
    jar, index = palmetto / "palmetto.jar", palmetto / "index"
    with pytest.raises(TopicbenchError, match=r"reference\.palmetto\.jar: no such file"):
        c_v(TOPICS, palmetto / "none.jar", index)
    with pytest.raises(TopicbenchError, match=r"reference\.palmetto\.index: no such file"):
        c_v(TOPICS, jar, palmetto / "none")
    with pytest.raises(TopicbenchError, match="Java is not installed"):
        c_v(TOPICS, jar, index, java=str(palmetto / "none"))


def test_a_process_that_hangs_is_ended(palmetto):
    java = palmetto / "java"
    java.write_text("#!/bin/sh\nexec sleep 60\n")
    with pytest.raises(TopicbenchError, match=r"no result within 0\.5 s"):
        c_v(TOPICS, palmetto / "palmetto.jar", palmetto / "index", java=str(java), timeout=0.5)
