"""What-ifs beside the world as it is: routes, costs, ranges, winners and losers, and a report."""
