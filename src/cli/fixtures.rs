//! `tapdeck fixtures`: small sets of data as JSON, for tests of other programs.
//!
//! Every fixture is a JSON array with one element per line, a function of its seed and its flags.

use std::path::Path;

use tapdeck_generators::ErrorKind;
use tapdeck_generators::fixtures::{self, RuleType, Users};
use tapdeck_generators::tables::Tables;

mod args;
mod json;
mod sink;

use self::args::{Kind, RulesArgs, RulesetsArgs, TransactionsArgs, UsersArgs, type_of};
use self::json::{RuleJson, RulesetJson, UserJson};
use self::sink::{Rows, Sink};
use super::generate::watch::Watch;
use super::interrupt;
use super::output::{note, print};
use super::progress::Visibility;
use crate::error::Error;
use crate::exit::Exit;
use crate::units::{show_bytes, show_count};

/// Write transactions, users, rules or rulesets as JSON
///
/// Small sets of data for tests of other programs, from the same world as the tapes: the cards of `transactions` and
/// `users` of one seed are those of `generate` with that seed. The same flags give the same bytes.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    kind: Kind,
}

/// Rules that rulesets choose among if no file is named.
const USUAL_RULES: usize = 100;

/// Writes a fixture.
///
/// Errors: `Usage` and `Generate` for flags that make no sense, before anything is written; `Io` and `Tape` for files.
pub fn run(args: &Args) -> Result<Exit, Error> {
    let (what, output, common) = args.kind.parts();
    let sink = Sink::new(output, interrupt::flag()?);
    let written = sink.write(|rows| match &args.kind {
        Kind::Transactions(args) => args.write(rows, output),
        Kind::Users(args) => args.write(rows),
        Kind::Rules(args) => args.write(rows),
        Kind::Rulesets(args) => args.write(rows),
    });
    match written {
        Ok(Some(written)) if !common.quiet => {
            let (count, bytes) = (show_count(written.count), show_bytes(written.bytes));
            print(|out| writeln!(out, "{}: {count} {what}, {bytes}", output.display()))?;
            Ok(Exit::Pass)
        }
        Ok(_) => Ok(Exit::Pass),
        Err(Error::Generate(error)) if error.kind() == ErrorKind::Cancelled => {
            note(format_args!(
                "interrupted; {} was not written",
                output.display()
            ));
            Ok(Exit::Interrupted)
        }
        Err(error) => Err(error),
    }
}

impl TransactionsArgs {
    fn write(&self, rows: &mut Rows<'_>, output: &Path) -> Result<(), Error> {
        let folder = sink::folder_of(output);
        let watch = Watch::new(Visibility::Hidden, rows.interrupted());
        fixtures::each_transaction(
            self.common.seed,
            self.count,
            self.distribution,
            &folder,
            &watch,
            |row| rows.push_bytes(row),
        )
    }
}

impl UsersArgs {
    fn write(&self, rows: &mut Rows<'_>) -> Result<(), Error> {
        for user in Users::new(self.common.seed, self.count, self.country.as_deref())? {
            rows.push(&UserJson::from(user))?;
        }
        Ok(())
    }
}

impl RulesArgs {
    fn write(&self, rows: &mut Rows<'_>) -> Result<(), Error> {
        check_count("--count", self.count)?;
        let tables = Tables::builtin()?;
        for number in 1..=self.count {
            let rule_type = type_of(number, self.rule_type);
            let rule = fixtures::rule(&tables, self.common.seed, number, rule_type);
            rows.push(&RuleJson::from(rule))?;
        }
        Ok(())
    }
}

impl RulesetsArgs {
    fn write(&self, rows: &mut Rows<'_>) -> Result<(), Error> {
        check_count("--count", self.count)?;
        check_count("--rules-per-set", self.rules_per_set as u64)?;
        let all = self.rules()?;
        let mut versions = [0; RuleType::ALL.len()];
        for number in 1..=self.count {
            let rule_type = type_of(number, self.rule_type);
            let fitting: Vec<&RuleJson> =
                all.iter().filter(|rule| rule.is_for(rule_type)).collect();
            self.check_enough(fitting.len(), rule_type)?;
            let chosen =
                fixtures::choose(self.common.seed, number, fitting.len(), self.rules_per_set);
            let version = &mut versions[rule_type as usize];
            *version += 1;
            let chosen = chosen.into_iter().map(|idx| fitting[idx]);
            rows.push(&RulesetJson::new(rule_type, *version, chosen))?;
        }
        Ok(())
    }

    /// Gives the rules to choose among.
    fn rules(&self) -> Result<Vec<RuleJson>, Error> {
        if let Some(path) = &self.rules_file {
            return json::read_rules(path);
        }
        let tables = Tables::builtin()?;
        let count = USUAL_RULES.max(self.rules_per_set) as u64;
        let rules = RuleType::ALL.into_iter().flat_map(|rule_type| {
            let rule = |number| fixtures::rule(&tables, self.common.seed, number, rule_type);
            (1..=count)
                .map(rule)
                .map(RuleJson::from)
                .collect::<Vec<_>>()
        });
        Ok(rules.collect())
    }

    fn check_enough(&self, found: usize, rule_type: RuleType) -> Result<(), Error> {
        match &self.rules_file {
            Some(path) if found < self.rules_per_set => Err(Error::Usage {
                flag: "--rules-file",
                detail: format!(
                    "{} has {found} rules of type {}, each set is to have {}; \
                     lower --rules-per-set, name another --rule-type, or add rules",
                    path.display(),
                    rule_type.word(),
                    self.rules_per_set
                ),
            }),
            _ => Ok(()),
        }
    }
}

fn check_count(flag: &'static str, count: u64) -> Result<(), Error> {
    if (1..=fixtures::MAX_ITEMS).contains(&count) {
        return Ok(());
    }
    Err(Error::Usage {
        flag,
        detail: format!("is {count}, expected 1 to {}", fixtures::MAX_ITEMS),
    })
}
