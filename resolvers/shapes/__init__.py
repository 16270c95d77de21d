"""Row to API type, declared once per noun."""
