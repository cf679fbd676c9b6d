"""Where networks come from: each module here ends in a :class:`corridors.Network`."""
