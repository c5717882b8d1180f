//! Limits of this process and of this machine that keep a connection from being opened or used.
//!
//! A target has no part in them, so a request that fails by one is not the target's failure. The kernel reports each by
//! an error number of its own (connect(2), socket(2), `epoll_ctl`(2)).

use std::fmt;
use std::io;

use rustix::io::Errno;

/// A limit of ours, by what ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnLimit {
    /// Open files of this process.
    ProcessFiles,
    /// Open files of the whole machine.
    SystemFiles,
    /// Local ports for connections to one address, or a local address to connect from at all.
    Ports,
    /// Memory for sockets.
    SocketBuffers,
    /// Memory of the kernel.
    Memory,
    /// Files that one user may watch.
    Watches,
    /// What the firewall of this machine lets out.
    Firewall,
}

/// Every limit, in report order.
pub const OWN_LIMITS: [OwnLimit; 7] = [
    OwnLimit::ProcessFiles,
    OwnLimit::SystemFiles,
    OwnLimit::Ports,
    OwnLimit::SocketBuffers,
    OwnLimit::Memory,
    OwnLimit::Watches,
    OwnLimit::Firewall,
];

impl OwnLimit {
    /// Finds the limit that an error of the system is about; `None` for errors that others caused.
    pub fn of(error: &io::Error) -> Option<Self> {
        match Errno::from_io_error(error)? {
            Errno::MFILE => Some(Self::ProcessFiles),
            Errno::NFILE => Some(Self::SystemFiles),
            Errno::ADDRNOTAVAIL | Errno::ADDRINUSE => Some(Self::Ports),
            Errno::NOBUFS => Some(Self::SocketBuffers),
            Errno::NOMEM => Some(Self::Memory),
            Errno::NOSPC => Some(Self::Watches),
            Errno::PERM => Some(Self::Firewall),
            _ => None,
        }
    }

    /// Names the limit and the error number by which it shows.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProcessFiles => "open files of this process (EMFILE)",
            Self::SystemFiles => "open files of this machine (ENFILE)",
            Self::Ports => "local addresses and ports (EADDRNOTAVAIL)",
            Self::SocketBuffers => "socket memory of this machine (ENOBUFS)",
            Self::Memory => "kernel memory of this machine (ENOMEM)",
            Self::Watches => "watched files of this user (ENOSPC)",
            Self::Firewall => "firewall of this machine (EPERM)",
        }
    }

    /// Says what to do about it.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::ProcessFiles => {
                "an administrator must raise the hard limit (LimitNOFILE= of a systemd service, hard nofile in /etc/security/limits.conf, --ulimit nofile= of a container), or ask for fewer --connections"
            }
            Self::SystemFiles => {
                "raise the setting fs.file-max, or close what else holds files open"
            }
            Self::Ports => {
                "keep connections open (drop --no-keep-alive), widen net.ipv4.ip_local_port_range, or send to several addresses; to an IPv6 address only a machine that has one can connect"
            }
            Self::SocketBuffers => {
                "raise net.core.wmem_max and net.ipv4.tcp_mem, or ask for fewer --connections"
            }
            Self::Memory => "free memory, or ask for fewer --connections",
            Self::Watches => {
                "raise the setting fs.epoll.max_user_watches, or ask for fewer --connections"
            }
            Self::Firewall => {
                "let the firewall pass connections to the target, and raise net.netfilter.nf_conntrack_max if its table is full"
            }
        }
    }
}

impl fmt::Display for OwnLimit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// How often each limit was met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LimitCounts([u64; OWN_LIMITS.len()]);

impl LimitCounts {
    /// Counts a limit once more.
    pub fn note(&mut self, limit: OwnLimit) {
        self.0[limit as usize] += 1;
    }

    /// Adds another lane's.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }

    /// Gives the limits that were met, each with how often.
    pub fn met(&self) -> impl Iterator<Item = (OwnLimit, u64)> {
        let all = OWN_LIMITS.into_iter().zip(self.0);
        all.filter(|&(_, count)| count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_ours_are_told_from_what_a_target_does() {
        let limit = |errno: Errno| OwnLimit::of(&errno.into());
        assert_eq!(limit(Errno::MFILE), Some(OwnLimit::ProcessFiles));
        assert_eq!(limit(Errno::NFILE), Some(OwnLimit::SystemFiles));
        assert_eq!(limit(Errno::ADDRNOTAVAIL), Some(OwnLimit::Ports));
        assert_eq!(limit(Errno::NOBUFS), Some(OwnLimit::SocketBuffers));
        assert_eq!(limit(Errno::NOMEM), Some(OwnLimit::Memory));
        for theirs in [
            Errno::CONNREFUSED,
            Errno::CONNRESET,
            Errno::TIMEDOUT,
            Errno::NETUNREACH,
        ] {
            assert_eq!(limit(theirs), None, "{theirs:?}");
        }
        assert_eq!(OwnLimit::of(&io::Error::other("made up")), None);
    }

    #[test]
    fn counts_of_lanes_add_up_limit_by_limit() {
        for (place, limit) in OWN_LIMITS.into_iter().enumerate() {
            assert_eq!(limit as usize, place);
        }
        let (mut one, mut two) = (LimitCounts::default(), LimitCounts::default());
        one.note(OwnLimit::Ports);
        two.note(OwnLimit::Ports);
        two.note(OwnLimit::ProcessFiles);
        one.merge(&two);
        let met: Vec<_> = one.met().collect();
        assert_eq!(met, [(OwnLimit::ProcessFiles, 1), (OwnLimit::Ports, 2)]);
    }
}
