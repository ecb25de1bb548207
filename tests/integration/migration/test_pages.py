"""The pages of migrations, for those who may, as a browser without scripts uses them."""
