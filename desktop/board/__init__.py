"""The supervisor's board: seats, who waits, live calls; listening in, taking over, stopping."""
