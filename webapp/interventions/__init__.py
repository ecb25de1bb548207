"""What the administrator does to one running case beside its diagram, each time with a reason."""
