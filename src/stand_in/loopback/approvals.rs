//! The approvals back end: what it answers, what it refuses, and what its audit tells.

mod audit;
mod refusals;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::{ApprovalsAudit, Faults, Role, StandIn, StandInConfig};
use super::{Answer, Client};

const LOGIN: &str = "/api/v1/auth/login";
const DEPLOYMENTS: &str = "/api/v1/deployments/";
const SUBMIT: &str = "/api/v1/cab/submit/";

/// An evidence package that is there.
const PACKAGE: &str = "e5a1c0de-7b2f-4c6d-9a3e-b1c2d3e4f5a6";

fn back_end() -> StandIn {
    back_end_with(Faults::default(), None)
}

fn back_end_with(faults: Faults, hourly_limit: Option<u32>) -> StandIn {
    let config = StandInConfig {
        role: Role::Approvals,
        faults,
        hourly_limit,
        ..StandInConfig::default()
    };
    StandIn::start(config).unwrap()
}

/// A client that keeps cookies and shows the token, as a browser and its page do.
struct Browser {
    client: Client,
    cookies: BTreeMap<String, String>,
    /// The head of the last answer.
    head: String,
}

impl Browser {
    fn new(stand_in: &StandIn) -> Self {
        Self {
            client: Client::new(stand_in),
            cookies: BTreeMap::new(),
            head: String::new(),
        }
    }

    fn signed_in(stand_in: &StandIn, username: &str) -> Self {
        let mut browser = Self::new(stand_in);
        let (status, body) = browser.sign_in(username, "loadtest-only");
        assert_eq!(status, 200, "{body}");
        browser
    }

    fn sign_in(&mut self, username: &str, password: &str) -> (u16, Value) {
        self.post(LOGIN, &json!({"username": username, "password": password}))
    }

    fn get(&mut self, path: &str) -> (u16, Value) {
        self.send("GET", path, "")
    }

    fn post(&mut self, path: &str, body: &Value) -> (u16, Value) {
        self.send("POST", path, &body.to_string())
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let cookies = self.cookies.iter();
        let cookies: Vec<_> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let token = self.cookies.get("csrftoken").map_or("", String::as_str);
        let lines = format!(
            "content-type: application/json\r\ncookie: {}\r\nx-csrftoken: {token}\r\n",
            cookies.join("; ")
        );
        self.client.send_with(method, path, &lines, body).unwrap();
        let Answer { status, head, body } = self.client.receive().unwrap();
        for line in head
            .lines()
            .filter_map(|line| line.strip_prefix("set-cookie: "))
        {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        self.head = head;
        (status, serde_json::from_str(&body).unwrap())
    }

    fn header(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}: ");
        self.head
            .lines()
            .find_map(|line| line.strip_prefix(&prefix))
    }

    /// Creates a deployment and gives its id.
    fn create(&mut self) -> String {
        let order = json!({"app_name": "nginx-1", "version": "1.2.3", "target_ring": "CANARY"});
        let (status, body) = self.post(DEPLOYMENTS, &order);
        assert_eq!(status, 201, "{body}");
        body["correlation_id"].as_str().unwrap().to_owned()
    }

    /// Submits an item with a score and gives its id.
    fn submit(&mut self, score: f64) -> String {
        let form = json!({"evidence_package_id": PACKAGE, "risk_score": score});
        let (status, body) = self.post(SUBMIT, &form);
        assert_eq!(status, 201, "{body}");
        body["id"].as_str().unwrap().to_owned()
    }

    fn decide(&mut self, id: &str, verdict: &str) -> (u16, Value) {
        let path = format!("/api/v1/cab/{id}/{verdict}/");
        self.post(&path, &json!({"rationale": "looked at it"}))
    }
}

fn audit(stand_in: &StandIn) -> ApprovalsAudit {
    stand_in.audit().approvals.unwrap()
}

