"""A local Twilio: its REST API, its callbacks and webhooks, and the members' phones on a web page."""
