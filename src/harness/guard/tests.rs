//! Who is let through, and who is not.

use super::*;

#[test]
fn only_near_addresses_pass_unasked_and_some_never() {
    const NEAR: &str = "near";
    const FAR: &str = "far";
    const NEVER: &str = "never";
    for (address, expected) in [
        ("127.0.0.1", NEAR),
        ("127.8.8.8", NEAR),
        ("10.1.2.3", NEAR),
        ("172.31.0.1", NEAR),
        ("192.168.1.1", NEAR),
        ("::1", NEAR),
        ("fd00::1", NEAR),
        ("::ffff:10.0.0.1", NEAR),
        ("::ffff:127.0.0.1", NEAR),
        ("172.32.0.1", FAR),
        ("100.64.0.1", FAR),
        ("8.8.8.8", FAR),
        ("2001:db8::1", FAR),
        ("::ffff:8.8.8.8", FAR),
        // Private addresses behind a translator are not ours.
        ("64:ff9b::10.0.0.1", FAR),
        ("2002:a00:1::1", FAR),
        ("0.0.0.0", NEVER),
        ("::", NEVER),
        ("::ffff:0.0.0.0", NEVER),
        ("169.254.169.254", NEVER),
        ("169.254.0.1", NEVER),
        ("::ffff:169.254.169.254", NEVER),
        ("64:ff9b::169.254.169.254", NEVER),
        ("2002:a9fe:a9fe::1", NEVER),
        ("::169.254.169.254", NEVER),
        ("fe80::1", NEVER),
        ("fd00:ec2::254", NEVER),
        ("100.100.100.200", NEVER),
        ("168.63.129.16", NEVER),
        ("224.0.0.1", NEVER),
        ("255.255.255.255", NEVER),
        ("ff02::1", NEVER),
    ] {
        let found = match distance(address.parse().unwrap()) {
            Distance::Near => NEAR,
            Distance::Far => FAR,
            Distance::Never(_) => NEVER,
        };
        assert_eq!(found, expected, "{address}");
    }
}

#[test]
fn an_allowed_host_passes_by_name_but_nowhere_it_must_not_go() {
    let at = |ip: &str| SocketAddr::new(ip.parse().unwrap(), 80);
    let host = |text: &str| text.parse::<Host>().unwrap();
    let allowed = [host("Load.Example")];
    let check =
        |name, addresses: &[SocketAddr]| check_addresses("u", &host(name), addresses, &allowed);
    assert!(check("load.example", &[at("8.8.8.8")]).is_ok());
    let error = check("other.example", &[at("8.8.8.8")]).unwrap_err();
    assert!(error.to_string().contains("--allow-target other.example"));
    // One bad address among good ones is enough: connections go round all of them.
    for hidden in ["169.254.169.254", "0.0.0.0", "fe80::1"] {
        let error = check("load.example", &[at("8.8.8.8"), at(hidden)]).unwrap_err();
        assert!(
            error.to_string().contains("no load is ever sent"),
            "{error}"
        );
    }
    assert!(check("other.example", &[at("10.0.0.1"), at("8.8.8.8")]).is_err());
}

#[test]
fn production_is_seen_in_names_but_not_in_words_that_contain_it() {
    let production = Production::default();
    for name in [
        "api.prod.example",
        "prod-rules",
        "LIVE.example",
        "rules-prd2",
        "/api/production/v1",
        "/run/prod.sock",
        "/%70rod/v1",
        "/%70%72%6F%64",
        "/p%2572od",
        "/a%252Fprod",
        "/a%2525252FLIV%65",
    ] {
        let error = production.check("u", &["localhost", name]).unwrap_err();
        let expected = "--i-know-this-is-not-production";
        assert!(error.to_string().contains(expected), "{name}: {error}");
    }
    for name in [
        "localhost",
        "products.test",
        "deliver.test",
        "10.0.0.1",
        "/%70roducts",
        "/100%",
    ] {
        assert!(production.check("u", &[name]).is_ok(), "{name}");
    }
}

#[test]
fn production_is_seen_in_the_environment() {
    let signs = |pairs: &'static [(&str, &str)]| {
        Production::of_environment(|name| {
            let found = pairs.iter().find(|(held, _)| *held == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    };
    for pairs in [
        &[("APP_ENV", "prod")][..],
        &[("ENVIRONMENT", "Production")],
        &[("DEPLOY_ENV", "eu-prod-2")],
        &[("SPRING_PROFILES_ACTIVE", "metrics,prd")],
    ] {
        let signs = signs(pairs);
        assert!(signs[0].contains(pairs[0].0), "{signs:?}");
        let refusing = Production {
            signs: signs.clone(),
            ..Production::default()
        };
        assert!(refusing.check("u", &["localhost"]).is_err());
        let told = Production {
            denied: Denied::Yes,
            signs,
        };
        assert!(told.check("u", &["prod.example"]).is_ok());
    }
    for pairs in [
        &[("APP_ENV", "test")][..],
        &[("ENVIRONMENT", "preproduction")],
        &[("PRODUCT", "prod")],
    ] {
        assert_eq!(signs(pairs), Vec::<String>::new());
    }
    assert!(Production::of_variable("PROD_ENGINE_URL").is_some());
    assert!(Production::of_variable("RULE_ENGINE_URL").is_none());
}
