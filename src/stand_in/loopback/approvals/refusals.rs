//! What the back end refuses, and how.

use serde_json::{Value, json};

use super::{Browser, Client, DEPLOYMENTS, LOGIN, PACKAGE, SUBMIT, audit, back_end, back_end_with};
use crate::stand_in::{Faults, Share, Shed};

#[test]
fn credentials_must_be_right() {
    let stand_in = back_end();
    let mut browser = Browser::new(&stand_in);
    for (body, status, error) in [
        (
            json!({"username": "loadtest_user", "password": "guess"}),
            401,
            "Invalid email or password",
        ),
        (
            json!({"username": "nobody", "password": "loadtest-only"}),
            401,
            "Invalid email or password",
        ),
        (
            json!({"username": "loadtest_user"}),
            400,
            "Email and password required",
        ),
        (
            json!({"username": "", "password": ""}),
            400,
            "Email and password required",
        ),
    ] {
        assert_eq!(
            browser.post(LOGIN, &body),
            (status, json!({"error": error}))
        );
    }
    let by_mail = json!({"email": "cab_approver@approvals.example", "password": "loadtest-only"});
    assert_eq!(browser.post(LOGIN, &by_mail).0, 200);
}

#[test]
fn nobody_gets_far_without_signing_in() {
    let stand_in = back_end();
    let mut browser = Browser::new(&stand_in);
    for (method, path) in [
        ("GET", "/api/v1/auth/me"),
        ("GET", "/api/v1/deployments/7/"),
        ("GET", "/api/v1/cab/pending/"),
        ("GET", "/api/v1/connectors/"),
        ("POST", DEPLOYMENTS),
        ("POST", SUBMIT),
        ("POST", "/api/v1/connectors/jamf/deploy"),
    ] {
        let (status, body) = browser.send(method, path, "{}");
        assert_eq!(status, 403, "{path}");
        assert_eq!(
            body["error"],
            "Authentication credentials were not provided."
        );
        assert_eq!(
            body["correlation_id"],
            browser.header("x-correlation-id").unwrap()
        );
    }
}

#[test]
fn a_change_needs_the_token_twice() {
    let stand_in = back_end();
    let cookies = Browser::signed_in(&stand_in, "loadtest_user").cookies;
    let (session, token) = (&cookies["sessionid"], &cookies["csrftoken"]);
    let mut client = Client::new(&stand_in);
    let mut status = |path: &str, cookie: &str, header: &str| {
        let lines = format!("content-type: application/json\r\ncookie: {cookie}\r\n{header}");
        client.send_with("POST", path, &lines, "{}").unwrap();
        client.receive().unwrap().status
    };
    let both = format!("sessionid={session}; csrftoken={token}");
    let right = format!("X-CSRFToken: {token}\r\n");
    assert_eq!(status(DEPLOYMENTS, &both, ""), 403, "no header");
    assert_eq!(
        status(DEPLOYMENTS, &both, "X-CSRFToken: other\r\n"),
        403,
        "another one"
    );
    let alone = format!("sessionid={session}");
    assert_eq!(status(DEPLOYMENTS, &alone, &right), 403, "no cookie");
    assert_eq!(status(LOGIN, &both, ""), 403, "a login within a session");
    let anonymous = format!("csrftoken={token}");
    assert_eq!(status(DEPLOYMENTS, &anonymous, &right), 403, "no session");
    assert_eq!(
        status(DEPLOYMENTS, &both, &right),
        400,
        "only the body is wrong"
    );
    assert_eq!(audit(&stand_in).forgeries_refused, 4);
}

