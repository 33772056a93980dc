"""`/experiments/`: the same simulated customers through several playbooks or desks, over REST."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from playbooks import experiments
from playbooks.api import filters, studies
from playbooks.api.pages import OldestFirst
from playbooks.api.serializers import iso
from playbooks.api.views import caller, checked
from playbooks.models import EXPERIMENT_STATES, Experiment
from tickets import clock as clocks
from tickets.strict import FitChoiceField, FitTextField, PlainDictField, StrictSerializer, WholeField, YesNoField


class NewSweepSerializer(StrictSerializer):
    """One value moved while everything else stays."""

    parameter = FitTextField(max_length=60)
    values = serializers.ListField(child=serializers.FloatField(), max_length=40)
    both = YesNoField(required=False)


class NewExperimentSerializer(StrictSerializer):
    """What to try; all of it has a default. The first playbook (or arm) is the baseline.

    `arms` compares desks as well: each has a `playbook`, and may have a `key`, `desk`, `per_hour`, `agents`, `young`
    of its own. `desk` is the key of a desk scenario. `sweep` moves one value: its `parameter` (`per_hour`, `agents`,
    `letter_deadline`, `gift_value`, `young_share`), the `values`, and `both` for the load study as one day by itself
    and as a desk without an end.
    """

    playbooks = serializers.ListField(child=FitTextField(max_length=60), required=False, max_length=6)
    arms = serializers.ListField(child=PlainDictField(), required=False, max_length=6)
    desk = FitTextField(max_length=60, required=False)
    tickets = WholeField(required=False)
    replications = WholeField(required=False)
    seed = WholeField(required=False, min_value=0)
    per_hour = serializers.FloatField(required=False)
    agents = WholeField(required=False)
    young = serializers.FloatField(required=False)
    cases = WholeField(required=False)
    primary = FitTextField(max_length=60, required=False)
    speed_model = FitChoiceField(choices=("tarp", "meta"), required=False)
    letter = YesNoField(required=False)
    gift = YesNoField(required=False)
    disjoint = YesNoField(required=False)
    sweep = NewSweepSerializer(required=False)


class ExperimentSerializer(serializers.ModelSerializer[Experiment]):
    """An experiment; `result` once it is done: playbooks, differences, curves, assumptions, parts, digest."""

    made_at = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()
    handling = serializers.SerializerMethodField()
    result = serializers.JSONField(read_only=True)
    settings = serializers.JSONField(read_only=True)

    class Meta:
        model = Experiment
        fields = ("id", "state", "settings", "progress", "handling", "made_at", "error", "digest", "result")

    def get_made_at(self, experiment: Experiment) -> str | None:
        return iso(int(experiment.wall_made_at))

    def get_progress(self, experiment: Experiment) -> dict[str, int]:
        """Replications done, and in all."""
        done, whole = experiments.progress(experiment)
        return {"done": done, "of": whole}

    def get_handling(self, experiment: Experiment) -> dict[str, int] | None:
        """Before the first replication automatic agents handle the cases: how many are handled, and in all."""
        found = experiments.handling(experiment) if experiment.state == Experiment.RUNNING else None
        return None if found is None else {"done": found[0], "of": found[1]}


class ListedSerializer(ExperimentSerializer):
    """One line of the list: without the result."""

    class Meta(ExperimentSerializer.Meta):
        fields = ("id", "state", "settings", "progress", "handling", "made_at", "error", "digest")  # type: ignore[assignment]


def _one(request: Request, pk: int) -> Experiment:
    return studies.one(experiments.visible_to(caller(request)), pk, "experiment")


class ExperimentsView(GenericAPIView[Experiment]):
    """Experiments."""

    serializer_class = ListedSerializer
    queryset = Experiment.objects.none()
    pagination_class = OldestFirst

    @extend_schema(responses=ListedSerializer(many=True), operation_id="experiments_list")
    def get(self, request: Request) -> Response:
        """All experiments, oldest first."""
        known: dict[str, Any] = {"state": filters.one_of("state", EXPERIMENT_STATES)}
        rows = filters.apply_filters(experiments.visible_to(caller(request)), request, known)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(ListedSerializer(page, many=True).data)

    @extend_schema(request=NewExperimentSerializer, responses={201: ExperimentSerializer})
    def post(self, request: Request) -> Response:
        """Begin one. Workers compute it; read it again until `state` is `done`."""
        experiments.visible_to(caller(request))
        what = checked(NewExperimentSerializer, request)
        begun = experiments.begin(what, by=caller(request), wall_now=clocks.wall())
        return Response(ExperimentSerializer(begun).data, status=status.HTTP_201_CREATED)


class ExperimentView(GenericAPIView[Experiment]):
    """One experiment."""

    serializer_class = ExperimentSerializer
    queryset = Experiment.objects.none()

    @extend_schema(operation_id="experiment_read")
    def get(self, request: Request, pk: int) -> Response:
        """How far it has come, and its result once it is done."""
        return studies.read(request, _one(request, pk), ExperimentSerializer)


class CancelView(GenericAPIView[Experiment]):
    """An end before its time."""

    serializer_class = ExperimentSerializer
    queryset = Experiment.objects.none()

    @extend_schema(request=None, operation_id="experiment_cancel")
    def post(self, request: Request, pk: int) -> Response:
        """Stop it after the replications in hand; what has been computed stays."""
        return studies.told(_one(request, pk), experiments.cancel, ExperimentSerializer)


class ResumeView(GenericAPIView[Experiment]):
    """Going on."""

    serializer_class = ExperimentSerializer
    queryset = Experiment.objects.none()

    @extend_schema(request=None, operation_id="experiment_resume")
    def post(self, request: Request, pk: int) -> Response:
        """Go on with one that was cancelled or that failed."""
        return studies.told(_one(request, pk), experiments.resume, ExperimentSerializer)
