"""`/prevention/`: causes of complaints, measures against them, and customers told beforehand, over REST."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from playbooks import notices, prevention
from playbooks.api import filters
from playbooks.api.pages import OldestFirst
from playbooks.api.serializers import InstantField, iso
from playbooks.api.views import caller, checked, main_now
from playbooks.models import AdvanceNotice, PreventionMeasure
from tickets import clock as clocks
from tickets.strict import FitTextField, StrictSerializer, WholeField


class NewMeasureSerializer(StrictSerializer):
    """What was done against a cause. `cause` is a key of `/prevention/`; without `taken_at` it is taken now."""

    cause = FitTextField(max_length=200)
    text = FitTextField(max_length=400)
    taken_at = InstantField(required=False)


class NewNoticeSerializer(StrictSerializer):
    """Customers told before they complained. `told` customers, of whom `emails` names those known; `not_told`: others
    whom the trouble touched too, where their number is known. With `shift`, customers who are to come into that shift:
    those simulated ones who were told may not complain at all, or come with that in their log."""

    cause = FitTextField(max_length=200)
    text = FitTextField(max_length=2000)
    told_at = InstantField(required=False)
    told = WholeField(required=False, min_value=1)
    not_told = WholeField(required=False, min_value=0)
    shift = WholeField(required=False, min_value=1)
    emails = serializers.ListField(child=FitTextField(max_length=254), required=False, max_length=5_000)


class MeasureSerializer(serializers.ModelSerializer[PreventionMeasure]):
    """A measure, and the complaints of its cause in windows of one length before and after."""

    taken_at = serializers.SerializerMethodField()
    effect = serializers.SerializerMethodField()

    class Meta:
        model = PreventionMeasure
        fields = ("id", "cause", "text", "taken_at", "effect")

    def get_taken_at(self, row: PreventionMeasure) -> str | None:
        return iso(row.taken_at)

    def get_effect(self, row: PreventionMeasure) -> dict[str, Any]:
        """Counts, rate ratio, ratio of ratios against all other causes, verdict."""
        return prevention.effect_of(row, self.context["complaints"], now=self.context["now"]).effect.to_dict()


class NoticeSerializer(serializers.ModelSerializer[AdvanceNotice]):
    """A notice, who complained all the same, who was spared, and what the customer model expects: an estimate."""

    told_at = serializers.SerializerMethodField()
    shift = serializers.SerializerMethodField()
    outcome = serializers.SerializerMethodField()

    class Meta:
        model = AdvanceNotice
        fields = ("id", "shift", "cause", "text", "told_at", "told", "not_told", "outcome")

    def get_told_at(self, row: AdvanceNotice) -> str | None:
        return iso(row.told_at)

    def get_shift(self, row: AdvanceNotice) -> int | None:
        return row.clock.shift.pk if not row.clock.main else None

    def get_outcome(self, row: AdvanceNotice) -> dict[str, Any]:
        """Complaints of those told and of the others, satisfied shares, and the estimate."""
        return notices.told_data(self.context["outcomes"].of(row))


def _context(request: Request) -> dict[str, Any]:
    prevention.visible_to(caller(request))
    complaints = prevention.complaints_of(clocks.main_clock(), language=caller(request).language)
    outcomes = notices.Outcomes(complaints, wall_now=clocks.wall(), language=caller(request).language)
    return {"complaints": complaints, "outcomes": outcomes, "now": main_now(), "request": request}


class CausesView(APIView):
    """Causes of complaints."""

    @extend_schema(responses={200: dict}, operation_id="prevention_read")
    def get(self, request: Request) -> Response:
        """Causes by week, the stages behind a low CES, what customers write in surveys (`remarks`) and afterwards."""
        context = _context(request)
        filters.apply_filters(PreventionMeasure.objects.none(), request, {}, paged=False)
        clock = clocks.main_clock()
        causes = [
            {**asdict(one), "weeks": [{"week": iso(monday), "n": n} for monday, n in one.weeks]}
            for one in prevention.causes_over_time(context["complaints"])
        ]
        said = [asdict(one) for one in prevention.said_after(clock)]
        beside = prevention.remarks_data(prevention.remarks_of(clock))
        effort = asdict(prevention.effort(clock))
        return Response({"causes": causes, "effort": effort, "said": said, "remarks": beside})


class MeasuresView(GenericAPIView[PreventionMeasure]):
    """Measures against causes."""

    serializer_class = MeasureSerializer
    queryset = PreventionMeasure.objects.none()
    pagination_class = OldestFirst

    @extend_schema(responses=MeasureSerializer(many=True), operation_id="measures_list")
    def get(self, request: Request) -> Response:
        """All measures with their effect, oldest first."""
        context = _context(request)
        rows = filters.apply_filters(PreventionMeasure.objects.filter(clock__main=True), request, {})
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(MeasureSerializer(page, many=True, context=context).data)

    @extend_schema(request=NewMeasureSerializer, responses={201: MeasureSerializer})
    def post(self, request: Request) -> Response:
        """Note a measure taken against a cause."""
        context = _context(request)
        what = checked(NewMeasureSerializer, request)
        row = prevention.take_measure(what, clock=clocks.main_clock(), by=caller(request), now=context["now"])
        return Response(MeasureSerializer(row, context=context).data, status=status.HTTP_201_CREATED)


class NoticesView(GenericAPIView[AdvanceNotice]):
    """Customers told beforehand."""

    serializer_class = NoticeSerializer
    queryset = AdvanceNotice.objects.none()
    pagination_class = OldestFirst

    @extend_schema(responses=NoticeSerializer(many=True), operation_id="notices_list")
    def get(self, request: Request) -> Response:
        """All notices with what came of them, oldest first."""
        context = _context(request)
        rows = filters.apply_filters(notices.notices_of(), request, {})
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(NoticeSerializer(page, many=True, context=context).data)

    @extend_schema(request=NewNoticeSerializer, responses={201: NoticeSerializer})
    def post(self, request: Request) -> Response:
        """Note that customers were told of a trouble before they complained."""
        context = _context(request)
        what = checked(NewNoticeSerializer, request)
        clock = notices.clock_of_shift(what.pop("shift", None))
        now = clocks.instant(clock, wall_now=clocks.wall())
        row = notices.tell_beforehand(what, clock=clock, by=caller(request), now=now)
        return Response(NoticeSerializer(row, context=context).data, status=status.HTTP_201_CREATED)
