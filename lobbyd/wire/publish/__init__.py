"""What is made from the wire declarations: doc tables, vectors, GDScript, a dissector."""
