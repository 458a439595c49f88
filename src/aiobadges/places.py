"""Where this user's files lie: profiles, tokens, the ledger, the sandbox's state.

One place to look at, so that nothing of ours is ever somewhere a person would not expect it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aiobadges.errors import InvalidCallError

__all__ = ["ledger_file", "profiles_file", "read_profiles", "sandbox_state_file", "tokens_folder"]

_NAME = "aiobadges"


def profiles_file() -> Path:
    """Give the configuration file: ``[profiles.NAME]`` tables with region, username and the like."""
    import platformdirs  # noqa: PLC0415 - most programs never come here

    return platformdirs.user_config_path(_NAME) / "config.toml"


def ledger_file() -> Path:
    """Give the file of the ledger."""
    return _data_folder() / "ledger.sqlite3"


def tokens_folder() -> Path:
    """Give the folder of stored tokens."""
    return _data_folder() / "tokens"


def sandbox_state_file() -> Path:
    """Give the file in which the sandbox remembers what it was told."""
    return _data_folder() / "sandbox.jsonl"


def _data_folder() -> Path:
    import platformdirs  # noqa: PLC0415 - as above

    # Not the roaming one: Windows would copy tokens to a server, and a ledger to two machines.
    return platformdirs.user_data_path(_NAME, roaming=False)


def read_profiles(file: Path) -> Mapping[str, Mapping[str, str]]:
    """Read the profiles of a configuration file; a missing file has none.

    Raises:
        InvalidCallError: the file cannot be read, is no TOML, or a profile is no table of texts.
    """
    import tomllib  # noqa: PLC0415 - most programs have no such file

    try:
        profiles = tomllib.loads(file.read_text(encoding="utf-8")).get("profiles", {})
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidCallError(
            f"the configuration file {file} cannot be read: {error}", remedy="Mend or remove it"
        ) from None
    if not isinstance(profiles, dict) or not all(
        isinstance(p, dict) and all(isinstance(v, str) for v in p.values())
        for p in profiles.values()
    ):
        raise InvalidCallError(
            f"{file}: each profile must be a table of texts",
            remedy='Write it as [profiles.work] and region = "us"',
        )
    return profiles
