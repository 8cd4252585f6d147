"""The goals of the OData interface: a catalogue made by rule, questions about it, and a service to compare with."""
