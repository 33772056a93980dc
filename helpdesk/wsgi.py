"""The desk as a WSGI application, for granian or any other server."""

from __future__ import annotations

import os
import threading

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from helpdesk.encoding import Utf8Request
from helpdesk.lifeline import die_with_parent
from helpdesk.services import SUPERVISED
from playbooks.core.language.japanese import warm

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

if os.environ.get(SUPERVISED):
    # The web server forks: what the supervisor asked of its child does not hold for the grandchild.
    die_with_parent()
    # The Japanese dictionary takes a moment to load: not in front of the first trainee who types.
    threading.Thread(target=warm, name="warm-up", daemon=True).start()

application = get_wsgi_application()
application.request_class = Utf8Request
if settings.TRUSTED_PROXIES:
    application = wrap_wsgi_with_proxy_headers(application, trusted_hosts=settings.TRUSTED_PROXIES)
