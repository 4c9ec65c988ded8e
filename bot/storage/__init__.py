"""Storage: tables, repositories, the unit of work, migrations, and the vault that hides who is who."""
