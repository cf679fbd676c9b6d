"""What a move costs: parameters with sources, hours, dollars, generalised cost of every arc."""
