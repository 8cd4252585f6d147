"""The delivery point over HTTP: the OData service, downloads, health, and the server that runs them."""
