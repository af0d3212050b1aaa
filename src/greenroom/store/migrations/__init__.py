"""How a store of any older version becomes one of today's; run by Alembic, inside one transaction."""
