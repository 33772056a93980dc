"""What a row is on the playbook side: definition apart from execution, and future work as due rows.

`due_at` and its kin are whole seconds on the ticket's clock. A pending due row waits for the driver;
it is claimed by compare-and-set on its `state`.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tickets.models import Agent, Clock, Ticket, choices, one_of


class PlaybookVersion(models.Model):
    """One version of a playbook's definition, kept whole: a run stays explainable after a change."""

    key = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    source = models.TextField()  # TOML
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # What it was made from: the version before, or that of another playbook. Both stay for ever.
    made_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    wall_made_at = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="playbook_version")]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"


class HiddenPlaybook(models.Model):
    """A playbook that is no longer offered. Runs, shifts and experiments that have it go on with it."""

    key = models.CharField(max_length=60, unique=True)
    hidden_by = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    wall_hidden_at = models.FloatField()


class CaseFile(models.Model):
    """The hidden truth about a ticket and the key of its random streams. Never shown whole."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="case_file")
    case = models.JSONField()


class AutoAgent(models.Model):
    """An automatic agent at work on a clock. A due row: at `due_at` it looks for work or finishes what it does."""

    LOOK, ACT = "look", "act"

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="auto_agents")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="+")
    ordinal = models.PositiveIntegerField()
    profile = models.CharField(max_length=40)
    due_at = models.BigIntegerField(null=True, blank=True)
    phase = models.CharField(max_length=4, choices=choices((LOOK, ACT)), default=LOOK)
    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    action = models.JSONField(null=True, blank=True)
    error = models.TextField(blank=True, default="")  # of its last turn that could not be done

    class Meta:
        constraints = [
            one_of("phase", ("look", "act"), "auto_agent_phase"),
            models.UniqueConstraint(fields=["clock", "ordinal"], name="auto_agent_ordinal"),
        ]
        indexes = [models.Index(fields=["clock", "due_at"], name="auto_agent_due")]


class PlaybookRun(models.Model):
    """One playbook on one ticket. `assigned_by` and `assignment` say how it came to it."""

    CHOICE, RULE, RANDOM = "choice", "rule", "random"
    ACTIVE, ENDED = "active", "ended"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="runs")
    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(PlaybookVersion, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=8, choices=choices((ACTIVE, ENDED)), default=ACTIVE)
    assigned_by = models.CharField(max_length=8, choices=choices((CHOICE, RULE, RANDOM)))
    assignment = models.JSONField(default=dict)  # the rule that decided, or seed, stream and draw
    started_at = models.BigIntegerField()
    # The next hard limit that would be missed; a due row of its own.
    miss_at = models.BigIntegerField(null=True, blank=True)
    miss_step = models.CharField(max_length=60, blank=True, default="")
    error = models.TextField(blank=True, default="")  # of a hard limit that could not be noted
    # From when on this ticket wants its automatic agent.
    worker = models.ForeignKey(AutoAgent, null=True, blank=True, on_delete=models.SET_NULL, related_name="runs")
    work_at = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("state", ("active", "ended"), "run_state"),
            one_of("assigned_by", ("choice", "rule", "random"), "run_assigned_by"),
            models.UniqueConstraint(fields=["ticket"], condition=Q(state="active"), name="one_active_run"),
        ]
        indexes = [
            models.Index(fields=["clock", "miss_at"], name="run_miss"),
            models.Index(fields=["worker", "work_at"], name="run_work"),
        ]


STEP_RUN_STATES = ("done", "missed", "left_out")


class StepRun(models.Model):
    """One step that came to its end: done, missed, or rightly left out with the reason. Open steps derive."""

    STATES = STEP_RUN_STATES

    run = models.ForeignKey(PlaybookRun, on_delete=models.CASCADE, related_name="step_runs")
    step = models.CharField(max_length=60)
    state = models.CharField(max_length=8, choices=choices(STEP_RUN_STATES))
    due_at = models.BigIntegerField(null=True, blank=True)
    latest_at = models.BigIntegerField(null=True, blank=True)
    done_at = models.BigIntegerField(null=True, blank=True)
    met = models.BooleanField(null=True, blank=True)
    reason = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        constraints = [
            one_of("state", STEP_RUN_STATES, "step_run_state"),
            models.UniqueConstraint(fields=["run", "step"], name="one_step_run"),
        ]


FOLLOW_UP_KINDS = (
    "acknowledgement", "interim_report", "letter", "gift", "check_in", "survey", "reminder", "close", "message",
)  # fmt: skip


FOLLOW_UP_STATES = ("pending", "sent", "skipped", "failed")


class FollowUp(models.Model):
    """An action promised for a later time. At `due_at` it looks at the ticket again: sent, or skipped and why."""

    PENDING, SENT, SKIPPED, FAILED = FOLLOW_UP_STATES

    run = models.ForeignKey(PlaybookRun, on_delete=models.CASCADE, related_name="follow_ups")
    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="+")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="follow_ups")
    number = models.PositiveIntegerField()  # the ticket's, for the order of due rows
    step = models.CharField(max_length=60)
    kind = models.CharField(max_length=16, choices=choices(FOLLOW_UP_KINDS))
    due_at = models.BigIntegerField()
    data = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=choices(FOLLOW_UP_STATES), default=PENDING)
    done_at = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=60, blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            one_of("state", FOLLOW_UP_STATES, "follow_up_state"),
            one_of("kind", FOLLOW_UP_KINDS, "follow_up_kind"),
            models.UniqueConstraint(fields=["run", "step"], name="one_follow_up_per_step"),
        ]
        indexes = [
            models.Index(
                fields=["clock", "due_at", "number", "step"], condition=Q(state="pending"), name="follow_up_due"
            ),
            models.Index(fields=["ticket"], name="follow_up_ticket"),
        ]


REACTION_STATES = ("pending", "failed")


class Reaction(models.Model):
    """What the customer does next, and when. It moves or vanishes when something new reaches the customer first.

    One that fires is gone, its events stay; one that could not be done stays as failed, with the reason.
    """

    PENDING, FAILED = REACTION_STATES

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="+")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="reactions")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=40)
    due_at = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=choices(REACTION_STATES), default=PENDING)
    attempts = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            one_of("state", REACTION_STATES, "reaction_state"),
            models.UniqueConstraint(fields=["ticket", "key"], name="one_reaction_per_key"),
        ]
        indexes = [
            models.Index(fields=["clock", "due_at", "number", "key"], condition=Q(state="pending"), name="reaction_due")
        ]


class Arrival(models.Model):
    """A complaint that will come in at `due_at`: in a shift or a rehearsal.

    prevented: its customer had been told of the trouble and did not complain; `data` names the notice.
    """

    STATES = ("pending", "in", "prevented", "failed")

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="arrivals")
    ordinal = models.PositiveIntegerField()
    due_at = models.BigIntegerField()
    data = models.JSONField()  # what intake needs
    state = models.CharField(max_length=9, choices=choices(STATES), default="pending")
    error = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            one_of("state", ("pending", "in", "prevented", "failed"), "arrival_state"),
            models.UniqueConstraint(fields=["clock", "ordinal"], name="arrival_ordinal"),
        ]
        indexes = [
            models.Index(fields=["clock", "due_at", "ordinal"], condition=Q(state="pending"), name="arrival_due")
        ]


SURVEY_METRICS = ("csat", "ces", "nps", "repurchase")


class Survey(models.Model):
    """One question to one customer: invited, then answered or silent. The raw value is kept."""

    SCALES = {"csat": (1, 5), "ces": (1, 7), "nps": (0, 10), "repurchase": (0, 1)}

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="surveys")
    metric = models.CharField(max_length=10, choices=choices(SURVEY_METRICS))
    round = models.PositiveIntegerField(default=1)
    invited_at = models.BigIntegerField()
    answered_at = models.BigIntegerField(null=True, blank=True)
    score = models.IntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("metric", SURVEY_METRICS, "survey_metric"),
            models.UniqueConstraint(fields=["ticket", "metric", "round"], name="one_survey"),
        ]


class Outcome(models.Model):
    """What one ticket came to, kept in step with its log by the driver; `recompute_outcomes` gives the same."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="outcome")
    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="+")
    playbook = models.CharField(max_length=60)
    opened_at = models.BigIntegerField()
    data = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["clock", "playbook", "opened_at"], name="outcome_by_playbook"),
            models.Index(fields=["clock", "-opened_at", "-id"], name="outcome_newest_on_clock"),
            models.Index(fields=["-opened_at", "-id"], name="outcome_newest"),
        ]


