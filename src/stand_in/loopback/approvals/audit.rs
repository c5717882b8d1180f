//! The audit: it finds out whoever touches what is another's, and clears whoever does not.

use std::collections::BTreeMap;
use std::thread;

use serde_json::json;

use super::{Browser, DEPLOYMENTS, audit, back_end};
use crate::stand_in::{Crossing, RouteCount};

#[test]
fn sessions_that_keep_to_their_own_are_cleared() {
    const USERS: u64 = 16;
    const ROUNDS: u64 = 10;
    let stand_in = back_end();
    thread::scope(|scope| {
        for _ in 0..USERS {
            scope.spawn(|| {
                let mut browser = Browser::signed_in(&stand_in, "cab_approver");
                for _ in 0..ROUNDS {
                    let deployment = browser.create();
                    let (status, _) = browser.get(&format!("{DEPLOYMENTS}{deployment}/"));
                    assert_eq!(status, 200);
                    let item = browser.submit(60.0);
                    assert_eq!(browser.decide(&item, "approve").0, 200);
                }
            });
        }
    });
    let audit = audit(&stand_in);
    let whole = USERS * ROUNDS;
    assert_eq!(audit.sessions, USERS);
    assert_eq!(
        (audit.deployments_created, audit.deployments_read_by_creator),
        (whole, whole)
    );
    assert_eq!(
        (
            audit.items_submitted,
            audit.items_approved,
            audit.items_decided_by_submitter
        ),
        (whole, whole, whole)
    );
    assert_eq!(
        (
            audit.deployments_read_by_others,
            audit.items_decided_by_others
        ),
        (0, 0)
    );
    assert_eq!(audit.items_decided_twice, 0);
    assert_eq!(audit.crossings, []);
}

#[test]
fn a_session_that_touches_what_is_anothers_is_found_out() {
    let stand_in = back_end();
    let mut first = Browser::signed_in(&stand_in, "cab_approver");
    let mut second = Browser::signed_in(&stand_in, "cab_approver");
    let (deployment, item) = (first.create(), first.submit(60.0));
    second.get(&format!("{DEPLOYMENTS}{deployment}/"));
    second.get(&format!("{DEPLOYMENTS}{deployment}/"));
    second.decide(&item, "approve");
    first.decide(&item, "approve");

    let audit = audit(&stand_in);
    let crossing = |what, id: &str, session| Crossing {
        what,
        id: id.to_owned(),
        owner: 1,
        session,
    };
    assert_eq!(
        audit.crossings,
        [
            crossing("read", &deployment, 2),
            crossing("read", &deployment, 2),
            crossing("decided", &item, 2),
            crossing("decided twice", &item, 1),
        ]
    );
    assert_eq!(
        (
            audit.deployments_read_by_others,
            audit.items_decided_by_others
        ),
        (2, 1)
    );
    assert_eq!(audit.items_decided_twice, 1);
    let approvals = RouteCount {
        requests: 2,
        unanswered: 0,
        statuses: BTreeMap::from([(200, 1), (400, 1)]),
    };
    assert_eq!(stand_in.audit().routes["approve"], approvals);

    let (_, told) = first.get("/audit");
    assert_eq!(told["items_decided_twice"], 1);
    assert_eq!(
        told["routes"]["deployment"],
        json!({"requests": 2, "unanswered": 0, "statuses": {"200": 2}})
    );
    let (_, history) = first.get(&format!("/audit/{deployment}"));
    let expected =
        json!({"id": deployment, "kind": "deployment", "created_by": 1, "read_by": [[2, 2]]});
    assert_eq!(history, expected);
    let (_, history) = first.get(&format!("/audit/{item}"));
    let expected = json!({"id": item, "kind": "item", "created_by": 1, "decided_by": 2});
    assert_eq!(history, expected);
    assert_eq!(first.get("/audit/7").0, 404);
}
