"""The site: settings, addresses, worker and the senders of what must leave."""
