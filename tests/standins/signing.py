"""Accounts and secrets made for the tests."""

ACCOUNT = "AC" + "0" * 32
AUTH_TOKEN = "12345"
TELEGRAM_TOKEN = "1234567:test-token"
TELEGRAM_SECRET = "telegram-secret"
PUBLIC_URL = "https://bot.example.org"
