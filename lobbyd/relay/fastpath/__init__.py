"""The usual datagrams in one flat function for each direction; what is not usual is elsewhere."""
