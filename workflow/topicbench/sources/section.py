"""The registry's entries: one per source, a section ``sources`` of the configuration."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from topicbench.core.sections import Closed, NonEmpty, Sha256, unique
from topicbench.sources.builds.contract import Build, builds

Url = Annotated[str, StringConstraints(pattern=r"^https?://[^/\s]+/\S+$")]
Md5 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Commit = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
Repository = Annotated[str, StringConstraints(pattern=r"^[\w.-]+/[\w.-]+$")]
FileName = Annotated[str, StringConstraints(pattern=r"^\w[\w.+-]*$")]
Bytes = Annotated[int, Field(ge=0, strict=True)]

MODEL_FILES = ("*.json", "*.txt", "*.model", "*.jinja", "*.safetensors")
"""What a model needs of its repository; weights in other formats can be as large again."""

UNPACK = "unpack"
"""A ``build`` of its own: the files of an archive, not a table."""

if TYPE_CHECKING:
    BuildName = str
else:
    BuildName = Literal[*builds(), UNPACK]


class RemoteFile(Closed):
    """A file at an address."""

    url: Url = Field(description="Its address.")
    name: FileName | None = Field(None, description="Its name here; null: the last part of the address.")
    sha256: Sha256 | None = Field(None, description="Its SHA-256; null: recorded at the first fetch, required after.")
    md5: Md5 | None = Field(None, description="Its MD5, where the publisher gives nothing better.")
    bytes: Bytes | None = Field(None, description="Its size, where the publisher states it; checked.")

    @property
    def filename(self) -> str:
        return self.name or self.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]


class RemoteCode(Closed):
    """The repository of a model's own code, where its weights' repository refers to another one."""

    hub: Repository = Field(description="Repository on the Hugging Face Hub.")
    revision: Commit = Field(description="Full commit hash.")
    files: list[FileName] = Field(
        ["configuration.py", "modeling.py"], min_length=1, description="Files copied beside the weights."
    )


class Source(Closed):
    """Where a corpus, a model or a tool comes from. Exactly one of files and hub."""

    licence: NonEmpty = Field(description="Its licence, or what is known of it.")
    files: list[RemoteFile] = Field([], description="Files at addresses.")
    hub: Repository | None = Field(None, description="Repository on the Hugging Face Hub.")
    kind: Literal["model", "dataset"] = Field("model", description="Kind of the Hub repository.")
    revision: Commit | None = Field(None, description="Full commit hash of the Hub repository; required with hub.")
    include: list[NonEmpty] = Field(
        [*MODEL_FILES], min_length=1, description="Files of the Hub repository that are wanted; '*' matches anything."
    )
    gated: bool = Field(False, description="The Hub asks for an accepted licence and a token (HF_TOKEN).")
    code: RemoteCode | None = Field(None, description="The model's own code, if it is in another repository.")
    build: BuildName | None = Field(
        None, description="What the files are made into: the table of a corpus, or an unpacked archive."
    )
    rows: Bytes | None = Field(None, description="Number of rows of the table that is built; checked.")
    result_sha256: Sha256 | None = Field(None, description="SHA-256 of the table that is built; checked.")
    bytes: Bytes | None = Field(None, description="About how much is downloaded; for information.")
    mirror: NonEmpty | None = Field(
        None,
        description="Take it from here instead: a local file or folder, or an address. A folder has the files by name, "
        "a model's files or a Hub cache; an address has the files by name, for a Hub source the Hub's interface. A "
        "table that is built may be given whole.",
    )

    _unique_include = field_validator("include")(unique)

    @model_validator(mode="after")
    def _one_origin(self) -> Source:
        if bool(self.files) == (self.hub is not None):
            raise ValueError("exactly one of files and hub is needed")
        if self.hub and not self.revision:
            raise ValueError(
                "hub needs a pinned revision: the full hash of a commit, from 'Files and versions' of its page"
            )
        if not self.hub and (self.revision or self.code or self.gated):
            raise ValueError("revision, code and gated are for a hub source")
        if self.code and self.kind == "dataset":
            raise ValueError("code is for models")
        unique([file.filename for file in self.files])
        if self.build == UNPACK and len(self.files) != 1:
            raise ValueError("unpack needs exactly one file")
        if self.table_build and self.table_build.files not in (None, len(self.files)):
            raise ValueError(f"{self.build} is built from files, {self.table_build.files} of them")
        if self.table_build and self.table_build.files is None and not self.hub:
            raise ValueError(f"{self.build} is built from a hub source")
        if not self.table_build and (self.rows is not None or self.result_sha256):
            raise ValueError("rows and result_sha256 are for a table that is built")
        return self

    @property
    def table_build(self) -> Build | None:
        """What makes a table of the files; None where they are taken as they are, or unpacked."""
        return builds().get(self.build or "")

    @property
    def main_file(self) -> str | None:
        """The one file that stands for the source: the table built or the only file; None where there is none."""
        if self.table_build:
            return self.table_build.table
        return self.files[0].filename if self.build is None and len(self.files) == 1 else None

    def wants(self, path: str) -> bool:
        """Whether a file of the Hub repository is to be fetched."""
        return any(fnmatch(path, pattern) for pattern in self.include)
