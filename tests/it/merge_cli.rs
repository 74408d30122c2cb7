//! `slotwise merge`: the same bytes however the work is split, and what is missing is told.

use std::fs;

use crate::sweep_cli::{SWEEP, Site, answer};

#[test]
fn joined_parts_are_what_one_machine_writes() {
    let site = Site::new(SWEEP);
    let sweep = ["sweep", "scenario.yaml", "-n", "5", "--out"];
    let alone = site.done(&[&sweep[..], &["alone"]].concat());
    for n in [1, 2, 7] {
        let mut folders = Vec::new();
        // In a shared folder, too, and in any order.
        for i in (1..=n).rev() {
            let folder = format!("{n}/{}", i.min(3));
            site.done(&[&sweep[..], &[&folder, "--part", &format!("{i}/{n}")]].concat());
            folders.push(folder);
        }
        folders.dedup();
        // The parts are enough: the scenario may be on another machine.
        fs::rename(site.path().join("scenario.yaml"), site.path().join("away")).unwrap();
        let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
        let joined = site.done(&[&["merge"], &folders[..], &["--out", "joined"]].concat());
        fs::rename(site.path().join("away"), site.path().join("scenario.yaml")).unwrap();
        assert_eq!(joined, alone, "{n} parts");
        assert_eq!(site.files("joined"), site.files("alone"), "{n} parts");
        fs::remove_dir_all(site.path().join("joined")).unwrap();
    }
}

#[test]
fn joined_replications_are_those_of_one_run() {
    let site = Site::new("");
    let run = ["run", "scenario.yaml", "-n", "9", "--seed", "4", "--out"];
    let alone = site.slotwise(&[&run[..], &["alone"]].concat());
    assert_eq!(alone.0, 3, "the objective is missed");
    for n in [1, 2, 7] {
        for i in 1..=n {
            let folder = format!("parts-{n}");
            site.done(&[&run[..], &[&folder, "--part", &format!("{i}/{n}")]].concat());
        }
        let joined = site.slotwise(&["merge", &format!("parts-{n}"), "--out", "joined"]);
        assert_eq!(
            (joined.0, &joined.1),
            (3, &alone.1),
            "{n} parts: {}",
            joined.2
        );
        assert_eq!(site.files("joined"), site.files("alone"), "{n} parts");
    }
}

#[test]
fn joined_comparisons_are_those_of_one_machine() {
    let site = Site::new("");
    // The baseline is not the first, so the words of the command matter, too.
    let all = [
        "compare",
        "scenario.yaml",
        "-n",
        "5",
        "--baseline",
        "larger",
    ];
    let alone = site.slotwise(&[&all[..], &["--out", "alone"]].concat());
    assert_eq!(alone.0, 0, "{}", alone.2);
    for n in [1, 2, 7] {
        let folder = format!("parts-{n}");
        for i in 1..=n {
            let part = format!("{i}/{n}");
            site.done(&[&all[..], &["--out", &folder, "--part", &part]].concat());
        }
        let joined = site.slotwise(&["merge", &folder, "--out", "joined"]);
        assert_eq!((joined.0, &joined.1), (0, &alone.1), "{n}: {}", joined.2);
        let files = site.files("joined");
        assert!(
            files.len() == 8 && files == site.files("alone"),
            "{n} parts"
        );
    }
    // Its first policy misses the objective, as it does alone.
    let first = ["compare", "scenario.yaml", "-n", "2", "--part", "1/1"];
    site.done(&first);
    let joined = site.slotwise(&["merge", "output/reports/compare"]);
    assert_eq!(joined.0, 3, "{}", joined.2);
}

