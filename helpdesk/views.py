"""The door of the desk: sign in by key, sign out, and how the desk is."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.access import Brake, holder_of
from helpdesk.health import health
from helpdesk.models import SignInKey
from tickets.clock import utcnow, wall
from tickets.models import Agent


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    found = health(wall_now=wall())
    return JsonResponse(found.as_json(), status=200 if found.whole else 503)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """A field for the key; a whole link may be pasted too."""
    if request.method != "POST":
        return _ask_for_key(request)
    pasted = request.POST.get("key", "").strip().rstrip("/")
    return _try_key(request, pasted.rpartition("/")[2])


@require_safe
@never_cache
def enter(request: HttpRequest, key: str) -> HttpResponse:
    """A sign-in link."""
    return _try_key(request, key)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


def _try_key(request: HttpRequest, key: str) -> HttpResponse:
    brake = Brake(request.META.get("REMOTE_ADDR", ""), wall_now=wall())
    if wait := brake.seconds_to_wait():
        message = _("Too many wrong keys from here. Try again in %(seconds)d seconds.") % {"seconds": wait}
        response = _ask_for_key(request, error=message, status=429)
        response["Retry-After"] = str(wait)
        return response
    agent = holder_of(SignInKey, key, now=utcnow()) if key else None
    if agent is None:
        brake.note_wrong_key()
        return _ask_for_key(request, error=_("This key is not known, or no longer valid."), status=403)
    return _welcome(request, agent)


def _welcome(request: HttpRequest, agent: Agent) -> HttpResponse:
    login(request, agent, backend="django.contrib.auth.backends.ModelBackend")
    target = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = settings.LOGIN_REDIRECT_URL
    response = redirect(target)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and agent.language != settings.LANGUAGE_CODE:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            agent.language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        )
    return response


def _ask_for_key(request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    target = request.POST.get("next") or request.GET.get("next") or ""
    return render(request, "helpdesk/sign_in.html", {"error": error, "next": target}, status=status)
