#!/usr/bin/env python
"""The desk's commands: `manage.py desk` runs everything, `manage.py help` lists the others.

Every command takes `--data DIR`, the folder that holds the desk. It is read here, because the
settings already depend on it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent


def take_data_folder(arguments: list[str]) -> list[str]:
    """Put `--data DIR` into the environment; return the arguments without it."""
    left: list[str] = []
    given = os.environ.get("HELPDESK_DATA") or str(ROOT / ".desk")
    words = iter(arguments)
    for word in words:
        if word == "--data":
            given = next(words, "")
        elif word.startswith("--data="):
            given = word.removeprefix("--data=")
        else:
            left.append(word)
    if not given:
        refuse("--data needs a folder")
    folder = Path(given).expanduser().resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as reason:
        refuse(f"The data folder cannot be used: {reason}")
    os.environ["HELPDESK_DATA"] = str(folder)
    return left


def refuse(message: str) -> NoReturn:
    sys.stderr.write(f"{message}\n")
    sys.exit(2)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
    arguments = take_data_folder(sys.argv)
    from django.core.management import execute_from_command_line

    execute_from_command_line(arguments)


if __name__ == "__main__":
    main()
