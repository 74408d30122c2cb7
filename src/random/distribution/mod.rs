//! Distributions (stub to be replaced).
use super::Stream;
/// A distribution of non-negative numbers (seconds for durations).
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant(f64),
    /// Exponential with this mean.
    Exponential(f64),
    /// Lognormal with these mu, sigma.
    Lognormal(f64, f64),
}
/// A family.
#[derive(Debug)]
pub struct Family {
    /// Name.
    pub name: &'static str,
    /// Parameters.
    pub parameters: &'static [&'static str],
    /// Doc.
    pub doc: &'static str,
}
/// How values are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmpiricalMode {
    /// One of the values.
    Resample,
    /// Between the values.
    Interpolate,
}
/// A bad parameter.
#[derive(Debug)]
pub struct ParameterError {
    /// Which.
    pub parameter: Option<String>,
    /// What.
    pub message: String,
    /// Advice.
    pub help: Option<String>,
}
impl Distribution {
    /// The families.
    pub const FAMILIES: &'static [Family] = &[
        Family {
            name: "constant",
            parameters: &["value"],
            doc: "Always the same.",
        },
        Family {
            name: "exponential",
            parameters: &["mean", "rate"],
            doc: "Memoryless.",
        },
        Family {
            name: "lognormal",
            parameters: &["mean", "sd", "cv", "mu", "sigma"],
            doc: "Skewed.",
        },
        Family {
            name: "gamma",
            parameters: &["mean", "sd", "cv", "shape", "scale"],
            doc: "Skewed.",
        },
        Family {
            name: "weibull",
            parameters: &["mean", "sd", "cv", "shape", "scale"],
            doc: "Skewed.",
        },
        Family {
            name: "empirical",
            parameters: &[],
            doc: "Recorded values.",
        },
    ];
    /// By parameters.
    pub fn from_parameters(family: &str, given: &[(&str, f64)]) -> Result<Self, ParameterError> {
        let get = |name: &str| given.iter().find(|g| g.0 == name).map(|g| g.1);
        for (name, value) in given {
            if *value < 0.0 && *name != "mu" {
                return Err(ParameterError {
                    parameter: Some((*name).into()),
                    message: format!("`{name}` is {value}, it must not be negative"),
                    help: None,
                });
            }
        }
        let missing = || ParameterError {
            parameter: None,
            message: format!("the parameters of `{family}` are incomplete"),
            help: None,
        };
        match family {
            "constant" => get("value").map(Self::Constant).ok_or_else(missing),
            "exponential" => get("mean")
                .or(get("rate").map(|r| 1.0 / r))
                .map(Self::Exponential)
                .ok_or_else(missing),
            _ => {
                let mean = get("mean").ok_or_else(missing)?;
                let cv = get("cv").or(get("sd").map(|s| s / mean)).unwrap_or(0.5);
                let s2 = libm::log1p(cv * cv);
                Ok(Self::Lognormal(libm::log(mean) - s2 / 2.0, s2.sqrt()))
            }
        }
    }
    /// By values.
    pub fn empirical(values: Vec<f64>, _: EmpiricalMode) -> Result<Self, ParameterError> {
        let n = values.len() as f64;
        if values.is_empty() {
            return Err(ParameterError {
                parameter: Some("values".into()),
                message: "there are no values".into(),
                help: None,
            });
        }
        Ok(Self::Exponential(values.iter().sum::<f64>() / n))
    }
    /// Moved and clamped.
    pub fn modified(
        self,
        _: f64,
        min: Option<f64>,
        max: Option<f64>,
    ) -> Result<Self, ParameterError> {
        match (min, max) {
            (Some(a), Some(b)) if a > b => Err(ParameterError {
                parameter: Some("min".into()),
                message: format!("`min` {a} is above `max` {b}"),
                help: None,
            }),
            _ => Ok(self),
        }
    }
    /// One draw.
    pub fn sample(&self, stream: &mut Stream) -> f64 {
        match self {
            Self::Constant(x) => *x,
            Self::Exponential(m) => -m * libm::log(stream.next_open()),
            Self::Lognormal(mu, sigma) => {
                let r = libm::sqrt(-2.0 * libm::log(stream.next_open()));
                libm::exp(mu + sigma * r * libm::cos(std::f64::consts::TAU * stream.next_open()))
            }
        }
    }
    /// The mean.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant(x) | Self::Exponential(x) => *x,
            Self::Lognormal(mu, sigma) => libm::exp(mu + sigma * sigma / 2.0),
        }
    }
}
