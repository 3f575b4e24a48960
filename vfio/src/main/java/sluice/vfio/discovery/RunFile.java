package sluice.vfio.discovery;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import sluice.support.linux.WholeFile;

/**
 * A line about a function in a file below {@code /run/sluice}, kept until the machine starts anew.
 *
 * <p>It is believed only where nobody but root and this user can have written it: neither the file
 * nor its folders may be links, be somebody else's, or be open to be written by others. Nothing is
 * ever written through what is there: a new file takes its place, whole or not at all.
 */
public final class RunFile {
  /** The drivers that functions had before they were bound. */
  public static final String DRIVERS = "drivers";

  /** By what the kernel's driver knew their drives. */
  static final String IDENTITIES = "identities";

  /** Far more than a driver's name, or a drive's. */
  private static final int MOST_BYTES = 4096;

  private static final int ROOT = 0;
  private static final int TYPE_MASK = 0170000;
  private static final int TYPE_FOLDER = 0040000;
  private static final int TYPE_FILE = 0100000;
  private static final int OTHERS_WRITE = 0022;

  private static final FileAttribute<Set<PosixFilePermission>> FOLDER_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x"));
  private static final FileAttribute<Set<PosixFilePermission>> FILE_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"));

  private final Path run;
  private final Path top;
  private final Path folder;
  private final Path file;

  /**
   * @param kind {@link #DRIVERS} or {@link #IDENTITIES}
   */
  public RunFile(PciDevice function, String kind) {
    this.run = function.host().path("run");
    this.top = run.resolve("sluice");
    this.folder = top.resolve(kind);
    this.file = folder.resolve(function.toString());
  }

  /** The line, without the white space around; empty if there is none, or none to be believed. */
  public Optional<String> text() {
    try {
      requireOwn(top, TYPE_FOLDER);
      requireOwn(folder, TYPE_FOLDER);
      requireOwn(file, TYPE_FILE);
      return Files.size(file) > MOST_BYTES
          ? Optional.empty()
          : Host.text(file).filter(text -> text.lines().count() == 1);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Keeps a line.
   *
   * @throws IOException if it cannot be kept: then it is as it was
   */
  public void write(String line) throws IOException {
    Path _ = Files.createDirectories(run);
    makeFolder(top);
    makeFolder(folder);
    WholeFile.write(file, line + "\n", FILE_MODE);
  }

  private static void makeFolder(Path folder) throws IOException {
    try {
      Path _ = Files.createDirectory(folder, FOLDER_MODE);
    } catch (FileAlreadyExistsException e) {
      // As it should be from the second time on.
    }
    requireOwn(folder, TYPE_FOLDER);
  }

  private static void requireOwn(Path path, int type) throws IOException {
    Map<String, Object> is = Files.readAttributes(path, "unix:mode,uid", LinkOption.NOFOLLOW_LINKS);
    int mode = (Integer) is.get("mode");
    int owner = (Integer) is.get("uid");
    if ((mode & TYPE_MASK) != type
        || (mode & OTHERS_WRITE) != 0
        || (owner != ROOT && owner != user())) {
      throw new FileSystemException(
          path.toString(),
          null,
          "it is not a " + (type == TYPE_FILE ? "file" : "folder") + " of root's alone; remove it");
    }
  }

  private static int user() throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  /** Removes it; what cannot be removed is out of date, and replaced the next time. */
  public void delete() {
    try {
      boolean _ = Files.deleteIfExists(file);
    } catch (IOException e) {
      // Nothing is asked of it while the kernel's driver has the function.
    }
  }

  @Override
  public String toString() {
    return file.toString();
  }
}
