"""``/docs``: the operator API for people, made from its OpenAPI description; nothing is loaded from other hosts."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from flask import Blueprint, Flask, Response, render_template_string
from flask_smorest import Api

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{ description.info.title }}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
td, th { padding: .2rem 1rem .2rem 0; text-align: left; vertical-align: top }
</style>
</head>
<body>
<h1>{{ description.info.title }} {{ description.info.version }}</h1>
<p>The same for programs: <a href="openapi.json">openapi.json</a>. The OData service describes itself:
<a href="{{ odata_path }}/$metadata">$metadata</a>.</p>
{% for path, operations in description.paths.items() %}{% for method, operation in operations.items() %}
{% if operation.responses %}
<h2><code>{{ method | upper }} {{ path }}</code></h2>
<p>{{ operation.summary }}</p>
<table>
<tr><th>Status</th><th>Meaning</th></tr>
{% for status, response in operation.responses.items() if response.description %}
<tr><td>{{ status }}</td><td>{{ response.description }}</td></tr>
{% endfor %}
</table>
{% endif %}
{% endfor %}{% endfor %}
</body>
</html>
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def install_api(app: Flask, name: str) -> Api:
    """The registry of documented blueprints; it serves ``/docs/openapi.json``."""
    app.config.update(
        API_TITLE=f"Operator API of {name}",
        API_VERSION=version("prip"),
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX="/docs",
    )
    return Api(app)


def docs_blueprint(api: Api, odata_path: str) -> Blueprint:
    """``/docs/``, a page without scripts."""
    blueprint = Blueprint("docs", __name__)

    @blueprint.get("/docs/")
    def page() -> Response:
        description: dict[str, Any] = api.spec.to_dict()
        html = render_template_string(_PAGE, description=description, odata_path=odata_path)
        return Response(html, mimetype="text/html", headers={"Content-Security-Policy": _POLICY})

    return blueprint
