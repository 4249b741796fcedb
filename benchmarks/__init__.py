"""Every published number: its data, its convention and its command."""
