//! An export is judged, and what is no export is refused.

use std::fs;
use std::path::Path;

use crate::command::run;

pub(crate) const EXPORT: &str = "\
txn_id,ts_ms,tz_offset_min,card_id,card_known,card_country,card_network,card_bin,home_lat,home_lon,merchant_id,mcc,\
merchant_country,merchant_lat,merchant_lon,card_present,entry_mode,txn_type,amount_minor,currency,usd_cents,ip,ip_country,\
device_id,is_fraud,fraud_type,campaign_id,label_ts_ms,auth_resp,oracle_decision,vel_card_5m,vel_card_1h,vel_card_24h,\
vel_ip_1h,vel_device_1h,ref_mask,ref_decision
t1,1736121600000,-300,tok_a,1,US,VISA,400000,40.7,-74,m1,5411,US,40.7,-74,1,CHIP,PURCHASE,1999,USD,1999,,,,0,NONE,0,,00,\
APPROVE,1,1,1,0,0,0,APPROVE
";

pub(crate) fn export(folder: &Path, text: &str) -> String {
    let path = folder.join("truth.csv");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_row_alone_is_judged_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    let file = export(folder.path(), EXPORT);
    let outcome = run(["fidelity", &file]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stdout.contains("  I1   rows out of time order"));
    assert!(
        outcome
            .stdout
            .contains("✗ E15  victims' best common merchant")
    );
    let last = outcome.stdout.lines().last().unwrap();
    assert!(last.starts_with("fail: "), "{last}");
    assert!(folder.path().join("truth.csv.fidelity.html").is_file());
}

#[test]
fn machines_read_the_same_verdict_and_the_page_goes_where_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = export(folder.path(), EXPORT);
    let pages = folder.path().join("pages");
    let outcome = run([
        "fidelity",
        &file,
        "--json",
        "--out",
        pages.to_str().unwrap(),
    ]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let document: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(document["passed"], false);
    assert_eq!(document["rows"], 1);
    assert_eq!(document["metrics"][0]["id"], "I1");
    assert_eq!(document["metrics"][0]["value"], 0.0);
    assert!(pages.join("truth.csv.fidelity.html").is_file());
}

#[test]
fn what_is_no_export_leaves_no_page() {
    let folder = tempfile::tempdir().unwrap();
    let file = export(folder.path(), &EXPORT.replace("5411", ""));
    let outcome = run(["fidelity", &file]);
    assert_eq!(outcome.code, Some(4), "{outcome:?}");
    assert!(
        outcome.stderr.contains("line 2, column mcc: found nothing"),
        "{outcome:?}"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let missing = run(["fidelity", "/nowhere/truth.csv"]);
    assert_eq!(missing.code, Some(2), "{missing:?}");
}
