"""What if we had shown this run's lists? Value of a policy from a log that another policy left behind."""
