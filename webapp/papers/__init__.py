"""The whole case on paper: a page to print, a PDF with embedded fonts, and an archive with all files."""
