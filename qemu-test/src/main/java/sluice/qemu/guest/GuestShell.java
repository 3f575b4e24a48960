package sluice.qemu.guest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import sluice.support.text.Units;

/**
 * Runs a command in a guest, by hand: the command's output and the guest's exit status become this
 * program's. The classes of this program are on the class path of Java in the guest.
 *
 * <pre>
 *   GuestShell [--kernel stock|small] [--drive SIZE[,lba=BYTES]]… [--bind] [--memory SIZE]
 *              [--processors N] [--kernel-argument WORD]… [--deadline DURATION] COMMAND…
 * </pre>
 *
 * <p>With {@code --bind} each drive is given to vfio-pci first, and DRIVE0, DRIVE1 and so on have
 * the addresses of the functions. Without a command: one drive, bound, and what the guest sees of
 * it.
 */
public final class GuestShell {
  private GuestShell() {}

  public static void main(String[] arguments) {
    GuestMachine machine = new GuestMachine();
    List<String> words = new ArrayList<>(List.of(arguments));
    Duration deadline = Duration.ofMinutes(5);
    boolean bind = false;
    int drives = 0;
    while (!words.isEmpty() && words.getFirst().startsWith("--")) {
      switch (words.removeFirst()) {
        case "--bind" -> bind = true;
        case "--drive" -> {
          String[] parts = words.removeFirst().split(",lba=", 2);
          machine.drive(drive ->
              drive.size(parts[0]).lba(parts.length == 1 ? 512 : Integer.parseInt(parts[1])));
          drives++;
        }
        case "--kernel-argument" -> machine.kernelArgument(words.removeFirst());
        case "--kernel" -> machine.kernel(GuestKernel.named(words.removeFirst()));
        case "--memory" -> machine.memory(words.removeFirst());
        case "--processors" -> machine.processors(Integer.parseInt(words.removeFirst()));
        case "--deadline" -> deadline = Duration.ofNanos(Units.parseDuration(words.removeFirst()));
        default ->
            throw new IllegalArgumentException("an unknown option: see GuestShell's description");
      }
    }
    System.exit(run(machine, drives, bind, deadline, String.join(" ", words)));
  }

  private static int run(
      GuestMachine machine, int drives, boolean bind, Duration deadline, String words) {
    long start = System.nanoTime();
    try (Guest guest = Guest.boot(machine)) {
      say(guest, "up", start);
      StringBuilder command = new StringBuilder();
      for (int i = 0; i < drives; i++) {
        String address = bind ? guest.bind(i) : guest.address(i);
        command.append("export DRIVE").append(i).append('=').append(address).append('\n');
      }
      command.append(words);
      GuestResult result =
          guest.run(command.toString(), deadline, bytes -> System.out.writeBytes(bytes));
      System.out.flush();
      say(guest, "status " + result.status(), start);
      return result.status();
    }
  }

  private static void say(Guest guest, String what, long start) {
    System.err.printf(
        "guest: %s after %.1f s, %.1f s of them processor time%n",
        what, (System.nanoTime() - start) / 1e9, guest.processorTime().toMillis() / 1e3);
  }
}
