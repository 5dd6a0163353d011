"""What colleges write: Wagtail pages, media, workflow, site theme."""
