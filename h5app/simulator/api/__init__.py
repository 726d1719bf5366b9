"""The platform interfaces a service account calls."""
