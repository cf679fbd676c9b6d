"""From a network to routes: compiled graphs, checked terms, one route, several, tables."""
