"""What a site may choose: frozen sections, no defaults for what only a site can decide. Pure."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
