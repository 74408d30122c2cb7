//! The JSON Schema of scenario files, from the very types that read them.

use schemars::generate::SchemaSettings;

use super::syntax::ScenarioSyntax;

/// The JSON Schema (draft 2020-12) as indented JSON with a newline at the end, for editors and other programs.
pub fn schema() -> String {
    let schema = SchemaSettings::draft2020_12()
        .for_deserialize()
        .into_generator()
        .into_root_schema_for::<ScenarioSyntax>();
    format!("{:#}\n", schema.to_value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_knows_the_keys_and_every_distribution() {
        let schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
        assert_eq!(schema["additionalProperties"], false);
        assert!(schema["properties"]["pools"].is_object());
        let kinds = schema["$defs"]["Distribution"]["oneOf"].as_array().unwrap();
        assert_eq!(kinds.len(), crate::random::Distribution::FAMILIES.len());
    }
}
