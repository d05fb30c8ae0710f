"""What students and examples are made of: stubs, example submissions."""
