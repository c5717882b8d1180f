//! How the SDK is set up to talk to a store.

use std::time::Duration;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Config, Credentials, Region, RequestChecksumCalculation,
    ResponseChecksumValidation, SharedHttpClient,
};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use secrecy::ExposeSecret;

use super::bounds::Shortener;
use crate::config::StoreConfig;

/// Longest wait for a connection, after which another attempt may still be in time.
const CONNECT_TIME: Duration = Duration::from_secs(3);

pub(super) fn sdk_config(config: &StoreConfig) -> Config {
    let credentials = Credentials::new(
        config.access_key.expose_secret(),
        config.secret_key.expose_secret(),
        None,
        None,
        "tapdeck",
    );
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIME)
        .build();
    Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .http_client(http_client(&config.endpoint))
        // The SDK puts the bucket right behind the path of an endpoint, be there a slash or not.
        .endpoint_url(format!("{}/", config.endpoint))
        .region(Region::new(config.region.clone()))
        .credentials_provider(credentials)
        .force_path_style(true)
        // Older stores do not understand the trailing checksums that are otherwise sent along.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(100)))
        .timeout_config(timeouts)
        .interceptor(Shortener)
        .build()
}

/// Where no TLS is asked for, the machine's authorities are not read.
fn http_client(endpoint: &str) -> SharedHttpClient {
    if endpoint.starts_with("https://") {
        let tls = Provider::Rustls(CryptoMode::Ring);
        return Builder::new().tls_provider(tls).build_https();
    }
    Builder::new().build_http()
}
