"""For plugin authors and for our own tests: the conformance kit, and builders of true-to-form products."""