class Disagreement(models.Model):
    """An agent does not agree with what a rule says of some words; a trainer reads it."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="disagreements")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")
    rule = models.CharField(max_length=12)
    excerpt = models.CharField(max_length=200)
    note = models.CharField(max_length=400, blank=True, default="")
    at = models.BigIntegerField()  # seconds of real time: what came from many shifts stands in one list

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "agent", "rule", "excerpt"], name="one_disagreement")]
        indexes = [models.Index(fields=["-at", "-id"], name="disagreement_newest")]


class Shift(models.Model):
    """One trainee's practice session with its own clock."""

    clock = models.OneToOneField(Clock, on_delete=models.CASCADE, related_name="shift")
    trainee = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="shifts")
    title = models.CharField(max_length=120)
    seed = models.BigIntegerField()
    settings = models.JSONField(default=dict)
    started_at = models.BigIntegerField()  # simulated


class Rehearsal(models.Model):
    """The same tickets worked twice by automatic agents, once under each playbook; one clock an arm."""

    key = models.CharField(max_length=80, unique=True)
    seed = models.BigIntegerField()
    settings = models.JSONField(default=dict)
    clocks = models.ManyToManyField(Clock, related_name="rehearsals")


EXPERIMENT_STATES = ("running", "done", "cancelled", "failed")


