"""Who is let in: what clients show, who they are then, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a user may do (Copernicus common entities, ``OData.CSC.RoleType``)."""

    DOWNLOAD = "Download"
    REPORTING = "Reporting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a client showed to be let in: a user name with a password (Basic)."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who a client is, and what it may do."""

    name: str
    roles: frozenset[Role]