#[test]
fn joined_files_and_joined_knobs_are_those_of_one_machine() {
    let site = Site::new("");
    let text = site.read("scenario.yaml");
    // The other file calls its site otherwise, and its first policy is another one.
    let other = text
        .replace("name: reports", "name: wider reports")
        .replace("warehouse: 2", "warehouse: 3")
        .replace("  as_is: {}\n", "");
    fs::write(site.path().join("wider.yaml"), other).unwrap();
    let files = "compare scenario.yaml wider.yaml -n 5 --baseline wider";
    let knobs =
        "sensitivity scenario.yaml -n 5 --indicator pool_wait_mean --pool warehouse --knob pools";
    for (command, code, usual) in [
        (files, 0, "output/wider_reports/compare"),
        (knobs, 0, "output/reports/sensitivity"),
    ] {
        let all: Vec<&str> = command.split(' ').collect();
        let alone = site.slotwise(&all);
        assert_eq!(alone.0, code, "{}", alone.2);
        let wanted = site.files(usual);
        for n in [1, 2, 7] {
            let folder = format!("{}-{n}", all[0]);
            for i in 1..=n {
                let part = format!("{i}/{n}");
                site.done(&[&all[..], &["--out", &folder, "--part", &part]].concat());
            }
            fs::remove_dir_all(site.path().join(usual)).unwrap();
            let joined = site.slotwise(&["merge", &folder]);
            assert_eq!((joined.0, &joined.1), (code, &alone.1), "{}", joined.2);
            assert_eq!(site.files(usual), wanted, "{command}, {n} parts");
        }
    }
    // Where a part is missing, the others say what they can.
    let all: Vec<&str> = knobs.split(' ').collect();
    site.done(&[&all[..], &["--out", "half", "--part", "2/2"]].concat());
    let (code, stdout, stderr) = site.slotwise(&["merge", "half", "-o", "json"]);
    assert_eq!(code, 4, "{stderr}");
    let ranked: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(ranked["as_is"]["n"], 2, "replications 1 and 3: {stdout}");
    assert_eq!(ranked["replications"], 3, "of one side: {stdout}");
    assert!(
        site.read("output/reports/sensitivity/manifest.json")
            .contains("part 1/2")
    );
}

#[test]
fn pairs_of_a_comparison_stay_pairs_where_parts_are_missing() {
    let site = Site::new("");
    let all = ["compare", "scenario.yaml", "-n", "6", "-o", "json", "--out"];
    site.slotwise(&[&all[..], &["alone"]].concat());
    // Of five parts the second has replications 1 of the first policy, and 0 and 5 of the other.
    for i in [1, 3, 4, 5] {
        let part = format!("{i}/5");
        site.done(&[&all[..], &["parts", "--part", &part]].concat());
    }
    let (code, ..) = site.slotwise(&["merge", "parts", "--out", "joined"]);
    assert_eq!(code, 4);
    let read = |folder: &str| -> serde_json::Value {
        serde_json::from_str(&site.read(&format!("{folder}/comparison.json"))).unwrap()
    };
    let estimates = |whole: &serde_json::Value| {
        let mut figures = whole["figures"].as_array().unwrap().iter();
        let is_it = |it: &&serde_json::Value| {
            it["kind"] == "pool" && it["name"] == "warehouse" && it["indicator"] == "pool_wait_mean"
        };
        figures.find(is_it).unwrap()["estimates"].clone()
    };
    let (whole, joined) = (estimates(&read("alone")), estimates(&read("joined")));
    let counts = [&joined[0], &joined[1], &joined[1]["difference"]].map(|one| one["n"].clone());
    assert_eq!(
        counts,
        [5, 4, 3],
        "of replications 2, 3 and 4 there are both"
    );
    assert_ne!(
        whole[1]["difference"]["mean"],
        joined[1]["difference"]["mean"]
    );
    let manifest = site.read("joined/manifest.json");
    assert!(manifest.contains("\"part 2/5\""), "{manifest}");
}

#[test]
fn missing_parts_are_listed_and_the_others_joined() {
    let site = Site::new(SWEEP);
    let sweep = [
        "sweep",
        "scenario.yaml",
        "-n",
        "4",
        "--out",
        "parts",
        "--part",
    ];
    for part in ["2/4", "3/4"] {
        site.done(&[&sweep[..], &[part]].concat());
    }
    // The second one was interrupted after three of its four cells.
    let journal = "parts/cells-3-of-4.txt";
    let text = site.read(journal);
    let cut = text.trim_end().rfind('\n').unwrap();
    fs::write(site.path().join(journal), &text[..cut + 20]).unwrap();
    let merge = ["merge", "parts", "--out", "joined"];
    let (code, _, stderr) = site.slotwise(&merge);
    assert_eq!(code, 4, "{stderr}");
    for line in [
        "missing: part 1/4\n",
        "missing: part 3/4 lacks 1 of 4 replications: `--resume` finishes it\n",
        "missing: part 4/4\n",
        "error: 3 of 4 parts are missing or unfinished: the results are those of the others\n",
    ] {
        assert!(stderr.contains(line), "{stderr}");
    }
    assert!(site.read("joined/manifest.json").contains("\"part 4/4\""));
    let values = site.read("joined/values.csv");
    assert!(values.contains("\n0,as_is,1,pool,") && !values.contains("\n0,as_is,0,"));
    for part in ["1/4", "3/4", "4/4"] {
        site.done(&[&sweep[..], &[part, "--resume"]].concat());
    }
    site.done(&merge);
    site.done(&["sweep", "scenario.yaml", "-n", "4", "--out", "alone"]);
    assert_eq!(site.files("joined"), site.files("alone"));
    site.done(&["merge", "parts"]);
    let usual = "output/reports/sweep";
    assert_eq!(site.files(usual), site.files("alone"));
}

