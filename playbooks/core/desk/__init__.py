"""The simulated desk: customers arrive, wait, leave or are served, under one playbook or another.

Values in, arrays out:

setting.py   who calls, who is there, how long they wait     handling.py  what a playbook asks of an agent
draws.py     the customers both playbooks meet               kernel.py    the queue
run.py       `simulate`: one replication                     closed_forms.py  what theory says of simple desks
"""
