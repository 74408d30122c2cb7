//! Typed indices: inside a run everything is an index into a `Vec`, and names live in the deployment.

use std::fmt;

macro_rules! typed_index {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $name {
            /// The id of position `index`; positions beyond `u32::MAX` are refused by the scenario's size bounds.
            pub const fn new(index: usize) -> Self {
                Self(index as u32)
            }

            /// The position this id stands for.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

typed_index!(
    /// A pool of the deployment.
    PoolId
);
typed_index!(
    /// A DAG of the deployment.
    DagId
);
typed_index!(
    /// A task of the deployment, counted over all DAGs: the tasks of one DAG stand together.
    TaskId
);
typed_index!(
    /// An asset that tasks write and DAGs listen to.
    AssetId
);
typed_index!(
    /// Something that pools protect.
    ResourceId
);
typed_index!(
    /// Something that an operator does, by its place in the deployment.
    EventId
);
typed_index!(
    /// A DAG run that is alive: a row that is used again when the run has ended.
    RunId
);
typed_index!(
    /// A task instance that is alive: a row that is used again when its run has ended.
    InstanceId
);
