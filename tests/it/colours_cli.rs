//! Colours are for people who look, and they say nothing that the words do not say.

use anstream::adapter::strip_str;

use crate::sweep_cli::{SWEEP, Site, answer};

#[test]
fn colours_are_only_where_they_are_seen_and_change_no_word() {
    let site = Site::new(SWEEP);
    for command in [
        "run scenario.yaml --out none",
        "run scenario.yaml -n 2 --out none",
        "compare scenario.yaml -n 2 --out none",
        "select scenario.yaml -n 2 --out none",
        "sensitivity scenario.yaml -n 2 --out none",
        "sweep scenario.yaml -n 2 --out results",
    ] {
        let arguments: Vec<&str> = command.split(' ').collect();
        let with = |variables: &[(&str, &str)]| {
            let mut command = site.command(&arguments);
            command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
            answer(command.envs(variables.iter().copied()))
        };
        let (code, piped, said) = with(&[]);
        assert!(code == 0 || code == 3, "{command}: {said}");
        assert!(!piped.contains('\u{1b}') && !said.contains('\u{1b}'));
        let (_, coloured, said_in_colour) = with(&[("CLICOLOR_FORCE", "1")]);
        if !command.contains("-n 2") {
            assert!(coloured.contains("\u{1b}["), "{command}: {coloured}");
        }
        assert_eq!(strip_str(&coloured).to_string(), piped, "{command}");
        assert_eq!(strip_str(&said_in_colour).to_string(), said, "{command}");
        let (_, refused, _) = with(&[("NO_COLOR", "1")]);
        assert_eq!(refused, piped, "{command}");
    }
}
