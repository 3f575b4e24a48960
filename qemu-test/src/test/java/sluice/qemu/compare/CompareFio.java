package sluice.qemu.compare;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestKernel;
import sluice.qemu.guest.GuestMachine;
import sluice.qemu.guest.GuestResult;
import sluice.qemu.guest.NewQemu;

/**
 * The same jobs on the same drive by fio on the kernel's driver, and by sluice after the drive was
 * bound to vfio-pci, in turns within one boot. Started by {@code qemu-test/compare-fio}.
 *
 * <p>Drive and processor are emulated: ratios say something about what each does per I/O, and the
 * absolute figures nothing about any machine of metal.
 */
class CompareFio {
  private static final int ROUNDS = Integer.getInteger("compare.rounds", 3);
  private static final int SECONDS = Integer.getInteger("compare.seconds", 5);
  private static final Duration DEADLINE = Duration.ofMinutes(5);

  /** As the launcher starts it, with both compilers: a measurement is worth their time. */
  private static final String SLUICE =
      "/java/bin/java -XX:+UseSerialGC -XX:MaxInlineLevel=40 --enable-native-access=ALL-UNNAMED"
          + " -cp $(cat /app/classpath) sluice.cli.Sluice";

  private enum Contender {
    IO_URING("fio io_uring"),
    LIBAIO("fio libaio"),
    SLUICE("sluice");

    private final String title;

    Contender(String title) {
      this.title = title;
    }
  }

  private record Job(String title, String rw, String bs, int depth) {
    String options() {
      return "--name=%s --rw=%s --bs=%s --iodepth=%d --size=256m --time_based --ramp_time=3 --runtime=%d"
          .formatted(rw, rw, bs, depth, SECONDS);
    }
  }

  private static final List<Job> JOBS =
      List.of(
          new Job("4k random read, QD 1", "randread", "4k", 1),
          new Job("4k random read, QD 32", "randread", "4k", 32),
          new Job("4k random write, QD 32", "randwrite", "4k", 32),
          new Job("128k read, QD 8", "read", "128k", 8),
          new Job("128k write, QD 8", "write", "128k", 8));

  /**
   * I/Os per second, and the mean latency of an I/O in microseconds: submission and completion
   * together, because QEMU does part of its work while the doorbell is written.
   */
  private record Figures(double iops, double latency) {}

  /** Which round this is, for a person to read. */
  private String title;

  private final Map<Contender, List<List<Figures>>> figures = new EnumMap<>(Contender.class);

  @Test
  void compare() throws IOException {
    GuestMachine machine =
        new GuestMachine()
            .kernel(GuestKernel.stock())
            // QEMU 7.2 loses completions when many writes are out, and the kernel waits for them.
            .binary(NewQemu.binary().toString())
            .memory("2G")
            .drive(drive -> drive.size("512M").serial("compared"))
            .program(Path.of("/usr/bin/fio"));
    for (Contender each : Contender.values()) {
      List<List<Figures>> byJob = new ArrayList<>();
      JOBS.forEach(_ -> byJob.add(new ArrayList<>()));
      figures.put(each, byJob);
    }
    try (Guest guest = Guest.boot(machine)) {
      for (int round = 1; round <= ROUNDS; round++) {
        title = "round %d of %d".formatted(round, ROUNDS);
        kernel(guest);
        guest.check("sync; echo 3 >/proc/sys/vm/drop_caches");
        String address = guest.bind(0);
        sluice(guest, address);
        guest.unbind(0);
      }
    }
    System.out.println(table());
  }

  private void kernel(Guest guest) throws IOException {
    guest.check("until [ -b /dev/nvme0n1 ]; do usleep 50000; done");
    for (int i = 0; i < JOBS.size(); i++) {
      Job job = JOBS.get(i);
      for (Contender engine : List.of(Contender.IO_URING, Contender.LIBAIO)) {
        String command =
            "fio --ioengine=%s --filename=/dev/nvme0n1 --direct=1 --thread --output-format=json %s"
                .formatted(engine.name().toLowerCase(Locale.ROOT), job.options());
        add(engine, i, run(guest, command, job));
      }
    }
  }

  private void sluice(Guest guest, String address) throws IOException {
    for (int i = 0; i < JOBS.size(); i++) {
      Job job = JOBS.get(i);
      String command =
          SLUICE
              + " bench --drive pci:%s --allow-write --output-format=json %s"
                  .formatted(address, job.options());
      add(Contender.SLUICE, i, run(guest, command, job));
    }
  }

  private void add(Contender contender, int job, Figures measured) {
    figures.get(contender).get(job).add(measured);
    System.out.printf(
        "%s: %-11s %-24s %6.0f IOPS%n", title, contender.title, JOBS.get(job).title, measured.iops);
  }

  private static Figures run(Guest guest, String command, Job job) throws IOException {
    GuestResult result = guest.run(command + " 2>/tmp/messages", DEADLINE);
    assertThat(result.status())
        .as("%s%n%s%n%s", command, result.text(), guest.run("cat /tmp/messages").text())
        .isZero();
    String text = result.text();
    Map<String, Object> report = JSON.std.mapFrom(text.substring(text.indexOf('{')));
    Map<?, ?> first = (Map<?, ?>) ((List<?>) report.get("jobs")).getFirst();
    Map<?, ?> direction = (Map<?, ?>) first.get(job.rw.contains("read") ? "read" : "write");
    Map<?, ?> latency = (Map<?, ?>) direction.get("lat_ns");
    return new Figures(
        ((Number) direction.get("iops")).doubleValue(),
        ((Number) latency.get("mean")).doubleValue() / 1000);
  }

  private String table() {
    StringJoiner lines = new StringJoiner("\n");
    lines.add(
        "Medians of rounds (%d) of %d s: I/Os per second, mean latency in us"
            .formatted(ROUNDS, SECONDS));
    lines.add(
        "%-24s %20s %20s %20s %9s %9s"
            .formatted(
                "",
                Contender.IO_URING.title,
                Contender.LIBAIO.title,
                Contender.SLUICE.title,
                "IOPS",
                "latency"));
    for (int i = 0; i < JOBS.size(); i++) {
      Figures uring = median(figures.get(Contender.IO_URING).get(i));
      Figures aio = median(figures.get(Contender.LIBAIO).get(i));
      Figures own = median(figures.get(Contender.SLUICE).get(i));
      Figures best = uring.iops >= aio.iops ? uring : aio;
      lines.add(
          "%-24s %11.0f %8.1f %11.0f %8.1f %11.0f %8.1f %8.2fx %8.2fx"
              .formatted(
                  JOBS.get(i).title,
                  uring.iops,
                  uring.latency,
                  aio.iops,
                  aio.latency,
                  own.iops,
                  own.latency,
                  own.iops / best.iops,
                  own.latency / best.latency));
    }
    lines.add("Ratios are sluice's to the better of fio's engines.");
    return lines.toString();
  }

  /** The medians of each figure by itself. */
  private static Figures median(List<Figures> rounds) {
    return new Figures(
        middle(rounds.stream().mapToDouble(Figures::iops).sorted().toArray()),
        middle(rounds.stream().mapToDouble(Figures::latency).sorted().toArray()));
  }

  private static double middle(double[] sorted) {
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
