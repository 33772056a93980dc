"""`/playbooks/`: playbooks read by everybody, and written by managers: created, given a new version, hidden, shown."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from playbooks import definitions, editing
from playbooks.api import filters
from playbooks.api.serializers import PlaybookSerializer, iso
from playbooks.api.views import caller, checked
from playbooks.core.tables import LONGEST_FILE
from playbooks.models import PlaybookVersion
from tickets import clock as clocks
from tickets.errors import NotFound
from tickets.strict import FitTextField, StrictSerializer, WholeField
from tickets.texts import fit_text


class NewPlaybookSerializer(StrictSerializer):
    """A playbook as TOML; or `copy_of`, the key of one to begin with."""

    source = FitTextField(  # type: ignore[assignment]  # a field of this name, not where the serializer reads from
        required=False, max_length=LONGEST_FILE, help_text="The whole playbook as TOML."
    )
    copy_of = FitTextField(required=False, max_length=60, help_text="The key of a playbook; the copy gets a free key.")

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("source" in data) == ("copy_of" in data):
            raise serializers.ValidationError({"source": ["Send either 'source' or 'copy_of'."]}, code="required")
        return data


class NewVersionSerializer(StrictSerializer):
    """The next version as TOML. `seen`: the newest version its writer knew; refused if there is a newer one."""

    source = FitTextField(max_length=LONGEST_FILE)  # type: ignore[assignment]
    seen = WholeField(required=False, min_value=1)


class VersionSerializer(serializers.ModelSerializer[PlaybookVersion]):
    """One version: what it says, who made it, when, and from what."""

    made_by = serializers.SerializerMethodField()
    made_at = serializers.SerializerMethodField()
    made_from = serializers.SerializerMethodField()

    class Meta:
        model = PlaybookVersion
        fields = ("key", "version", "source", "made_by", "made_at", "made_from")

    def get_made_by(self, version: PlaybookVersion) -> str | None:
        return version.made_by.username if version.made_by else None

    def get_made_at(self, version: PlaybookVersion) -> str | None:
        return iso(int(version.wall_made_at)) if version.wall_made_at else None

    def get_made_from(self, version: PlaybookVersion) -> str | None:
        """Key and number, such as `fast-resolution:1`."""
        origin = version.made_from
        return f"{origin.key}:{origin.version}" if origin else None


class HiddenSerializer(serializers.Serializer[Any]):
    """Whether a playbook is offered, and what goes on with it."""

    key = serializers.CharField()
    hidden = serializers.BooleanField()
    runs = serializers.IntegerField(help_text="Tickets that still run with it.")
    shifts = serializers.IntegerField(help_text="Shifts that still run with it.")
    experiments = serializers.IntegerField(help_text="Experiments that still run with it.")


def _key(key: str) -> str:
    return fit_text(key, field="playbook", longest=60)


class PlaybooksView(GenericAPIView[PlaybookVersion]):
    """Playbooks."""

    serializer_class = PlaybookSerializer
    queryset = PlaybookVersion.objects.none()
    pagination_class = None

    @extend_schema(responses=PlaybookSerializer(many=True), operation_id="playbooks_list")
    def get(self, request: Request) -> Response:
        """The playbooks in their newest versions."""
        filters.apply_filters(PlaybookVersion.objects.none(), request, {}, paged=False)
        rows = [definitions.current(key) for key in sorted(definitions.known())]
        return Response(PlaybookSerializer(rows, many=True).data)

    @extend_schema(request=NewPlaybookSerializer, responses={201: VersionSerializer}, operation_id="playbooks_create")
    def post(self, request: Request) -> Response:
        """Write a playbook of one's own, or copy one. For managers."""
        editing.may_edit(caller(request))
        asked = checked(NewPlaybookSerializer, request)
        origin = editing.versions_of(asked["copy_of"])[0] if "copy_of" in asked else None
        text = editing.copy_text(origin) if origin else asked["source"]
        kept = editing.create(text, by=caller(request), wall_now=clocks.wall(), made_from=origin)
        return Response(VersionSerializer(kept).data, status=status.HTTP_201_CREATED)


class PlaybookView(GenericAPIView[PlaybookVersion]):
    """One playbook."""

    serializer_class = PlaybookSerializer
    queryset = PlaybookVersion.objects.none()

    @extend_schema(operation_id="playbook_read")
    def get(self, request: Request, key: str) -> Response:
        """Its newest version, as TOML."""
        filters.apply_filters(PlaybookVersion.objects.none(), request, {}, paged=False)
        key = _key(key)
        if key not in definitions.known():
            raise NotFound("no_playbook", f"There is no playbook '{key}'.", field="playbook")
        return Response(PlaybookSerializer(definitions.current(key)).data)


class VersionsView(GenericAPIView[PlaybookVersion]):
    """The versions of a playbook."""

    serializer_class = VersionSerializer
    queryset = PlaybookVersion.objects.none()
    pagination_class = None

    @extend_schema(responses=VersionSerializer(many=True), operation_id="playbook_versions")
    def get(self, request: Request, key: str) -> Response:
        """All of them, the newest first. None is ever changed."""
        filters.apply_filters(PlaybookVersion.objects.none(), request, {}, paged=False)
        return Response(VersionSerializer(editing.versions_of(_key(key)), many=True).data)

    @extend_schema(
        request=NewVersionSerializer, responses={201: VersionSerializer}, operation_id="playbook_versions_create"
    )
    def post(self, request: Request, key: str) -> Response:
        """Save the next version of a playbook of one's own. What runs with an older one goes on with it."""
        editing.may_edit(caller(request))
        asked = checked(NewVersionSerializer, request)
        kept = editing.change(
            _key(key), asked["source"], by=caller(request), wall_now=clocks.wall(), seen=asked.get("seen")
        )
        return Response(VersionSerializer(kept).data, status=status.HTTP_201_CREATED)


def _told(key: str) -> Response:
    used = editing.in_use(key)
    told = {
        "key": key, "hidden": key in definitions.hidden(), "runs": used.runs, "shifts": used.shifts,
        "experiments": used.experiments,
    }  # fmt: skip
    return Response(HiddenSerializer(told).data)


class HideView(GenericAPIView[PlaybookVersion]):
    """No longer offered."""

    serializer_class = HiddenSerializer
    queryset = PlaybookVersion.objects.none()

    @extend_schema(request=None, operation_id="playbook_hide")
    def post(self, request: Request, key: str) -> Response:
        """Hide a playbook: it can no longer be chosen; runs, shifts and experiments go on with their versions."""
        editing.hide(_key(key), by=caller(request), wall_now=clocks.wall())
        return _told(key)


class ShowView(GenericAPIView[PlaybookVersion]):
    """Offered again."""

    serializer_class = HiddenSerializer
    queryset = PlaybookVersion.objects.none()

    @extend_schema(request=None, operation_id="playbook_show")
    def post(self, request: Request, key: str) -> Response:
        """Offer a hidden playbook again."""
        editing.show(_key(key), by=caller(request))
        return _told(key)
