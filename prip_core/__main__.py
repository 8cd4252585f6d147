"""``python -m prip_core`` is the ``prip`` command."""

from prip_core.cli import main

main()
