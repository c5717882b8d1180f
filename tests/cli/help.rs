//! Help is there for every command, and for those who mistype one.

use clap::CommandFactory;
use tapdeck::cli::Cli;

use crate::command::run;

/// Gives the words of every command there is, the bare binary first.
fn commands() -> Vec<Vec<String>> {
    fn collect(command: &clap::Command, words: &[String], found: &mut Vec<Vec<String>>) {
        found.push(words.to_vec());
        for subcommand in command.get_subcommands() {
            let words = [words, &[subcommand.get_name().to_owned()]].concat();
            collect(subcommand, &words, found);
        }
    }
    let mut found = Vec::new();
    collect(&Cli::command(), &[], &mut found);
    found
}

#[test]
fn every_command_explains_itself() {
    let commands = commands();
    assert!(commands.len() > 10, "{commands:?}");
    for words in commands {
        for flag in ["-h", "--help"] {
            let help = run(words.iter().map(String::as_str).chain([flag])).good();
            let usage = ["Usage: tapdeck", &words.join(" ")].join(" ");
            assert!(help.contains(usage.trim_end()), "{words:?} {flag}: {help}");
            assert!(
                help.lines().all(|line| line.chars().count() <= 100),
                "{words:?} {flag} is too wide"
            );
        }
    }
}

#[test]
fn the_long_help_lists_every_exit_code() {
    let help = run(["--help"]).good();
    for (exit, meaning) in tapdeck::exit::EXITS {
        let line = format!("{:>3}  {meaning}", exit as u8);
        assert!(help.contains(&line), "{line} is missing: {help}");
    }
}

#[test]
fn every_command_that_judges_a_run_lists_the_exit_codes() {
    for command in ["demo", "replay", "run", "capacity"] {
        let help = run([command, "--help"]).good();
        let (_, codes) = help.split_once("Exit codes:\n").unwrap();
        let codes: Vec<&str> = codes
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .filter(|first| first.parse::<u8>().is_ok())
            .collect();
        assert_eq!(
            codes,
            ["0", "1", "2", "3", "4", "5", "70", "130"],
            "{command}"
        );
    }
    let capacity = run(["capacity", "--help"]).good();
    assert!(
        capacity.contains("    5  the generator set the limit"),
        "{capacity}"
    );
}

#[test]
fn the_version_is_told() {
    assert_eq!(
        run(["--version"]).good(),
        format!("tapdeck {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_mistyped_command_is_told_what_was_meant() {
    let outcome = run(["shedule"]);
    assert_eq!(outcome.code, Some(2));
    assert!(
        outcome
            .stderr
            .contains("a similar subcommand exists: 'schedule'"),
        "{outcome:?}"
    );
}

#[test]
fn no_command_at_all_shows_how_to_begin() {
    let outcome = run::<&str>([]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("Begin with:"), "{outcome:?}");
}
