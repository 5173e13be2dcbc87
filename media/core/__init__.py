"""Pure rules of calls and recordings: no sockets, no devices, no clocks of their own."""
