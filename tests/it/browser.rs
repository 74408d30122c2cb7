//! Pages in a real browser: nothing is loaded, nothing fails, tables sort, and the timeline can be looked at closely.
//!
//! Without Chromium the test says so and does nothing, unless `SLOTWISE_BROWSER=required` asks for it, as `.ci/run` does.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// A pool whose name would break the page if it were not escaped, and work for two others.
const SCENARIO: &str = r#"
name: "</title><script>document.title = 'broken'</script>"
description: "<img src=x onerror=\"document.title='broken'\">"
horizon: 2d
pools:
  "<script>document.title='broken'</script>": 1
  warehouse: 2
  idle: 9
dags:
  reports:
    schedule: {poisson: {rate: 10 per hour}}
    tasks:
      serve: {pool: warehouse, duration: {exponential: {mean: 8m}}}
      tell: {pool: "<script>document.title='broken'</script>", duration: {constant: 1m}}
  quick:
    schedule: "*/5 * * * *"
    tasks: {look: {pool: idle, duration: {constant: 5s}}}
policies:
  narrow_at_noon:
    pools: [warehouse]
    size: {schedule: [{cron: "0 11 * * *", slots: 1}, {cron: "0 12 * * *", slots: 2}]}
objectives:
  - {pool: warehouse, indicator: pool_wait_p95, at_most: 1m}
"#;

/// Runs before anything else in the page.
const BEFORE: &str = "<script>window.failures = []; \
    window.addEventListener('error', (event) => failures.push(String(event.message))); \
    const error = console.error; console.error = (...all) => { failures.push(all.join(' ')); error(...all); };</script>";

/// Looks whether there is nothing wrong with any page.
const LOOK: &str = r#"<script>
const found = { failures, title: document.title };
found.tables = document.querySelectorAll("table").length;
found.unsorted = 0;
for (const table of document.querySelectorAll("table")) {
  for (const heading of table.tHead.rows[0].cells) {
    const values = () => [...table.tBodies[0].rows].map((row) => row.cells[heading.cellIndex])
      .filter((cell) => cell.dataset.value !== undefined).map((cell) => Number(cell.dataset.value));
    heading.querySelector("button").click();
    const falling = values();
    if (falling.some((value, at) => at > 0 && value > falling[at - 1])) found.unsorted += 1;
    if (heading.getAttribute("aria-sort") !== "descending") found.unsorted += 1;
  }
}
found.unnamed = [...document.querySelectorAll("figure")].filter((one) => !one.getAttribute("aria-label")).length;
// What a colour comes to, and how it stands out from the ground: WCAG 2, 1.4.3.
const light = (color) => {
  const parts = color.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255);
  const [r, g, b] = parts.map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = light(getComputedStyle(document.body).backgroundColor);
