"""Brings the Korean and Japanese catalogs in step with the texts that templates and code use."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from helpdesk import translations


class Command(BaseCommand):
    help = "Adds missing texts to the .po files, untranslated and in order, and with --prune takes out unused ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--prune", action="store_true", help="also take out texts that nothing uses any more")

    def handle(self, *args: Any, **options: Any) -> None:
        texts = translations.texts_in_use()
        for language in translations.LANGUAGES:
            added = translations.add_missing(language, texts)
            dropped = translations.drop_stale(language, texts) if options["prune"] else []
            left = translations.untranslated(translations.read_catalog(translations.catalog_path(language)))
            self.stdout.write(f"{language}: {len(added)} added, {len(dropped)} taken out, {len(left)} to translate")
