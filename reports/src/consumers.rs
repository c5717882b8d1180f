//! The files of a report in the hands of those who parse them: the script `ci/read-artifacts`, where Python is installed.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::{fs, io};

use crate::fixture::healthy;
use crate::measurements::{EndpointMeasurements, SecondMeasurements};
use crate::{Measurements, Part, RENDERERS, RunIdentity, RunSummary, Summary};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ci/read-artifacts");

fn write_all(folder: &Path, measurements: &Measurements) {
    let summary = Summary::from_measurements(measurements);
    for renderer in RENDERERS {
        let bytes = renderer.render(&summary, measurements).unwrap();
        fs::write(folder.join(renderer.file_name()), bytes).unwrap();
    }
    let run = RunIdentity {
        run_id: "lt-0123456789ab".to_owned(),
        scenario: "smoke, \"short\"".to_owned(),
        ..RunIdentity::default()
    };
    let part = Part {
        name: "rule-engine",
        summary: &summary,
        measurements,
    };
    let short = RunSummary::over(&run, &[part]);
    for (extension, bytes) in [("json", short.to_json().unwrap()), ("csv", short.to_csv())] {
        fs::write(folder.join(run.file_name("run-summary", extension)), bytes).unwrap();
    }
}

/// Runs whose files are not plain.
fn runs() -> Vec<Measurements> {
    let mut awkward = healthy();
    awkward.endpoints[0].path = "/a,b/\"c\"/é".to_owned();
    awkward.endpoints[0].failures[0].kind = "check:a,\"b\"\r\nc".to_owned();
    awkward.endpoints.push(EndpointMeasurements {
        name: "idle".to_owned(),
        ..EndpointMeasurements::default()
    });
    awkward.gates[0].text = "p99<\"30ms\" & more".to_owned();
    awkward.measured_ns -= 400_000_000;
    let mut idle = Measurements::default();
    idle.identity.started_at = healthy().identity.started_at;
    idle.seconds = vec![SecondMeasurements::default(); 3];
    vec![healthy(), awkward, idle]
}

#[test]
fn python_reads_every_file_as_its_users_do() {
    for measurements in runs() {
        let folder = tempfile::tempdir().unwrap();
        write_all(folder.path(), &measurements);
        let read = Command::new("python3")
            .arg(SCRIPT)
            .arg(folder.path())
            .output();
        match read {
            Ok(read) => assert!(
                read.status.success(),
                "{}",
                String::from_utf8_lossy(&read.stderr)
            ),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                writeln!(io::stderr(), "not checked: python3 is not installed").unwrap();
            }
            Err(error) => panic!("{error}"),
        }
    }
}
