"""Everything that differs between two deployments."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from `HELPDESK_…` variables; times are seconds."""

    model_config = SettingsConfigDict(env_prefix="HELPDESK_", frozen=True)

    environment: Literal["development", "test", "production"]
    agent_token: SecretStr = Field(min_length=8)
    lead_token: SecretStr = Field(min_length=8)

    database_url: str
    warehouse_url: str | None = None

    redis_host: str
    redis_port: int = 6379
    cache_url: str
    presence_url: str
    jobs_url: str
    feed_url: str

    assistant_url: str
    assistant_model: str = "helpdesk-small"
    assistant_deadline: float = 30.0
    assistant_idle_limit: float = 10.0

    crm_url: str
    billing_url: str
    pager_url: str
    webhook_url: str
    scanner_host: str
    scanner_port: int = 3310

    rate_limit_per_minute: int = 60
    articles_path: Path | None = None
    event_signing_key: str = "helpdesk-events"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
