package sluice.bench.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import sluice.nvme.DriveAddress;

/**
 * Which of several drives a job is on: those that its {@code filename} names, by numbers from 0, by
 * addresses, or by the files that they are; without one all of them, as if it named them all.
 */
public final class DriveChoice {
  /** More drives than there can be. */
  private static final int MOST_DIGITS = 6;

  private DriveChoice() {}

  /**
   * @param drives their addresses; null of one that has none
   * @return numbers of drives, each once, in the order in which the job names them; at least one
   * @throws IllegalArgumentException if it names what is none of them
   */
  public static List<Integer> of(JobOptions job, List<DriveAddress> drives) {
    List<Integer> all = IntStream.range(0, drives.size()).boxed().toList();
    List<String> names = DriveNames.names(job);
    if (drives.size() == 1 || names.isEmpty()) {
      return all;
    }
    List<Integer> chosen = new ArrayList<>();
    for (String name : names) {
      int drive = find(job, name, drives);
      if (!chosen.contains(drive)) {
        chosen.add(drive);
      }
    }
    return chosen;
  }

  private static int find(JobOptions job, String name, List<DriveAddress> drives) {
    boolean isNumber =
        name.matches("[0-9]{1," + MOST_DIGITS + "}") && Integer.parseInt(name) < drives.size();
    DriveAddress wanted =
        DriveNames.isAddress(name)
            ? DriveAddress.parse(name)
            : new DriveAddress("virtual", name, Map.of());
    List<Integer> found =
        isNumber
            ? List.of(Integer.parseInt(name))
            : IntStream.range(0, drives.size())
                .filter(drive -> wanted.equals(drives.get(drive)))
                .boxed()
                .toList();
    if (found.size() == 1) {
      return found.getFirst();
    }
    String why =
        found.isEmpty()
            ? "is none of the %d drives: give a number from 0 to %d, or one's address"
                .formatted(drives.size(), drives.size() - 1)
            : "is the address of several drives: give their numbers, as %d:%d"
                .formatted(found.getFirst(), found.getLast());
    throw new IllegalArgumentException(
        "%s: job %s: filename %s %s".formatted(job.where(), job.name(), Values.quote(name), why));
  }
}
