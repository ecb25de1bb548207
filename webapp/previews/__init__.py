"""What a file says, shown without download: drawn or read anew in a limited process, never the bytes themselves."""
