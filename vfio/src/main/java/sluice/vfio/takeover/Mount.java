package sluice.vfio.takeover;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import sluice.vfio.discovery.BlockDevice;
import sluice.vfio.discovery.Host;
import sluice.vfio.discovery.Processes;

/**
 * A file system that some process sees.
 *
 * @param number major and minor number of its device; of no device's for some file systems (btrfs)
 * @param source what was mounted: {@code /dev/nvme0n1p1}
 * @param point where
 * @param process one that sees it
 */
record Mount(String number, String source, String point, String process) {
  /** The mounts of all mount namespaces, each namespace once. */
  static List<Mount> all(Host host) {
    List<Mount> mounts = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Path process : Processes.all(host)) {
      String namespace = namespace(process);
      if (seen.contains(namespace)) {
        continue;
      }
      List<String> lines = Host.lines(process.resolve("mountinfo"));
      lines.forEach(line -> add(mounts, line, Host.name(process)));
      // One that ended meanwhile told nothing: its namespace is for the next process to tell.
      if (!lines.isEmpty()) {
        seen.add(namespace);
      }
    }
    return mounts;
  }

  /** Its identity; the process's own name if that cannot be read, so that nothing is left out. */
  private static String namespace(Path process) {
    try {
      return Files.readSymbolicLink(process.resolve("ns/mnt")).toString();
    } catch (IOException | UnsupportedOperationException e) {
      return Host.name(process);
    }
  }

  /**
   * Reads a line of mountinfo (proc(5)): {@code 36 35 98:0 /root /point options … - type source
   * options}.
   */
  private static void add(List<Mount> mounts, String line, String process) {
    String[] words = line.split(" ");
    for (int i = 6; i + 2 < words.length; i++) {
      if (words[i].equals("-")) {
        mounts.add(new Mount(words[2], unescape(words[i + 2]), unescape(words[4]), process));
        return;
      }
    }
  }

  /** Spaces and the like are written as {@code \040}. */
  static String unescape(String text) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.startsWith("\\", i) && text.substring(i + 1).matches("(?s)[0-7]{3}.*")) {
        plain.append((char) Integer.parseInt(text.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        plain.append(text.charAt(i));
      }
    }
    return plain.toString();
  }

  /** Whether it is of this device. */
  boolean isOf(BlockDevice device) {
    return number.equals(device.number()) || source.equals(device.file());
  }
}
