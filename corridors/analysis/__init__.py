"""Many flows at once: loads, closures, capacity, bottlenecks."""
