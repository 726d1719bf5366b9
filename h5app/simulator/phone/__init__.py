"""What a person holds: chat, menu, web view, authorisation."""
