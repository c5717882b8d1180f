//! The embedded targets of a run.

use super::catalog::HALVED;
use super::member::Member;
use crate::error::Error;
use crate::stand_in::{Role, StandIn, StandInConfig};

/// Starts a stand-in for each service.
///
/// Errors: `Usage` for a service that has none, `StandIn`.
pub fn start(members: &[Member]) -> Result<Vec<StandIn>, Error> {
    let start = |member: &Member| Ok(StandIn::start(config(&member.service.name)?)?);
    members.iter().map(start).collect()
}

fn config(service: &str) -> Result<StandInConfig, Error> {
    match service {
        HALVED => Ok(StandInConfig::demo()?),
        "approvals" => Ok(StandInConfig {
            role: Role::Approvals,
            // Everybody signs in anonymously: a thousand users would be what the limit is there to keep out.
            hourly_limit: None,
            ..StandInConfig::default()
        }),
        other => Err(Error::Usage {
            flag: "--stand-ins",
            detail: format!("there is no stand-in for {other}; name its address with --target"),
        }),
    }
}
