"""Who offers care: organisations, their people, and the consortia they form."""

from providers.models.organisation import Consortium, ConsortiumMember, Membership, Organisation

__all__ = ["Consortium", "ConsortiumMember", "Membership", "Organisation"]
