"""What every value of the demonstration content is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

CONTENT_DIRECTORY = Path(__file__).with_name("content")

College = Literal["kaifang-daxue", "zhiye-xueyuan", "shixun-jidi"]
RegionCode = Annotated[str, Field(pattern=r"^\d{6}$")]
Text = Annotated[str, Field(min_length=1)]


class Frozen(BaseModel):
    """A value read from a file: unknown keys are refused, so a misspelt field cannot be lost silently."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
