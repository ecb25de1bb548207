"""Administration 管理: incidents, background jobs, the business clock, the audit log, how the installation is doing."""
