//! A limit of this process or this machine was hit: what failed for it says nothing about the target.

use super::{Evidence, Rule, Spoils, Weight};
use crate::format;
use crate::measurements::LimitHit;

pub(super) const RULE: Rule = Rule {
    name: "own_limit",
    spoils: Spoils::Load,
    find,
};

/// The kind of failure under which such requests are counted.
const KIND: &str = "local";

/// What to do about a limit, by the error it shows itself with.
const REMEDIES: [(&str, &str); 5] = [
    (
        "EMFILE",
        "have an administrator raise the hard limit of open files (LimitNOFILE= of a systemd service, hard nofile in \
         /etc/security/limits.conf, --ulimit nofile= of a container), or use fewer --connections",
    ),
    (
        "ENFILE",
        "raise the machine's limit of open files (sysctl fs.file-max), or close what else runs here",
    ),
    (
        "EADDRNOTAVAIL",
        "widen the range of local ports (sysctl net.ipv4.ip_local_port_range), keep connections alive, or open fewer",
    ),
    (
        "ENOBUFS",
        "give the network stack more memory, or use fewer --connections",
    ),
    (
        "ENOMEM",
        "give the process more memory, or use fewer --connections",
    ),
];

const OTHER: &str = "raise the limit, or use fewer --connections";

fn find(evidence: &Evidence<'_>) -> Vec<(Weight, String)> {
    let run = evidence.run;
    let limits = run.own_limits.iter().filter(|hit| hit.count > 0);
    let mut texts: Vec<String> = limits.map(describe).collect();
    let mut local = run.failures.iter().filter(|failure| failure.kind == KIND);
    let failed: u64 = local.clone().map(|failure| failure.count).sum();
    if texts.is_empty() && failed > 0 {
        let example = local.find_map(|failure| failure.samples.first());
        let example = example.map(|example| format!(", for example: {example}"));
        texts.push(format!(
            "A limit of this process or machine was hit, and {} failed for it{}. That says nothing about the target: {OTHER}.",
            format::counted(failed, "request"),
            example.unwrap_or_default(),
        ));
    }
    texts
        .into_iter()
        .map(|text| (Weight::Fault, text))
        .collect()
}

fn describe(hit: &LimitHit) -> String {
    let known = REMEDIES.iter().find(|(error, _)| hit.limit.contains(error));
    format!(
        "A limit of ours was hit {}: {}. What failed for it says nothing about the target: {}.",
        format::counted(hit.count, "time"),
        hit.limit,
        known.map_or(OTHER, |(_, remedy)| remedy),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measurements::FailureCount;
    use crate::verdict::Verdict;
    use crate::verdict::tests::check;

    #[test]
    fn every_limit_of_ours_is_named_with_what_to_do() {
        for (limit, says) in [
            (
                "open files (EMFILE)",
                "an administrator raise the hard limit",
            ),
            ("open files of the machine (ENFILE)", "fs.file-max"),
            ("local ports (EADDRNOTAVAIL)", "ip_local_port_range"),
            ("buffers (ENOBUFS)", "more memory"),
            ("memory (ENOMEM)", "more memory"),
            ("threads", "raise the limit"),
        ] {
            let hit = |count| LimitHit {
                limit: limit.to_owned(),
                count,
            };
            let named = format!("A limit of ours was hit 37 times: {limit}. What failed for it");
            check(
                limit,
                |run| run.own_limits = vec![hit(37)],
                Verdict::Invalid,
                &[&named],
            );
            assert!(describe(&hit(1)).contains(says), "{limit}");
            check(
                "none",
                |run| run.own_limits = vec![hit(0)],
                Verdict::Pass,
                &["sound"],
            );
        }
    }

    #[test]
    fn failures_of_our_own_making_are_a_fault_even_where_no_limit_is_named() {
        check(
            "local",
            |run| {
                run.failures.push(FailureCount {
                    kind: KIND.to_owned(),
                    count: 5,
                    samples: vec!["no more of it".to_owned()],
                });
            },
            Verdict::Invalid,
            &["5 requests failed for it, for example: no more of it."],
        );
    }
}
