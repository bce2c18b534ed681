"""Types that every section of the configuration is made of."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

NAME_PATTERN = r"[a-z0-9]+([._+-][a-z0-9]+)*\+?"
"""Names become path components and Snakemake wildcards; this pattern constrains both."""

Name = Annotated[str, StringConstraints(pattern=rf"^{NAME_PATTERN}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
NonEmpty = Annotated[str, StringConstraints(min_length=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32, strict=True)]
Topics = Annotated[int, Field(ge=2, strict=True)]


def unique(values: list) -> list:
    """The values, or a `ValueError` that names those given twice."""
    repeated = sorted({str(value) for value in values if values.count(value) > 1})
    if repeated:
        raise ValueError(f"values repeat: {', '.join(repeated)}")
    return values


class Closed(BaseModel):
    """A section in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def source_field(meaning: str) -> Any:
    # Left out of what is handed to jobs where it is not used, so that results made without it stay valid.
    return Field(None, exclude_if=lambda value: value is None, description=f"Instead: one of sources, {meaning}.")
