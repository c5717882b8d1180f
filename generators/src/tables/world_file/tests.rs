//! What world files may say, and how they are told off.

use super::*;
use crate::tables::Tables;

/// Reads a world file beside which lies one table of mail domains.
fn read(source: &str) -> Result<Tables, Error> {
    let set = TableSet::from_world_file(source, "w.toml", |path| match path {
        "mail.tsv" => Ok("domain\tweight\nmail.test\t1\n".to_owned()),
        "bad.tsv" => Ok("domain\tweight\nmail.com\t1\n".to_owned()),
        _ => Err(io::ErrorKind::NotFound.into()),
    })?;
    Tables::read(&set)
}

#[test]
fn tables_and_cells_are_replaced() {
    let tables = read(
        "[mccs.5411]\nweight = 1400\n[tables]\nmail = 'mail.tsv'\n\
         [mail.\"mail.test\"]\nweight = 0.5\n[refusals]\n51.retry = 'no'\n",
    )
    .unwrap();
    assert_eq!(tables.mccs[0].weight.to_string(), "1400");
    let [mail] = &tables.mail_domains[..] else {
        panic!("{:?}", tables.mail_domains);
    };
    assert_eq!(
        (mail.head.as_str(), mail.weight.to_string()),
        ("mail.test", "0.5".to_owned())
    );
    assert!(!tables.refusals[0].retry);
}

#[test]
fn faults_name_the_line_and_what_was_probably_meant() {
    let rows = [
        (
            "[mcs.5411]\n",
            "w.toml, line 1: unknown table \"mcs\"; did you mean \"mccs\"?",
        ),
        (
            "\n[mccs.5412]\nweight = 1\n",
            "w.toml, line 2: unknown row \"5412\"; did you mean \"5411\"?",
        ),
        (
            "[mccs.5411]\nweigth = 1\n",
            "w.toml, line 2: unknown column \"weigth\"; did you mean \"weight\"?",
        ),
        (
            "[tables]\nmial = 'mail.tsv'\n",
            "w.toml, line 2: unknown table \"mial\"; did you mean \"mail\"?",
        ),
        (
            "[tables]\nmail = 'gone.tsv'\n",
            "w.toml, line 2: cannot read the table gone.tsv",
        ),
        (
            "[tables]\nmail = 1\n",
            "w.toml, line 2: expected the name of a file",
        ),
        (
            "[tables]\nmail = 'bad.tsv'\n",
            "bad.tsv, line 2: column domain is \"mail.com\", expected NAME.test",
        ),
        ("mccs = 1\n", "w.toml, line 1: expected a table of rows"),
        (
            "[mccs]\n5411 = 1\n",
            "w.toml, line 2: expected a table of columns",
        ),
        (
            "[mccs.5411]\nweight = true\n",
            "w.toml, line 2: expected a text or a number",
        ),
        (
            "[mccs.5411]\n\nweight = -1\n",
            "w.toml, line 3: column weight is \"-1\", expected a number from 0",
        ),
        ("[mccs.5411\n", "w.toml, line 1: not valid TOML"),
    ];
    for (source, expected) in rows {
        let error = read(source).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

#[test]
fn one_cell_changes_the_digest_and_a_comment_does_not() {
    let digest = |source: &str| {
        let no_file = |_: &str| Err(io::ErrorKind::NotFound.into());
        let set = TableSet::from_world_file(source, "w.toml", no_file).unwrap();
        set.digest().to_string()
    };
    let builtin = TableSet::builtin().unwrap().digest().to_string();
    assert_eq!(digest("# nothing\n"), builtin);
    assert_eq!(digest("[mccs.5411]\nweight = 1350\n"), builtin);
    assert_ne!(digest("[mccs.5411]\nweight = 1351\n"), builtin);
}