#[test]
fn bodies_are_checked_member_by_member() {
    let stand_in = back_end();
    let mut browser = Browser::signed_in(&stand_in, "cab_approver");
    let approve = format!("/api/v1/cab/{}/approve/", browser.submit(60.0));
    let deploy = "/api/v1/connectors/jamf/deploy";
    let error = |text: &str| json!({"error": text});
    let long = "x".repeat(2_001);
    let rows: [(&str, Value, u16, Value); 10] = [
        (
            DEPLOYMENTS,
            json!({"app_name": "a", "version": ""}),
            400,
            error("app_name, version, and target_ring are required"),
        ),
        (
            SUBMIT,
            json!({}),
            400,
            json!({"evidence_package_id": ["This field is required."], "risk_score": ["This field is required."]}),
        ),
        (
            SUBMIT,
            json!({"evidence_package_id": PACKAGE, "risk_score": 101}),
            400,
            json!({"risk_score": ["Ensure this value is less than or equal to 100."]}),
        ),
        (
            SUBMIT,
            json!({"evidence_package_id": "7", "risk_score": 60}),
            404,
            error("Evidence package not found: 7"),
        ),
        (
            &approve,
            json!({}),
            400,
            json!({"rationale": ["This field is required."]}),
        ),
        (
            &approve,
            json!({"rationale": " ", "conditions": []}),
            400,
            json!({"conditions": ["Conditions must be a JSON object"], "rationale": ["This field may not be blank."]}),
        ),
        (
            &approve,
            json!({"rationale": long}),
            400,
            json!({"rationale": ["Ensure this field has no more than 2000 characters."]}),
        ),
        (
            "/api/v1/cab/7/approve/",
            json!({"rationale": "r"}),
            404,
            error("CAB request not found"),
        ),
        (
            deploy,
            json!({"app_name": "a", "version": "1"}),
            400,
            error("Missing required fields: deployment_intent_id, artifact_path, target_ring"),
        ),
        (
            "/api/v1/connectors/other/deploy",
            json!({}),
            400,
            error("Invalid connector type: other"),
        ),
    ];
    for (path, body, status, expected) in rows {
        assert_eq!(
            browser.post(path, &body),
            (status, expected),
            "{path} {body}"
        );
    }
    let (status, body) = browser.send("POST", SUBMIT, "{");
    assert_eq!(status, 400);
    assert!(
        body["error"]
            .as_str()
            .unwrap()
            .starts_with("JSON parse error - "),
        "{body}"
    );
    assert_eq!(browser.get("/api/v1/deployments/7/").0, 404);
    assert_eq!(browser.get("/api/v1/deployments/").0, 405);
    assert_eq!(browser.header("allow"), Some("POST"));
    assert_eq!(browser.get("/api/v1/auth/login/").0, 404);
}

#[test]
fn only_members_of_the_board_decide_and_only_once() {
    let stand_in = back_end();
    let mut member = Browser::signed_in(&stand_in, "cab_approver");
    let id = member.submit(60.0);
    let mut other = Browser::signed_in(&stand_in, "loadtest_user");
    let refused = json!({"error": "Not authorized (CAB member access required)"});
    assert_eq!(other.decide(&id, "approve"), (403, refused));
    assert_eq!(member.decide(&id, "approve").0, 200);
    let late = "Cannot reject request with status 'approved'. Only 'submitted' or 'under_review' requests can be rejected.";
    assert_eq!(member.decide(&id, "reject"), (400, json!({"error": late})));
    assert_eq!(audit(&stand_in).items_decided_twice, 1);
}

#[test]
fn anonymous_and_unlisted_users_are_throttled() {
    let stand_in = back_end_with(Faults::default(), Some(3));
    // Two logins, and one look at the list, use up what anonymous callers have.
    let mut exempt = Browser::signed_in(&stand_in, "loadtest_user");
    let mut ordinary = Browser::signed_in(&stand_in, "ordinary_user");
    let mut anonymous = Browser::new(&stand_in);
    let list = "/api/v1/deployments/list";
    assert_eq!(anonymous.get(list).0, 200);
    let (status, body) = anonymous.get(list);
    assert_eq!(status, 429);
    let error = body["error"].as_str().unwrap();
    assert!(
        error.starts_with("Request was throttled. Expected available in 3"),
        "{error}"
    );
    let seconds: u64 = anonymous.header("retry-after").unwrap().parse().unwrap();
    assert!((3_500..=3_600).contains(&seconds), "{seconds}");
    for turn in 0..4 {
        assert_eq!(exempt.get(list).0, 200, "{turn}");
        assert_eq!(
            ordinary.get(list).0,
            if turn < 3 { 200 } else { 429 },
            "{turn}"
        );
        assert_eq!(anonymous.get("/health/live").0, 200, "health is for all");
    }
    assert_eq!(audit(&stand_in).throttled, 2);
}

#[test]
fn the_fault_switches_work_here_too() {
    let shed = Faults {
        shed: Shed::Share(Share::ALL),
        ..Faults::default()
    };
    let broken = Faults {
        fail_open: Share::ALL,
        ..Faults::default()
    };
    for (faults, status, error, header) in [
        (shed, 503, "Service is overloaded", Some("true")),
        (broken, 500, "Internal server error", None),
    ] {
        let stand_in = back_end_with(faults, None);
        let mut browser = Browser::new(&stand_in);
        let (found, body) = browser.sign_in("loadtest_user", "loadtest-only");
        assert_eq!((found, &body["error"]), (status, &json!(error)));
        assert_eq!(browser.header("x-load-shed"), header);
        assert_eq!(
            browser.get("/health/ready").0,
            200,
            "no fault touches health"
        );
    }
    let stand_in = back_end_with(
        Faults {
            wrong_id: Share::ALL,
            ..Faults::default()
        },
        None,
    );
    let mut browser = Browser::signed_in(&stand_in, "loadtest_user");
    let id = browser.create();
    let (status, _) = browser.get(&format!("{DEPLOYMENTS}{id}/"));
    assert_eq!(status, 404, "the id was a wrong one");
}
