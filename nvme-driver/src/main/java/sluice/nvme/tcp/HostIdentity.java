package sluice.nvme.tcp;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who this machine is to a subsystem: what nvme-cli has set down in {@code /etc/nvme}, or else what
 * follows from the machine's own identifier, so that it stays.
 *
 * @param name NQN
 * @param id identifier
 */
record HostIdentity(String name, UUID id) {
  private static final Path ETC = Path.of("/etc");
  private static final String UUID_NAME = "nqn.2014-08.org.nvmexpress:uuid:";
  private static final Pattern AS_UUID =
      Pattern.compile("(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  static HostIdentity ofThisMachine() {
    return in(ETC);
  }

  /**
   * @param etc where the files are
   */
  static HostIdentity in(Path etc) {
    String name = line(etc.resolve("nvme/hostnqn"));
    UUID id = uuid(line(etc.resolve("nvme/hostid")));
    if (id == null) {
      id = uuid(name);
    }
    if (id == null) {
      String machine = line(etc.resolve("machine-id"));
      id =
          machine.isEmpty()
              ? UUID.randomUUID()
              : UUID.nameUUIDFromBytes(("sluice " + machine).getBytes(StandardCharsets.UTF_8));
    }
    return new HostIdentity(name.isEmpty() ? UUID_NAME + id : name, id);
  }

  private static UUID uuid(String text) {
    Matcher found = AS_UUID.matcher(text);
    return found.find() ? UUID.fromString(found.group()) : null;
  }

  /** A file's first line; empty if there is none. */
  private static String line(Path file) {
    try {
      return Files.readString(file).lines().findFirst().orElse("").strip();
    } catch (IOException e) {
      return "";
    }
  }
}
