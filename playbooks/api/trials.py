"""`/trials/`: fair live comparisons on the main desk, over REST."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from playbooks import allocation
from playbooks.api import filters, studies
from playbooks.api.pages import OldestFirst
from playbooks.api.serializers import iso
from playbooks.api.views import caller, checked, main_now
from playbooks.core.allocation import FACTORS, METHODS, PRIMARIES, SWITCHBACK
from playbooks.models import TRIAL_STATES, Trial
from tickets import clock as clocks
from tickets.strict import FitChoiceField, FitTextField, StrictSerializer, WholeField


class NewTrialSerializer(StrictSerializer):
    """What is fixed before the data; all of it has a default. The first playbook is the baseline.

    `method`: `blocks` draws every ticket, `switchback` stretches of `hours`, where the arms share a queue. Tickets of
    the first `washout` minutes of every stretch are handled and counted by themselves, but do not decide: they met the
    queue of the stretch before (a quarter of the stretch, at most two hours, where nothing is said; 0 for none).
    `looks`: shares of the planned tickets at which one may look; the last one is 1. Leave `seed` out, and nobody knows
    it.
    """

    title = FitTextField(max_length=120, required=False)
    playbooks = serializers.ListField(child=FitTextField(max_length=60), required=False, max_length=4)
    method = FitChoiceField(choices=METHODS, required=False)
    strata = serializers.ListField(child=FitChoiceField(choices=FACTORS), required=False, max_length=3)
    hours = WholeField(required=False)
    washout = WholeField(required=False, min_value=0)
    primary = FitChoiceField(choices=PRIMARIES, required=False)
    planned = WholeField(required=False)
    looks = serializers.ListField(child=serializers.FloatField(), required=False, max_length=6)
    seed = WholeField(required=False, min_value=0)


class ReasonSerializer(StrictSerializer):
    """Why it is cancelled."""

    reason = FitTextField(max_length=400, required=False)


class TrialSerializer(serializers.ModelSerializer[Trial]):
    """A trial: running, ended or cancelled. `seed` is told once it no longer draws."""

    state = serializers.CharField(read_only=True)
    seed = serializers.SerializerMethodField()
    started_at = serializers.SerializerMethodField()
    ended_at = serializers.SerializerMethodField()
    arms = serializers.SerializerMethodField()
    strata = serializers.SerializerMethodField()
    washout = serializers.SerializerMethodField()
    looks = serializers.JSONField(read_only=True)

    class Meta:
        model = Trial
        fields: tuple[str, ...] = (
            "id", "title", "state", "method", "arms", "strata", "hours", "washout", "primary", "planned", "placed",
            "looks", "seed", "stream", "started_at", "ended_at", "reason",
        )  # fmt: skip

    def get_seed(self, trial: Trial) -> int | None:
        return None if trial.state == Trial.RUNNING else trial.seed

    def get_started_at(self, trial: Trial) -> str | None:
        return iso(trial.started_at)

    def get_ended_at(self, trial: Trial) -> str | None:
        return iso(trial.ended_at)

    def get_strata(self, trial: Trial) -> list[str]:
        """Factors; none where time is drawn."""
        return allocation.strata_of(trial)

    def get_washout(self, trial: Trial) -> int | None:
        """Minutes at the start of every stretch whose tickets do not count; null where tickets are drawn."""
        return allocation.washout_of(trial) if trial.method == SWITCHBACK else None

    def get_arms(self, trial: Trial) -> list[str]:
        """Keys of the playbooks, the baseline first."""
        return [arm["playbook"] for arm in trial.arms]


class WholeTrialSerializer(TrialSerializer):
    """A trial with its balance, and with what the planned looks have shown so far."""

    looks = serializers.SerializerMethodField()  # type: ignore[assignment]  # shares in the list, findings here
    balance = serializers.SerializerMethodField()
    left_out = serializers.SerializerMethodField()

    class Meta(TrialSerializer.Meta):
        fields = (*TrialSerializer.Meta.fields, "balance", "left_out")

    def get_looks(self, trial: Trial) -> list[dict[str, Any]]:
        """Every planned look; a closed one has neither levels nor findings."""
        found = allocation.looks_of(trial, now=clocks.instant(trial.clock, wall_now=clocks.wall()))
        return [asdict(look) for look in found]

    def get_balance(self, trial: Trial) -> dict[str, Any]:
        return asdict(allocation.balance_of(trial))

    def get_left_out(self, trial: Trial) -> dict[str, int]:
        """Why -> how many tickets: `chosen`, `other_draw`, `washout`."""
        return allocation.left_out_of(trial)


def _one(request: Request, pk: int) -> Trial:
    return studies.one(allocation.visible_to(caller(request)).select_related("clock"), pk, "trial")


class TrialsView(GenericAPIView[Trial]):
    """Trials."""

    serializer_class = TrialSerializer
    queryset = Trial.objects.none()
    pagination_class = OldestFirst

    @extend_schema(responses=TrialSerializer(many=True), operation_id="trials_list")
    def get(self, request: Request) -> Response:
        """All trials, oldest first."""
        known: dict[str, Any] = {"state": filters.one_of("state", TRIAL_STATES)}
        rows = filters.apply_filters(allocation.visible_to(caller(request)), request, known)
        return self.get_paginated_response(TrialSerializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(request=NewTrialSerializer, responses={201: TrialSerializer})
    def post(self, request: Request) -> Response:
        """Begin one on the main desk: from now on it draws the playbook of every ticket that comes without one."""
        allocation.visible_to(caller(request))
        what = checked(NewTrialSerializer, request)
        begun = allocation.begin(what, clock=clocks.main_clock(), by=caller(request), now=main_now())
        return Response(TrialSerializer(begun).data, status=status.HTTP_201_CREATED)


class TrialView(GenericAPIView[Trial]):
    """One trial."""

    serializer_class = WholeTrialSerializer
    queryset = Trial.objects.none()

    @extend_schema(operation_id="trial_read")
    def get(self, request: Request, pk: int) -> Response:
        """How far it has come, its balance, and what its planned looks tell."""
        return studies.read(request, _one(request, pk), WholeTrialSerializer)


class EndTrialView(GenericAPIView[Trial]):
    """The end."""

    serializer_class = TrialSerializer
    queryset = Trial.objects.none()

    @extend_schema(request=None, operation_id="trial_end")
    def post(self, request: Request, pk: int) -> Response:
        """Stop drawing. Before the planned number only where a planned look has shown a difference."""
        return studies.told(_one(request, pk), lambda trial: allocation.end(trial, now=main_now()), TrialSerializer)


class CancelTrialView(GenericAPIView[Trial]):
    """An end without a result."""

    serializer_class = TrialSerializer
    queryset = Trial.objects.none()

    @extend_schema(request=ReasonSerializer, operation_id="trial_cancel")
    def post(self, request: Request, pk: int) -> Response:
        """Stop drawing, and draw no conclusion."""
        trial, reason = _one(request, pk), checked(ReasonSerializer, request).get("reason", "")
        return studies.told(trial, lambda row: allocation.cancel(row, now=main_now(), reason=reason), TrialSerializer)
