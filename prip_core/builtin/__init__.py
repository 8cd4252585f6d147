"""The core's own plugins, through the same hooks as everyone else's."""