#[test]
fn what_does_not_belong_together_is_not_joined() {
    let site = Site::new(SWEEP);
    let part = |part: &str, n: &str, out: &str| {
        site.done(&[
            "sweep",
            "scenario.yaml",
            "-n",
            n,
            "--part",
            part,
            "--out",
            out,
        ]);
    };
    part("1/2", "2", "a");
    part("2/2", "3", "b");
    part("2/3", "2", "c");
    let refused = |folders: &[&str], message: &str| {
        let (code, _, stderr) = site.slotwise(&[&["merge"], folders, &["--out", "x"]].concat());
        assert_eq!((code, stderr), (2, format!("error: {message}\n")));
    };
    refused(
        &["a", "b"],
        "`b` holds a part of another plan than `a`, which differs in: replications",
    );
    refused(
        &["a", "c"],
        "some parts are of 2, others of 3: they do not belong together",
    );
    fs::remove_file(site.path().join("a/cells-1-of-2.txt")).unwrap();
    refused(&["a"], "`a` holds no part of a plan");
    let (code, _, stderr) = site.slotwise(&["merge", "nowhere", "--out", "x"]);
    assert_eq!(code, 1);
    assert!(
        stderr.contains("cannot read `nowhere/plan.json`"),
        "{stderr}"
    );
}

#[test]
fn plans_that_decide_in_rounds_cannot_be_split() {
    let precision = "precision: {pool: warehouse, indicator: utilisation, relative: 4%}\n";
    let site = Site::new(&format!("{SWEEP}{precision}"));
    let refused = |arguments: &[&str], said: &str| {
        let (code, _, stderr) = site.slotwise(arguments);
        assert_eq!(code, 2);
        assert!(stderr.contains(said), "{stderr}");
    };
    refused(
        &["run", "scenario.yaml", "--part", "1/2"],
        "use `slotwise run scenario.yaml --replications 10 --part 1/2`",
    );
    refused(
        &["sweep", "scenario.yaml"],
        "use `slotwise sweep scenario.yaml --replications 10`",
    );
    refused(
        &["compare", "scenario.yaml", "--part", "1/2"],
        "use `slotwise compare scenario.yaml --replications 10 --part 1/2`",
    );
    refused(
        &["select", "scenario.yaml", "--part", "env/2"],
        "so it has no parts: use `slotwise sweep scenario.yaml --replications 10 --part env/2`",
    );
    let site = Site::new("");
    let refused = |arguments: &[&str], said: &str| {
        let (code, _, stderr) = site.slotwise(arguments);
        assert_eq!(code, 2);
        assert!(stderr.contains(said), "{stderr}");
    };
    refused(
        &["select", "scenario.yaml", "-n", "6", "--part", "1/2"],
        "so it has no parts: use `slotwise compare scenario.yaml --replications 6 --part 1/2`",
    );
    refused(
        &["run", "scenario.yaml", "--part", "1/2"],
        "a single run has no parts: use `slotwise run scenario.yaml --replications 10 --part 1/2`",
    );
    refused(
        &["sweep", "scenario.yaml"],
        "`scenario.yaml` has no `sweep`",
    );
    let site = Site::new(&format!("{SWEEP}warm_up: auto\n"));
    for command in ["sweep", "sensitivity", "compare"] {
        let (code, _, stderr) = site.slotwise(&[command, "scenario.yaml", "--part", "1/2"]);
        let told = format!("`slotwise {command} scenario.yaml --set warm_up=6h` gives it");
        assert!(code == 2 && stderr.contains(&told), "{stderr}");
    }
}

#[test]
fn an_array_job_tells_its_part() {
    let site = Site::new(SWEEP);
    let sweep = [
        "sweep",
        "scenario.yaml",
        "-n",
        "2",
        "--out",
        "jobs",
        "--part",
        "env/3",
    ];
    let (code, _, stderr) = answer(site.command(&sweep).env("JOB_COMPLETION_INDEX", "1"));
    assert_eq!(
        (code, stderr.as_str()),
        (
            0,
            "part 2/3 is done, in `jobs`: `slotwise merge` joins the parts\n"
        )
    );
    assert!(site.path().join("jobs/cells-2-of-3.txt").exists());
}
