"""The staff side, `/staff/`: server-rendered pages for those who work with Batea. How to add one: docs/staff.md."""
