"""20 Newsgroups, from Rennie's archive "bydate"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from topicbench.core.errors import TopicbenchError
from topicbench.core.files import written_beside
from topicbench.sources.archives import members
from topicbench.sources.builds.contract import Build


class Newsgroups(Build):
    """Parquet; columns split, label, label_name, doc_id and text.

    split is train or test, label the number of the group in alphabetical order, doc_id the file's name, text its bytes
    decoded as latin-1. Train comes before test, then rows are sorted by label and by doc_id as text: the order in which
    scikit-learn reads the files before it shuffles them.
    """

    name = "20newsgroups"
    table = "20newsgroups.parquet"
    files = 1

    def make(self, files: Mapping[str, Path], table: Path) -> int:
        import pyarrow
        import pyarrow.parquet

        (archive,) = files.values()
        posts: list[tuple[int, str, str, str]] = []
        with members(archive) as found:
            for path, opened in found:
                match = re.fullmatch(r"(?:.*/)?20news-bydate-(train|test)/([^/]+)/([^/]+)", path)
                if match:
                    with opened() as file:
                        posts.append((match[1] == "test", match[2], match[3], file.read().decode("latin-1")))
        if not posts:
            raise TopicbenchError(archive, "holds no post of 20 Newsgroups", "expected 20news-bydate-train and -test")
        posts.sort(key=lambda post: post[:3])
        numbers = {group: number for number, group in enumerate(sorted({group for _, group, _, _ in posts}))}
        columns = {
            "split": ["test" if test else "train" for test, _, _, _ in posts],
            "label": [numbers[group] for _, group, _, _ in posts],
            "label_name": [group for _, group, _, _ in posts],
            "doc_id": [doc_id for _, _, doc_id, _ in posts],
            "text": [text for _, _, _, text in posts],
        }
        with written_beside(table) as partial:
            pyarrow.parquet.write_table(pyarrow.table(columns), partial, compression="zstd")
        return len(posts)
