"""The sub-commands of `pingqian` that belong to no other room."""
