"""Measurements of what runs at a seat; ``pingqian bench`` lists them beside the service's."""
