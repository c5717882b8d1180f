//! Who may sign in, and who has: each login opens a session with a token against forged requests.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::StatusCode;
use http::header::SET_COOKIE;
use serde::{Deserialize, Serialize};

use crate::stand_in::reply::Reply;
use crate::stand_in::sharded::Sharded;
use crate::stand_in::visit::Visit;

/// Somebody with an account.
#[derive(Debug, Serialize)]
pub(super) struct User {
    pub(super) id: u32,
    pub(super) username: &'static str,
    email: &'static str,
    first_name: &'static str,
    last_name: &'static str,
    pub(super) is_staff: bool,
    is_superuser: bool,
    /// Whether the throttle lets every request pass.
    #[serde(skip)]
    pub(super) is_exempt: bool,
}

/// All accounts; the last one is there to meet the throttle.
const USERS: [User; 4] = [
    user(1, "loadtest_user", "loadtest_user@approvals.example"),
    User {
        is_staff: true,
        ..user(2, "cab_approver", "cab_approver@approvals.example")
    },
    user(3, "publisher_user", "publisher_user@approvals.example"),
    User {
        is_exempt: false,
        ..user(4, "ordinary_user", "ordinary_user@approvals.example")
    },
];

/// The password of all of them, which is no secret.
const PASSWORD: &str = "loadtest-only";

const SESSION_COOKIE: &str = "sessionid";
const TOKEN_COOKIE: &str = "csrftoken";

const fn user(id: u32, username: &'static str, email: &'static str) -> User {
    User {
        id,
        username,
        email,
        first_name: "",
        last_name: "",
        is_staff: false,
        is_superuser: false,
        is_exempt: true,
    }
}

/// A session that was opened by a login.
#[derive(Debug)]
pub(super) struct SignedIn {
    /// In the order of logins, from 1.
    pub(super) number: u64,
    pub(super) user: &'static User,
    token: String,
}

impl SignedIn {
    /// Tells whether a request shows the token in its cookie and again in its header, which no forged one can.
    pub(super) fn knows_token(&self, visit: &Visit<'_>) -> bool {
        let token = Some(self.token.as_str());
        visit.cookie(TOKEN_COOKIE) == token && visit.header("x-csrftoken") == token
    }
}

/// Everybody who is signed in.
#[derive(Default)]
pub(super) struct Accounts {
    sessions: Sharded<HashMap<String, Arc<SignedIn>>>,
    session_count: AtomicU64,
}

impl Accounts {
    /// Finds the session of a request by its cookie.
    pub(super) fn session(&self, visit: &Visit<'_>) -> Option<Arc<SignedIn>> {
        let key = visit.cookie(SESSION_COOKIE)?;
        self.sessions
            .with(key, |sessions| sessions.get(key).cloned())
    }

    /// Counts the logins so far.
    pub(super) fn session_count(&self) -> u64 {
        self.session_count.load(Ordering::Relaxed)
    }

    /// Signs a user in: a new session takes the place of the one that came along, and its token that one's.
    pub(super) fn sign_in(&self, visit: &Visit<'_>) -> Result<Reply, Reply> {
        let given: Credentials = visit.read()?;
        let (name, password) = match (given.username.or(given.email), given.password) {
            (Some(name), Some(password)) if !name.is_empty() && !password.is_empty() => {
                (name, password)
            }
            _ => return Err(visit.error(StatusCode::BAD_REQUEST, "Email and password required")),
        };
        let is_meant = |user: &&User| user.username == name || user.email == name;
        let user = USERS.iter().find(is_meant).filter(|_| password == PASSWORD);
        let Some(user) = user else {
            let message = "Invalid email or password";
            return Err(visit.error(StatusCode::UNAUTHORIZED, message));
        };
        self.forget(visit);
        let (key, token) = (random(visit), random(visit));
        let session = SignedIn {
            number: self.session_count.fetch_add(1, Ordering::Relaxed) + 1,
            user,
            token: token.clone(),
        };
        self.sessions.with(key.as_str(), |sessions| {
            sessions.insert(key.clone(), Arc::new(session));
        });
        let body = Welcome {
            user,
            session_id: &key,
        };
        let token_cookie =
            format!("{TOKEN_COOKIE}={token}; Max-Age=31449600; Path=/; SameSite=Lax");
        let session_cookie =
            format!("{SESSION_COOKIE}={key}; HttpOnly; Max-Age=86400; Path=/; SameSite=Lax");
        Ok(visit
            .ok(&body)
            .with(SET_COOKIE, &token_cookie)
            .with(SET_COOKIE, &session_cookie))
    }

    /// Ends the session of a request, if it has one.
    pub(super) fn sign_out(&self, visit: &Visit<'_>) -> Reply {
        self.forget(visit);
        let gone = format!("{SESSION_COOKIE}=\"\"; Max-Age=0; Path=/; SameSite=Lax");
        let message = "Logged out successfully";
        visit.ok(&Message { message }).with(SET_COOKIE, &gone)
    }

    fn forget(&self, visit: &Visit<'_>) {
        if let Some(key) = visit.cookie(SESSION_COOKIE) {
            self.sessions.with(key, |sessions| sessions.remove(key));
        }
    }
}

/// Tells who is signed in.
pub(super) fn me(visit: &Visit<'_>, session: &SignedIn) -> Reply {
    let user = session.user;
    visit.ok(&Me { user })
}

/// Tells that the session holds.
pub(super) fn valid(visit: &Visit<'_>, session: &SignedIn) -> Reply {
    let (valid, user) = (true, session.user);
    visit.ok(&Valid { valid, user })
}

/// Draws 32 characters that nobody guesses.
fn random(visit: &Visit<'_>) -> String {
    format!("{:032x}", visit.connection.next_id())
}

#[derive(Deserialize)]
struct Credentials {
    username: Option<String>,
    email: Option<String>,
    password: Option<String>,
}

#[derive(Serialize)]
struct Welcome<'a> {
    user: &'static User,
    session_id: &'a str,
}

#[derive(Serialize)]
struct Me {
    user: &'static User,
}

#[derive(Serialize)]
struct Valid {
    valid: bool,
    user: &'static User,
}

#[derive(Serialize)]
struct Message {
    message: &'static str,
}
