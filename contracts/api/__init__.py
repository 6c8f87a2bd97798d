"""The register's API, in the style of the Dutch API design rules: only reading, for everybody."""