const contrast = (color) => {
  const text = light(color);
  return (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
};
found.ground = ground;
const texts = [...document.querySelectorAll("h1, h2, p, td, th, li, caption, dt, dd, svg text")];
const colors = texts.map((text) => text instanceof SVGElement ? getComputedStyle(text).fill : getComputedStyle(text).color);
found.contrast = Math.min(...colors.map(contrast));
found.lines = [...document.querySelectorAll("svg text")].length;
found.resources = performance.getEntriesByType("resource").map((entry) => entry.name);
found.wide = document.documentElement.scrollWidth > innerWidth;
const pre = document.createElement("pre");
pre.id = "found";
pre.textContent = JSON.stringify(found);
document.body.append(pre);
</script>"#;

/// Uses the page as a reader would, and leaves what it found in the document.
const AFTER: &str = r#"<script>
const found = { failures, title: document.title };
const pools = [...document.querySelectorAll("table")].find((table) => table.caption.textContent === "Pools");
const rows = () => pools.tBodies[0].rows;
const tries = () => [...rows()].map((row) => Number(row.cells[9].textContent));
const button = pools.tHead.rows[0].cells[9].querySelector("button");
found.unsorted = tries();
button.click();
found.falling = tries();
button.click();
found.rising = tries();
const occupancy = document.getElementById("timeline").previousElementSibling;
const svg = occupancy.querySelector("svg.chart");
const bounds = svg.getBoundingClientRect();
const point = (kind, share) => svg.dispatchEvent(new PointerEvent(kind, { bubbles: true,
  clientX: bounds.left + bounds.width * share, clientY: bounds.top + bounds.height / 2 }));
point("pointermove", 0.5);
found.values = document.querySelector(".values").textContent;
const plot = () => svg.querySelector("g polygon, g polyline").getAttribute("transform");
found.whole = plot();
for (const [kind, share] of [["pointerdown", 0.4], ["pointermove", 0.6], ["pointerup", 0.6]]) point(kind, share);
found.zoomed = plot();
found.marks = svg.querySelectorAll("g text").length;
svg.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
found.again = plot();
found.resources = performance.getEntriesByType("resource").map((entry) => entry.name);
found.wide = document.documentElement.scrollWidth > innerWidth;
found.unnamed = [...document.querySelectorAll("figure")].filter((one) => !one.getAttribute("aria-label")).length;
const pre = document.createElement("pre");
pre.id = "found";
pre.textContent = JSON.stringify(found);
document.body.append(pre);
</script>"#;

/// How the browser is started so that it does nothing by itself.
const QUIETLY: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// The command of the browser; none if there is none.
#[expect(
    clippy::print_stdout,
    reason = "whoever reads the log must see what was not tested"
)]
fn chromium() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let works = |name: &&str| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    let found = names.into_iter().find(works);
    let is_required = std::env::var("SLOTWISE_BROWSER").is_ok_and(|value| value == "required");
    assert!(found.is_some() || !is_required, "there is no Chromium");
    if found.is_none() {
        println!("skipped: there is no Chromium");
    }
    found
}

/// How the reader likes pages.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Light,
    Dark,
}

/// What the reader found in the page, in a window of that width.
fn read(browser: &str, page: &Path, (width, scheme): (u32, Scheme), after: &str) -> Value {
    let html = fs::read_to_string(page).unwrap();
    let html = html.replacen("<head>", &format!("<head>{BEFORE}"), 1);
    let html = html.replacen("</body>", &format!("{after}</body>"), 1);
    let used = page.with_extension("used.html");
    fs::write(&used, html).unwrap();
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new(browser)
        .args(QUIETLY)
        .arg("--dump-dom")
        .args(match scheme {
            Scheme::Light => None,
            Scheme::Dark => Some("--blink-settings=preferredColorScheme=0"),
        })
        .arg(format!("--window-size={width},900"))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}", used.display()))
        .output()
        .unwrap();
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    let found = dom.rsplit_once("<pre id=\"found\">").expect(&dom).1;
    let json = found.split_once("</pre>").unwrap().0;
    let json = json
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    serde_json::from_str(&json).unwrap()
}

