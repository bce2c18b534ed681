"""Views: the tables and figures."""
