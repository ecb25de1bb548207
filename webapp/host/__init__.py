"""How the product is started, watched, kept and saved on a machine."""
