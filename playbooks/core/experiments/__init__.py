"""Experiments: the same customers sent through several playbooks, on a simulated desk, as often as asked."""
