"""身份: customer, binding, session, tier, step-up, devices."""
