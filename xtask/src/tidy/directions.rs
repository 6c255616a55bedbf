//! Which of our crates may use which, so that the layers stay layers and the services never form a loop.
use std::collections::BTreeMap;

use super::Finding;
use crate::manifest::{Dependency, dependencies};
use crate::tree::{File, Tree};

/// Stands for every crate under `crates/services`.
const SERVICES: &str = "services";

/// From the ground up: a crate may use what stands in its own layer or in one before it.
const LAYERS: [&[&str]; 11] = [
    &["store"],
    &["kernel"],
    &["vault"],
    &["access"],
    &["events", "fanout", "signals", "blobs", "jobs"],
    &["rules", "fhir-r4"],
    &[SERVICES],
    &["nadi"],
    &["testkit"],
    &["bench"],
    &["xtask"],
];

/// Crates that use nothing of ours, wherever they stand.
const PURE: [&str; 3] = ["rules", "fhir-r4", "xtask"];

/// Crates so low that not even their tests may stand on the others.
const BEDROCK: [&str; 3] = ["store", "rules", "fhir-r4"];

/// Finds dependencies that point the wrong way, crates no layer knows, and services in a loop.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let services = tree.services();
    let manifests: BTreeMap<&str, (&File, Vec<Dependency>)> = tree
        .texts("/Cargo.toml")
        .filter_map(|(file, text)| Some((file.crate_name()?, (file, dependencies(text)))))
        .collect();
    let mut findings = Vec::new();
    for (name, (file, uses)) in &manifests {
        let Some(layer) = layer_of(name, &services) else {
            let message = format!("no layer knows the crate `{name}`: add it to xtask/src/tidy/directions.rs");
            findings.push(Finding::new(file, 1, message));
            continue;
        };
        for used in uses.iter().filter(|used| manifests.contains_key(used.name.as_str()) && used.name != *name) {
            let stands_below = layer_of(&used.name, &services).is_some_and(|below| below <= layer);
            let for_tests = used.dev && used.name == "testkit" && !BEDROCK.contains(name);
            if !for_tests && (PURE.contains(name) || !stands_below) {
                findings.push(Finding::new(file, used.line, format!("`{name}` may not depend on `{}`", used.name)));
            }
        }
    }
    findings.extend(services.iter().filter_map(|service| closes_loop(&manifests, &services, service)));
    findings
}

fn layer_of(name: &str, services: &[&str]) -> Option<usize> {
    let group = if services.contains(&name) { SERVICES } else { name };
    LAYERS.iter().position(|layer| layer.contains(&group))
}

/// The dependency of this service through which it reaches itself again.
fn closes_loop(
    manifests: &BTreeMap<&str, (&File, Vec<Dependency>)>,
    services: &[&str],
    service: &str,
) -> Option<Finding> {
    let next = |name: &str| {
        let uses = manifests.get(name).map(|(_, uses)| uses.as_slice()).unwrap_or_default();
        uses.iter().filter(|used| !used.dev && services.contains(&used.name.as_str()))
    };
    next(service).find_map(|first| {
        let (mut seen, mut waiting) = (Vec::new(), vec![first.name.as_str()]);
        while let Some(name) = waiting.pop() {
            if name == service {
                let message = format!("the services `{service}` and `{}` form a loop", first.name);
                return Some(Finding::new(manifests[service].0, first.line, message));
            }
            if !seen.contains(&name) {
                seen.push(name);
                waiting.extend(next(name).map(|used| used.name.as_str()));
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::super::said;
    use super::*;

    fn uses(names: &str) -> String {
        format!(
            "[dependencies]\n{}",
            names.split_whitespace().map(|name| format!("{name}.workspace = true\n")).collect::<String>()
        )
    }

    #[test]
    fn a_dependency_that_points_upwards_is_found() {
        let files = [
            ("crates/store/Cargo.toml", uses("kernel serde")),
            ("crates/kernel/Cargo.toml", uses("store ward")),
            ("crates/events/Cargo.toml", uses("kernel ward")),
            ("crates/rules/Cargo.toml", uses("kernel")),
            ("crates/services/ward/Cargo.toml", uses("kernel events rules nadi")),
            ("crates/nadi/Cargo.toml", uses("ward kernel")),
        ];
        let found = said(check, &files.each_ref().map(|(path, text)| (*path, text.as_str())));
        let expected = [
            "crates/events/Cargo.toml:3: `events` may not depend on `ward`",
            "crates/kernel/Cargo.toml:3: `kernel` may not depend on `ward`",
            "crates/rules/Cargo.toml:2: `rules` may not depend on `kernel`",
            "crates/store/Cargo.toml:2: `store` may not depend on `kernel`",
            "crates/services/ward/Cargo.toml:5: `ward` may not depend on `nadi`",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_tests_of_a_service_may_use_the_testkit() {
        let dev = "[dev-dependencies]\ntestkit.workspace = true\n";
        let files = [
            ("crates/testkit/Cargo.toml", ""),
            ("crates/services/ward/Cargo.toml", dev),
            ("crates/store/Cargo.toml", dev),
        ];
        assert_eq!(said(check, &files), ["crates/store/Cargo.toml:2: `store` may not depend on `testkit`"]);
    }

    #[test]
    fn services_in_a_loop_are_found() {
        let (a, b, c) = (uses("kernel b"), uses("c"), uses("a"));
        let dev = "[dev-dependencies]\na.workspace = true\n";
        let files = [
            ("crates/services/a/Cargo.toml", a.as_str()),
            ("crates/services/b/Cargo.toml", &b),
            ("crates/services/c/Cargo.toml", &c),
            ("crates/services/d/Cargo.toml", dev),
        ];
        let found = said(check, &files);
        assert_eq!(found.len(), 3, "{found:?}");
        assert_eq!(found[0], "crates/services/a/Cargo.toml:3: the services `a` and `b` form a loop");
    }

    #[test]
    fn a_crate_no_layer_knows_is_found() {
        let found = said(check, &[("crates/surprise/Cargo.toml", "")]);
        assert!(found[0].starts_with("crates/surprise/Cargo.toml:1: no layer knows the crate `surprise`"), "{found:?}");
    }
}
