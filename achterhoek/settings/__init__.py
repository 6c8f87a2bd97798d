"""Settings: `base` for all, `local` for the demo and development, `test`, and `production`."""
