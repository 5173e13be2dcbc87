"""The network lab: two hosts of a call joined by an emulated link, and what both see and hear over it."""
