"""The real queue under a simulated clock: arrivals, call lengths and seats in, waits and occupancy out."""
