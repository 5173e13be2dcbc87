"""Pingqian: the service, its rules, and the evidence it leaves."""
