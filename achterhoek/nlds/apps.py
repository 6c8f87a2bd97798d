from django.apps import AppConfig


class NldsConfig(AppConfig):
    """NL Design System: the page frame, the components, and the crispy template pack."""

    name = "achterhoek.nlds"
    label = "nlds"
