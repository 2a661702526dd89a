//! The relay that a developer writes first, with nothing but Rust's standard library: each update
//! is sent on at once, as it came, to the other members of its lobby.
//!
//!     at_once PORT HZ MAXCLIENTS
//!
//! An update is 40 bytes: u32 lobby, u32 client, u8 slot, u8 players per lobby, and what the relay
//! does not look at; little-endian. HZ is there because every server of the bench is given it.

use std::collections::HashMap;
use std::env;
use std::io;
use std::net::{SocketAddr, UdpSocket};

const UPDATE_SIZE: usize = 40;

fn u32_at(data: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(data[at..at + 4].try_into().unwrap())
}

fn main() -> io::Result<()> {
    let arguments: Vec<u32> = env::args()
        .skip(1)
        .map(|word| word.parse().expect("a number"))
        .collect();
    let [port, _hz, max_clients] = arguments[..] else {
        panic!("usage: at_once PORT HZ MAXCLIENTS");
    };
    let socket = UdpSocket::bind(("127.0.0.1", port as u16))?;
    println!("ready");

    let mut lobbies: HashMap<u32, Vec<(u32, SocketAddr)>> = HashMap::new();
    let mut buffer = [0; 2048];
    loop {
        let Ok((size, address)) = socket.recv_from(&mut buffer) else {
            continue;
        };
        let update = &buffer[..size];
        if size != UPDATE_SIZE {
            continue;
        }
        let (lobby, client, players) = (u32_at(update, 0), u32_at(update, 4), update[9] as u32);
        if client >= max_clients || players == 0 || lobby != client / players {
            continue;
        }
        let members = lobbies.entry(lobby).or_default();
        match members.iter_mut().find(|(id, _)| *id == client) {
            Some(member) => member.1 = address,
            None => members.push((client, address)),
        }
        for (id, member) in members.iter() {
            if *id != client {
                // A datagram that cannot be sent is a datagram that was lost.
                let _ = socket.send_to(update, member);
            }
        }
    }
}
