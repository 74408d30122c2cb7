//! Charts, one file each, drawn alike as SVG and PNG.
