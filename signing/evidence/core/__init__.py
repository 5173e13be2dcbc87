"""The verifier's logic, standard library only: ``signing.evidence.bundle`` joins these files into ``verify.py``.

Therefore every top-level name is unique across the package, and imports of ours name what they import.
"""
