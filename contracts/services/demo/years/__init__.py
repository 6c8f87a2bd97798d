"""What happened in the years after Inkoop 2022: in bulk where it is long ago, through the services where it is not."""

from contracts.services.demo.years.load import load_years, plan_years

__all__ = ["load_years", "plan_years"]