#[test]
fn the_page_of_a_run_works_in_a_browser() {
    let Some(browser) = chromium() else { return };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("scenario.yaml"), SCENARIO).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
        .args(["run", "scenario.yaml", "--out", "out"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "the objective is missed");
    let page = folder.path().join("out/report.html");
    for width in [1_200, 500] {
        let found = read(browser, &page, (width, Scheme::Light), AFTER);
        assert_eq!(found["failures"], serde_json::json!([]), "{found}");
        assert_eq!(found["resources"], serde_json::json!([]), "{found}");
        let title = found["title"].as_str().unwrap();
        assert!(title.starts_with("</title><script>"), "{title}");
        assert_eq!(
            found["wide"], false,
            "the page itself does not scroll sideways"
        );
        assert_eq!(found["unnamed"], 0);

        let list = |key: &str| -> Vec<u64> {
            let values = found[key].as_array().unwrap().iter();
            values.map(|value| value.as_u64().unwrap()).collect()
        };
        let mut sorted = list("unsorted");
        sorted.sort_unstable();
        assert_eq!(list("rising"), sorted);
        sorted.reverse();
        assert_eq!(list("falling"), sorted);

        let values = found["values"].as_str().unwrap();
        assert!(
            values.contains(" UTC\n") && values.contains("warehouse: 2 slots, "),
            "{values}"
        );
        assert!(values.contains("\nwarehouse: 1 → 2: "), "{values}");
        assert_eq!(found["whole"], Value::Null);
        let zoomed = found["zoomed"].as_str().unwrap();
        let factor: f64 = zoomed
            .trim_start_matches("matrix(")
            .split(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        // A fifth of the picture's width of 1,000, of a plot that is 880 wide.
        assert!((factor - 4.4).abs() < 0.05, "{zoomed}");
        assert_eq!(found["marks"], 7);
        assert!(
            found["again"].as_str().unwrap().starts_with("matrix(1 "),
            "{found}"
        );
    }
}

#[test]
fn the_page_of_every_command_is_sound() {
    let Some(browser) = chromium() else { return };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("scenario.yaml"), SCENARIO).unwrap();
    let sweep = "sweep={pools.warehouse.slots: [2, 3], scale.arrivals: [1, 2]}";
    let policies = "policies={as_is: {}, \"<script>document.title='broken'</script>\": {pools: [warehouse], \
        size: {schedule: [{cron: '0 0 * * *', slots: 3}]}}}";
    let commands: [&[&str]; 6] = [
        &["run", "scenario.yaml", "--policy", "narrow_at_noon"],
        &["run", "scenario.yaml", "-n", "3"],
        &["compare", "scenario.yaml", "-n", "3", "--set", policies],
        &["select", "scenario.yaml", "-n", "3", "--set", policies],
        &["sweep", "scenario.yaml", "-n", "3", "--set", sweep],
        &[
            "sensitivity",
            "scenario.yaml",
            "-n",
            "3",
            "--indicator",
            "pool_wait_p95",
        ],
    ];
    for (at, command) in commands.into_iter().enumerate() {
        let out = format!("{}{at}", command[0]);
        let output = Command::new(env!("CARGO_BIN_EXE_slotwise"))
            .args(command)
            .args(["--out", &out])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let code = output.status.code();
        assert!(matches!(code, Some(0 | 3)), "{output:?}");
        let page = folder.path().join(&out).join("report.html");
        for title in sound(browser, &page) {
            assert!(title.starts_with("</title><script>"), "{title}");
        }
    }
}

#[test]
#[cfg(feature = "sqlite")]
fn the_page_of_a_calibration_is_sound() {
    let Some(browser) = chromium() else { return };
    let site = crate::import_airflow::Site::of_airflow_3();
    site.import(&[]);
    let page = site.out().join("calibration/report.html");
    let titles = sound(browser, &page);
    assert_eq!(titles, ["What durations are drawn from · slotwise"; 2]);
}

/// Looks at a page light and dark, wide and narrow, and at its print; its titles then.
fn sound(browser: &str, page: &Path) -> [String; 2] {
    let size = fs::metadata(page).unwrap().len();
    assert!(size < 2_000_000, "{size} bytes");
    let readers = [(1_200, Scheme::Light), (500, Scheme::Dark)];
    let titles = readers.map(|(width, scheme)| {
        let found = read(browser, page, (width, scheme), LOOK);
        assert_eq!(found["failures"], serde_json::json!([]), "{found}");
        assert_eq!(found["resources"], serde_json::json!([]), "{found}");
        assert_eq!(found["wide"], false, "{found}");
        assert!(found["tables"].as_u64() > Some(0), "{found}");
        assert_eq!(found["unsorted"], 0, "{found}");
        assert_eq!(found["unnamed"], 0, "{found}");
        assert!(
            found["lines"].as_u64() > Some(5),
            "a chart has text: {found}"
        );
        let ground = found["ground"].as_f64().unwrap();
        assert_eq!(ground < 0.2, scheme == Scheme::Dark, "{found}");
        assert!(found["contrast"].as_f64() >= Some(4.5), "{found}");
        found["title"].as_str().unwrap().to_owned()
    });
    printed(browser, page);
    titles
}

/// The page can be printed: to a PDF of at least one sheet.
fn printed(browser: &str, page: &Path) {
    let profile = tempfile::tempdir().unwrap();
    let pdf = page.with_extension("pdf");
    let output = Command::new(browser)
        .args(QUIETLY)
        .arg("--no-pdf-header-footer")
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let bytes = fs::read(&pdf).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert!(bytes.starts_with(b"%PDF-") && bytes.len() > 10_000);
}
