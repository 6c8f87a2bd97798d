"""What `./run demo` prints once the portal answers."""

from __future__ import annotations

PASSWORD = "Achterhoek-2022-demo"  # noqa: S105 - demo accounts cannot exist under production settings
ACCOUNTS = (
    ("Procurement lead (inkoopspecialist)", "lead@demo.example"),
    ("Evaluators", "evaluator1@demo.example ... evaluator5@demo.example"),
    ("Chair and observer of the committees", "chair@demo.example, observer@demo.example"),
    ("Vault openers", "opener1@demo.example, opener2@demo.example"),
    ("College secretary, one each municipality", "college.<municipality>@demo.example (college.aalten@...)"),
    ("Mandate holder, complaints officer", "mandate@demo.example, complaints@demo.example"),
    ("Team CLM", "clm@demo.example"),
    ("Auditor", "auditor@demo.example"),
    ("Functional administrator", "admin@demo.example"),
    ("Providers", "provider1@demo.example ... provider12@demo.example"),
)


def welcome(address: str, seconds: float) -> str:
    """The address, who can sign in, and how to stop."""
    width = max(len(role) for role, _ in ACCOUNTS)
    rows = [f"  {role:{width}}  {emails}" for role, emails in ACCOUNTS]
    return "\n".join(
        [
            "",
            f"The portal is ready after {seconds:.1f} s: {address}",
            "",
            *rows,
            "",
            f"  Everyone's password: {PASSWORD}",
            "",
            "Ctrl-C stops it; the data stays. ./run demo --reset starts anew.",
        ]
    )
