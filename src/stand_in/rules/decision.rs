//! The three decisions, and the two vocabularies they are written in.

/// What is to happen with a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Let it through.
    Approve,
    /// Refuse it.
    Decline,
    /// Let a person look at it.
    Review,
}

impl Decision {
    /// Gives the word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "APPROVE",
            Self::Decline => "DECLINE",
            Self::Review => "REVIEW",
        }
    }

    /// Reads the action of a rule; a word the engine does not know approves.
    pub(super) fn from_action(word: &str) -> Self {
        if is_one_of(word, &["DECLINE", "DECLINED", "BLOCK"]) {
            Self::Decline
        } else if is_one_of(word, &["REVIEW", "FLAG"]) {
            Self::Review
        } else {
            Self::Approve
        }
    }

    /// Reads the decision a caller of the monitoring path has already taken; `None` is a bad request.
    pub(in crate::stand_in) fn from_caller(word: &str) -> Option<Self> {
        if is_one_of(word, &["APPROVE", "APPROVED", "ALLOW"]) {
            Some(Self::Approve)
        } else if is_one_of(word, &["DECLINE", "DECLINED", "BLOCK"]) {
            Some(Self::Decline)
        } else {
            None
        }
    }
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| word.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::Decision;

    #[test]
    fn actions_of_rules_approve_what_they_do_not_know() {
        for (word, decision) in [
            ("APPROVE", Decision::Approve),
            ("ALLOW", Decision::Approve),
            ("DECLINED", Decision::Decline),
            ("block", Decision::Decline),
            ("FLAG", Decision::Review),
            ("Review", Decision::Review),
            ("CHALLENGE", Decision::Approve),
            ("", Decision::Approve),
        ] {
            assert_eq!(Decision::from_action(word), decision, "{word:?}");
        }
    }

    #[test]
    fn callers_may_only_approve_or_decline() {
        for (word, decision) in [
            ("approved", Some(Decision::Approve)),
            ("Allow", Some(Decision::Approve)),
            ("BLOCK", Some(Decision::Decline)),
            ("REVIEW", None),
            ("", None),
        ] {
            assert_eq!(Decision::from_caller(word), decision, "{word:?}");
        }
    }
}