class Experiment(models.Model):
    """The same simulated customers through several playbooks. `settings` decides every digit of `result`."""

    RUNNING, DONE, CANCELLED, FAILED = EXPERIMENT_STATES

    made_by = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    settings = models.JSONField()
    state = models.CharField(max_length=9, choices=choices(EXPERIMENT_STATES), default=RUNNING)
    result = models.JSONField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True, default="")
    error = models.TextField(blank=True, default="")
    wall_made_at = models.FloatField()
    wall_ended_at = models.FloatField(null=True, blank=True)

    class Meta:
        constraints = [one_of("state", EXPERIMENT_STATES, "experiment_state")]
        indexes = [models.Index(fields=["state"], name="experiment_state_idx")]


class ExperimentPart(models.Model):
    """One replication of an experiment under all its arms; any worker may compute it."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    done = models.BooleanField(default=False)
    wall_lease_until = models.FloatField(default=0.0)
    result = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["experiment", "number"], name="one_part")]
        indexes = [
            models.Index(fields=["wall_lease_until"], condition=Q(done=False), name="experiment_part_free"),
        ]


class Rollup(models.Model):
    """What the tickets of one day came to, under one playbook, from one source, in one segment: sums of shares.

    `day`: days since the epoch, on the desk's own calendar. Columns of bytes: `playbooks.core.tally.packed`.
    """

    key = models.TextField(unique=True)  # the five that follow, as one value
    source = models.CharField(max_length=100)
    playbook = models.CharField(max_length=60)
    dimension = models.CharField(max_length=10)
    value = models.CharField(max_length=150)
    day = models.IntegerField()
    figures = models.BinaryField()
    human_reply = models.BinaryField()
    resolution = models.BinaryField()
    human_reply_business = models.BinaryField()
    resolution_business = models.BinaryField()
    bot_reply = models.BinaryField()
    bot_reply_business = models.BinaryField()
    left_unanswered = models.BinaryField()
    left_unresolved = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["dimension", "value", "day"], name="rollup_segment")]


class RollupShare(models.Model):
    """What a ticket last added to the rollups, and to which: taken away again when it changes."""

    outcome = models.OneToOneField(Outcome, on_delete=models.CASCADE, primary_key=True, related_name="rollup_share")
    seq = models.PositiveIntegerField()  # of the ticket's log, as it was read then
    content = models.TextField()


class RollupMark(models.Model):
    """How far the rollups have read, in one row. `settled_…`: below, no transaction is under way any more."""

    event_id = models.BigIntegerField(default=0)
    outcome_id = models.BigIntegerField(default=0)
    settled_event_id = models.BigIntegerField(default=0)
    settled_outcome_id = models.BigIntegerField(default=0)
    settling_event_id = models.BigIntegerField(default=0)
    settling_outcome_id = models.BigIntegerField(default=0)
    settling_until = models.BigIntegerField(null=True, blank=True)  # settled when all older transactions have ended


TRIAL_METHODS = ("blocks", "switchback")
TRIAL_STATES = ("running", "ended", "cancelled")


class Trial(models.Model):
    """Tickets of a desk drawn to playbooks as they come in. What decides, and how many, is fixed before the data.

    `seed` and `stream` settle every place; nobody is shown the seed while it runs.
    """

    RUNNING, ENDED, CANCELLED = TRIAL_STATES

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="trials")
    title = models.CharField(max_length=120)
    made_by = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    arms = models.JSONField()  # [{"playbook": key, "version": primary key}], the first one is the baseline
    method = models.CharField(max_length=10, choices=choices(TRIAL_METHODS))
    strata = models.JSONField(default=list)  # factors; where time is drawn {"washout": minutes}
    hours = models.PositiveIntegerField(default=4)  # of one stretch, where time is drawn
    primary = models.CharField(max_length=30)
    planned = models.PositiveIntegerField()  # tickets
    looks = models.JSONField()  # shares of them, rising to 1
    seed = models.BigIntegerField()
    stream = models.CharField(max_length=80)
    state = models.CharField(max_length=9, choices=choices(TRIAL_STATES), default=RUNNING)
    started_at = models.BigIntegerField()
    ended_at = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=400, blank=True, default="")
    placed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            one_of("method", TRIAL_METHODS, "trial_method"),
            one_of("state", TRIAL_STATES, "trial_state"),
            models.UniqueConstraint(fields=["clock"], condition=Q(state="running"), name="one_running_trial"),
        ]


class TrialTicket(models.Model):
    """One ticket of a trial in order of coming in: its place, or that it was left out and why."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="tickets")
    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    key = models.CharField(max_length=255)  # the ticket's; the same one never has another arm
    at = models.BigIntegerField()
    arm = models.PositiveSmallIntegerField(null=True, blank=True)
    traits = models.JSONField(default=dict)  # what balance is looked at in
    stratum = models.CharField(max_length=80, blank=True, default="")
    block = models.PositiveIntegerField(null=True, blank=True)
    position = models.PositiveIntegerField(null=True, blank=True)
    draw = models.FloatField(null=True, blank=True)
    left_out = models.CharField(max_length=20, blank=True, default="")  # why

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "key"], name="one_place_a_ticket"),
            models.UniqueConstraint(fields=["trial", "stratum", "block", "position"], name="one_ticket_a_place"),
        ]


class PreventionMeasure(models.Model):
    """What was done against a cause of complaints, and when. Whether its complaints fell is read from tickets."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=200)
    text = models.CharField(max_length=400)
    taken_at = models.BigIntegerField()
    by = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-taken_at", "-id"], name="measure_newest")]


class AdvanceNotice(models.Model):
    """Customers told of a trouble before they complained. `emails` names those told, as far as it is known."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=200)
    text = models.CharField(max_length=2000)
    told_at = models.BigIntegerField()
    told = models.PositiveIntegerField()  # customers
    not_told = models.PositiveIntegerField(null=True, blank=True)  # affected, but not told; null: not known
    emails = models.JSONField(default=list)
    by = models.ForeignKey(Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["-told_at", "-id"], name="notice_newest")]
