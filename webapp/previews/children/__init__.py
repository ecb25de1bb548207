"""Scripts that read hostile files, each alone in a limited process (see ``webapp.sandbox``), never in the server."""
