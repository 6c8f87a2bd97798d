"""The demo: Inkoop 2022 as history and a practice tender for each stage, so that a visitor can play each role.

Everything comes from `procurement/data/` and goes through the services of the portal, at the moment at which
it would have happened (`clock`). Nothing of it can be loaded, or logged in to, where `settings.DEMO` is off.
"""

from contracts.services.demo.load import DemoRefused, load_demo

__all__ = ["DemoRefused", "load_demo"]