#[test]
fn a_login_opens_a_session_with_a_token_of_its_own() {
    let stand_in = back_end();
    let mut browser = Browser::new(&stand_in);
    let (status, body) = browser.sign_in("loadtest_user", "loadtest-only");
    let user = json!({
        "id": 1, "username": "loadtest_user", "email": "loadtest_user@approvals.example",
        "first_name": "", "last_name": "", "is_staff": false, "is_superuser": false,
    });
    assert_eq!((status, &body["user"]), (200, &user));
    assert_eq!(body["session_id"], browser.cookies["sessionid"]);
    let first = browser.cookies.clone();
    let (_, body) = browser.get("/api/v1/auth/me");
    assert_eq!(body, json!({"user": user}));
    let (_, body) = browser.get("/api/v1/auth/validate");
    assert_eq!(body, json!({"valid": true, "user": user}));

    browser.sign_in("cab_approver", "loadtest-only");
    for (name, value) in &first {
        assert_ne!(browser.cookies[name], *value, "{name} must rotate");
    }
    let (_, body) = browser.get("/api/v1/auth/me");
    assert_eq!(body["user"]["is_staff"], true);
    browser.cookies = first;
    let (status, _) = browser.get("/api/v1/auth/me");
    assert_eq!(status, 403, "the session before is gone");
    assert_eq!(audit(&stand_in).sessions, 2);
}

#[test]
fn a_logout_ends_the_session() {
    let stand_in = back_end();
    let mut browser = Browser::signed_in(&stand_in, "loadtest_user");
    let before = browser.cookies.clone();
    let (status, body) = browser.post("/api/v1/auth/logout", &json!({}));
    assert_eq!(
        (status, body),
        (200, json!({"message": "Logged out successfully"}))
    );
    browser.cookies = before;
    assert_eq!(browser.get("/api/v1/auth/me").0, 403);
}

#[test]
fn deployments_are_created_listed_and_read() {
    let stand_in = back_end();
    let mut browser = Browser::signed_in(&stand_in, "loadtest_user");
    let ids: Vec<String> = (0..102).map(|_| browser.create()).collect();
    let (status, body) = browser.get(&format!("{DEPLOYMENTS}{}/", ids[0]));
    assert_eq!(status, 200);
    for (member, expected) in [
        ("correlation_id", json!(ids[0])),
        ("app_name", json!("nginx-1")),
        ("version", json!("1.2.3")),
        ("target_ring", json!("CANARY")),
        ("submitter", json!("loadtest_user")),
    ] {
        assert_eq!(body[member], expected, "{member}");
    }
    let score = body["risk_score"].as_u64().unwrap();
    assert_eq!(body["requires_cab_approval"], score > 50);
    let status = if score > 50 {
        "AWAITING_CAB"
    } else {
        "APPROVED"
    };
    assert_eq!(body["status"], status);

    let (_, body) = Browser::new(&stand_in).get("/api/v1/deployments/list");
    let listed: Vec<_> = body["deployments"].as_array().unwrap().clone();
    assert_eq!(listed.len(), 100);
    assert_eq!(
        listed[0]["correlation_id"], ids[101],
        "the newest comes first"
    );
    let (_, body) = browser.get("/api/v1/deployments/list?ring=LAB&status=APPROVED");
    assert_eq!(body, json!({"deployments": []}));
    let (_, body) = browser.get("/api/v1/deployments/applications");
    let application = &body["applications"][0];
    assert_eq!(application["app_name"], "nginx-1");
    assert_eq!(application["deployment_count"], 102);
    assert_eq!(application["versions"][0]["version"], "1.2.3");
}

#[test]
fn the_board_decides_what_was_submitted() {
    let stand_in = back_end();
    let mut browser = Browser::signed_in(&stand_in, "cab_approver");
    let items = [
        browser.submit(60.0),
        browser.submit(65.5),
        browser.submit(75.0),
    ];
    let (_, body) = browser.get("/api/v1/cab/pending/");
    assert_eq!(body["count"], 3);
    let ids: Vec<_> = (0..3)
        .map(|idx| body["results"][idx]["id"].clone())
        .collect();
    assert_eq!(ids, [json!(items[2]), json!(items[1]), json!(items[0])]);
    assert_eq!(body["results"][1]["risk_score"], "65.50");
    assert_eq!(body["results"][1]["status_display"], "Pending Review");
    let (_, body) = browser.get("/api/v1/cab/pending/?risk_min=61&risk_max=70&limit=0");
    assert_eq!(body["count"], 1);

    let path = format!("/api/v1/cab/{}/approve/", items[0]);
    let form = json!({"rationale": "sound", "conditions": {"share": 5}});
    let (status, body) = browser.post(&path, &form);
    assert_eq!((status, &body["status"]), (200, &json!("approved")));
    assert_eq!(body["approval_conditions"], json!({"share": 5}));
    assert_eq!(body["approval_rationale"], "sound");
    assert_eq!(body["approved_by"]["username"], "cab_approver");
    let (status, body) = browser.decide(&items[1], "reject");
    assert_eq!((status, &body["status"]), (200, &json!("rejected")));
    let (_, body) = browser.get("/api/v1/cab/pending/");
    assert_eq!(
        (&body["count"], &body["results"][0]["id"]),
        (&json!(1), &json!(items[2]))
    );
}

