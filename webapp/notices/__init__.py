"""Public notices 公示: one for many cases, readable without a login, and the objections that come in to it."""
