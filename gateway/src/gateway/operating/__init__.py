"""What the operator's page shows: each process asked for itself, and which of the values are past their bound."""