#[test]
fn scores_decide_about_the_way_of_a_submission() {
    let stand_in = back_end();
    let mut browser = Browser::signed_in(&stand_in, "cab_approver");
    for (score, status, gate) in [
        (50.0, "auto_approved", "auto_approved"),
        (50.01, "submitted", "manual_review"),
        (75.01, "exception_required", "exception_required"),
    ] {
        let form = json!({"evidence_package_id": PACKAGE, "risk_score": score, "notes": "n"});
        let (_, body) = browser.post(SUBMIT, &form);
        let found = (&body["status"], &body["decision_status"], &body["notes"]);
        assert_eq!(
            found,
            (&json!(status), &json!(gate), &json!("n")),
            "{score}"
        );
        let id = body["id"].as_str().unwrap().to_owned();
        let expected = if status == "submitted" { 200 } else { 400 };
        assert_eq!(browser.decide(&id, "approve").0, expected, "{score}");
    }
}

#[test]
fn connectors_reach_five_planes() {
    let stand_in = back_end();
    let mut browser = Browser::signed_in(&stand_in, "publisher_user");
    let (_, body) = browser.get("/api/v1/connectors/");
    assert_eq!(body["total"], 5);
    for idx in 0..5 {
        let plane = body["connectors"][idx]["type"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/connectors/{plane}");
        let order = json!({
            "deployment_intent_id": "7", "artifact_path": "a.pkg", "target_ring": "LAB",
            "app_name": "nginx", "version": "1",
        });
        let (status, done) = browser.post(&format!("{path}/deploy"), &order);
        assert_eq!((status, &done["status"]), (200, &json!("success")));
        let (status, health) = browser.get(&format!("{path}/health"));
        assert_eq!(status, 200);
        assert_eq!(
            health,
            json!({"connector_type": plane, "status": "healthy"})
        );
    }
}

#[test]
fn every_answer_names_its_request() {
    let stand_in = back_end();
    let mut client = Client::new(&stand_in);
    for path in ["/health/ready", "/api/v1/deployments/list", "/nowhere"] {
        client
            .send_with("GET", path, "x-correlation-id: mine-7\r\n", "")
            .unwrap();
        let head = client.receive().unwrap().head;
        assert!(head.contains("x-correlation-id: mine-7\r\n"), "{head}");
    }
    let mut browser = Browser::new(&stand_in);
    let (_, body) = browser.get("/api/v1/auth/me");
    assert_eq!(
        body["correlation_id"],
        browser.header("x-correlation-id").unwrap()
    );
    assert_eq!(browser.header("x-correlation-id").map(str::len), Some(36));
}

#[test]
fn the_built_in_definition_speaks_to_this_back_end() {
    let service = tapdeck_services::registry::find("approvals").unwrap();
    assert!(service.source.contains(PACKAGE));
    let stand_in = back_end();
    let logins = service
        .endpoints
        .iter()
        .filter(|it| it.name.ends_with("/login"));
    let mut count = 0;
    for login in logins {
        let segments = login.body.as_ref().unwrap().segments();
        let [tapdeck_services::Segment::Literal(body)] = segments else {
            panic!("{} is not literal", login.name);
        };
        let body: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(Browser::new(&stand_in).post(LOGIN, &body).0, 200, "{body}");
        count += 1;
    }
    assert_eq!(count, 5);
}
