"""The web application, put together from its pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response

from prip_core.web.access import install_access_log
from prip_core.web.auth import install_authentication
from prip_core.web.context import WebContext
from prip_core.web.cors import install_cors
from prip_core.web.docs import docs_blueprint, install_api
from prip_core.web.errors import register_error_handlers
from prip_core.web.health import health_blueprint
from prip_core.web.products import odata_blueprint

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class _Application(Flask):
    """Flask without coroutines: looking whether one is there costs a twentieth of a small answer."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(context: WebContext) -> Flask:
    """The application that answers from this context. It has no state of its own; any number may exist."""
    app = _Application("prip", static_folder=None)
    app.url_map.strict_slashes = False
    install_access_log(app)
    install_cors(app, context.cors_origins)  # before authentication: a preflight has no credentials
    install_authentication(app, context)
    api = install_api(app, context.name)
    api.register_blueprint(health_blueprint(context))
    app.register_blueprint(docs_blueprint(api, context.odata_path))
    app.register_blueprint(odata_blueprint(context))
    root = f"{context.public_url or ''}{context.odata_path}" or "/"
    register_error_handlers(app, root)  # after the API's own, which they replace
    app.after_request(_complete)
    app.wsgi_app = _join_slashes(app.wsgi_app)  # type: ignore[assignment, method-assign]
    return app


def _complete(response: Response) -> Response:
    response.headers["OData-Version"] = "4.0"
    if response.status_code == 204:
        response.headers.pop("Content-Type", None)  # of nothing
    return response


def _join_slashes(application: WSGIApplication) -> WSGIApplication:
    """Read ``//`` in a path as ``/``: clients that join a base URL with a path send it, and follow no redirect."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if "//" in path:
            environ["PATH_INFO"] = re.sub("/{2,}", "/", path)
        return application(environ, start_response)

    return answer
