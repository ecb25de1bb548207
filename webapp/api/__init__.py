"""The API under ``/api/v1``: the same operations as the pages, described by the schemas of which OpenAPI is made."""
