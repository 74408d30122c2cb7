//! Files of the command line: read whole, written whole or not at all, and named in every error.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::Failure;

/// How the names of files begin that are not finished.
const UNFINISHED: &str = ".slotwise-";

/// The text of a file.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| cannot("read", path, &error))
}

/// The text of a file; none if there is no such file.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(cannot("read", path, &error)),
    }
}

/// Replaces a file by `content` in one step: whoever reads it sees the old or the new, and after an error the old is
/// still there.
pub(crate) fn write(path: &Path, content: &str) -> Result<(), Failure> {
    write_bytes(path, content.as_bytes())
}

/// [`write`] for what is not text.
pub(crate) fn write_bytes(path: &Path, content: &[u8]) -> Result<(), Failure> {
    replace(path, content).map_err(|error| cannot("write", path, &error))
}

/// Removes a file, if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(cannot("remove", path, &error))
        }
        _ => Ok(()),
    }
}

/// The names of all that is in a folder, sorted.
pub(crate) fn names_in(folder: &Path) -> Result<Vec<String>, Failure> {
    let entries = fs::read_dir(folder).map_err(|error| cannot("read", folder, &error))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| cannot("read", folder, &error))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Creates a folder and those above it, unless they are there.
pub(crate) fn create_folder(path: &Path) -> Result<(), Failure> {
    fs::create_dir_all(path).map_err(|error| cannot("create", path, &error))
}

/// Removes folders, the innermost first, as far as nothing is in them.
pub(crate) fn remove_empty(folders: &[&Path]) {
    // Whatever another process has put there stays; that is no error.
    let _ = folders.iter().try_for_each(fs::remove_dir);
}

/// Lets `fill` write a file bit by bit; it takes the place of an older one when it is whole.
pub(crate) fn stream<T>(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut unfinished = Unfinished::new(path)?;
    let result = fill(&mut unfinished.file)?;
    unfinished.finish()?;
    Ok(result)
}

/// A file that is written bit by bit and appears under its name when it is whole.
#[derive(Debug)]
pub(crate) struct Unfinished {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl Unfinished {
    pub(crate) fn new(path: &Path) -> Result<Self, Failure> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let file = new_file().tempfile_in(folder);
        let file = file.map_err(|error| cannot("write", path, &error))?;
        Ok(Self {
            file: BufWriter::with_capacity(1 << 16, file),
            path: path.into(),
        })
    }

    pub(crate) fn write(&mut self, content: &[u8]) -> Result<(), Failure> {
        let written = self.file.write_all(content);
        written.map_err(|error| cannot("write", &self.path, &error))
    }

    /// Puts it into its place.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        let Self { file, path } = self;
        let file = file.into_inner().map_err(io::IntoInnerError::into_error);
        file.and_then(|file| Ok(file.persist(&path)?))
            .map_err(|error| cannot("write", &path, &error))?;
        Ok(())
    }
}

impl Write for Unfinished {
    fn write(&mut self, content: &[u8]) -> io::Result<usize> {
        self.file.write(content)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Removes what a process that was killed had not finished writing to a folder.
pub(crate) fn remove_unfinished(folder: &Path) -> Result<(), Failure> {
    let unfinished = names_in(folder)?.into_iter();
    unfinished
        .filter(|name| name.starts_with(UNFINISHED))
        .try_for_each(|name| remove(&folder.join(name)))
}

fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let before = match fs::metadata(path) {
        // A pipe or a terminal (`/dev/stdout`) is written to, never replaced.
        Ok(before) if !before.is_file() => return fs::write(path, content),
        before => before.ok(),
    };
    // A symbolic link stays one; the file that it names is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.into());
    let folder = target
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = new_file().tempfile_in(folder)?;
    file.write_all(content)?;
    if let Some(before) = before {
        file.as_file().set_permissions(before.permissions())?;
    }
    file.persist(target)?;
    Ok(())
}

/// A temporary file with the permissions of any new file; by itself it would be private.
fn new_file() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

/// The failure to do something with a file.
pub(crate) fn cannot(verb: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::Outside(format!("cannot {verb} `{}`: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pools.json");
        assert_eq!(read_if_there(&path), Ok(None));
        write(&path, "old").unwrap();
        write(&path, "new").unwrap();
        assert_eq!(read(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn errors_name_the_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("pools.json");
        for failure in [read(&path).unwrap_err(), write(&path, "").unwrap_err()] {
            assert!(failure.to_string().contains("missing"), "{failure}");
        }
        assert!(write(folder.path(), "").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a"), folder.path().join("b"));
        write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        write(&link, "new").unwrap();
        assert_eq!(read(&path).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }
}
