"""HTTP of a real server over real sockets."""
