"""What is made from the wire declarations: doc tables, golden vectors, GDScript constants."""
