"""Risk rules: what a case's facts say at each step, and what follows. The modules are imported by name.

``model`` findings and outcomes; ``facts`` what is looked at; ``catalogue`` the rules; ``settings`` an institution's own
numbers; ``engine`` the evaluation. Faces under two identities would be one more fact of ``Subject`` and one more rule.
"""
