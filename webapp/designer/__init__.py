"""The process designer: drafts of diagrams, forms and decision tables, edited in the browser and published as versions.

A draft is a working copy that nothing runs on; what runs are the immutable versions of ``webapp.definitions``.
"""
