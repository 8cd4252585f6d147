"""The service of comparison: ``python -m benchmarks.odata.peer.service PORT``, its database in ``PEER_URL``.

It has a login that costs it as little as one can, answers filters with odata-query, and loads the document of each row.
What it returns has no type for FastAPI, as in a first version of such a service; with ``PEER_TYPED`` it has one, which
lets FastAPI write JSON several times faster.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import sys
from typing import Annotated, Any, cast

import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from odata_query.sqlalchemy.shorthand import apply_odata_query
from sqlalchemy import Engine, Select, func, select
from sqlalchemy.orm import Session
from starlette.datastructures import QueryParams
from starlette.requests import Request

from benchmarks.odata.peer.table import Product, engine_of

LOGIN = ("ada", "correct horse battery staple")
WORKERS = 2

_LARGEST_PAGE = 1000
_basic = HTTPBasic()


def _check(credentials: Annotated[HTTPBasicCredentials, Depends(_basic)]) -> None:
    """:raises HTTPException: 401, another name or password."""
    given = f"{credentials.username}:{credentials.password}"
    if not secrets.compare_digest(given, ":".join(LOGIN)):
        raise HTTPException(401)


def application() -> FastAPI:
    """What each process of the server builds for itself."""
    logging.getLogger("odata_query").setLevel(logging.ERROR)  # it warns of every column whose type it must guess
    app, engine = FastAPI(), engine_of(os.environ["PEER_URL"])
    answer = dict[str, Any] if os.environ.get("PEER_TYPED") else None

    @app.get("/health")
    def health() -> dict[str, bool]:
        return {"ok": True}

    @app.get("/Products", dependencies=[Depends(_check)], response_model=answer)
    def products(request: Request) -> dict[str, Any]:
        return _page(engine, request.query_params)

    @app.get("/Products({uid})", dependencies=[Depends(_check)], response_model=answer)
    def product(uid: str) -> dict[str, Any]:
        with Session(engine) as session:
            found = session.scalar(select(Product).where(Product.Id == uid))
            if found is None:
                raise HTTPException(404)
            return _view(found, expand=True)

    return app


def _page(engine: Engine, options: QueryParams) -> dict[str, Any]:
    matching = select(Product)
    if options.get("$filter"):
        matching = cast("Select[tuple[Product]]", apply_odata_query(matching, options["$filter"]))
    answer: dict[str, Any] = {}
    with Session(engine) as session:
        if options.get("$count") == "true":
            answer["@odata.count"] = session.scalar(select(func.count()).select_from(matching.subquery()))
        expand = options.get("$expand") == "Attributes"
        found = session.scalars(_paged(matching, options))
        answer["value"] = [_view(product, expand=expand) for product in found]
    return answer


def _paged(matching: Select[tuple[Product]], options: QueryParams) -> Select[tuple[Product]]:
    name, _, direction = options.get("$orderby", "PublicationDate asc").partition(" ")
    column = getattr(Product, name)
    top, skip = min(int(options.get("$top", 20)), _LARGEST_PAGE), int(options.get("$skip", 0))
    return matching.order_by(column.desc() if direction == "desc" else column.asc()).limit(top).offset(skip)


def _view(product: Product, *, expand: bool) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(product.doc)
    if not expand:
        document.pop("Attributes")
    return document


if __name__ == "__main__":
    uvicorn.run(
        "benchmarks.odata.peer.service:application",
        factory=True,
        port=int(sys.argv[1]),
        workers=WORKERS,
        log_level="error",
    )
