"""Reading Japanese: how polite a text is, what is wrong in it, what it contains. Importing this loads no dictionary."""

from playbooks.core.language.japanese.reading import read_japanese, warm

__all__ = ["read_japanese", "warm"]
