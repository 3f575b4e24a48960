package sluice.qemu.served;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestKernel;
import sluice.qemu.guest.GuestMachine;
import sluice.qemu.guest.GuestResult;

/**
 * A Linux guest's own driver, of Debian's kernel as it is, on the virtual drive that another
 * process serves: the guest's memory is shared, its interrupts are eventfds, and between the guest
 * and the drive there is nothing but QEMU's client.
 */
@Order(1)
@Tag("guest")
class VfioUserGuestTest {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final String DRIVE = "drive";
  private static final String DISK = "/dev/nvme0n1";
  private static final int PROCESSORS = 2;
  private static final long SIZE = 256L << 20;

  /** The file system has the drive's first half, and what is written past it the other one. */
  private static final long HALF = SIZE / 2;

  private static final Pattern INTERRUPTS =
      Pattern.compile("(?m)^ *\\d+:((?: +\\d+)+) +PCI-MSI.* nvme0q[1-9]$");

  @TempDir private static Path directory;

  private static ServedDrives server;
  private static Guest guest;

  @BeforeAll
  static void serveAndBoot() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image().toFile(), "rw")) {
      file.setLength(SIZE);
    }
    server = ServedDrives.start(Map.of(DRIVE, "virtual:" + image()));
    guest = boot();
  }

  private static Guest boot() {
    return Guest.boot(
        new GuestMachine()
            .kernel(GuestKernel.stock())
            .processors(PROCESSORS)
            .withoutIommu()
            .target(server.socket(DRIVE))
            .program(Path.of("/usr/bin/fio"))
            .program(Path.of("/sbin/mke2fs")));
  }

  @AfterAll
  static void end() {
    if (guest != null) {
      guest.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private static Path image() {
    return directory.resolve("drive.img");
  }

  /** Neither the kernel nor the server has anything to complain of, whatever was done. */
  @AfterEach
  void nobodyComplains() {
    String warnings = guest.check("dmesg -r | grep '^<[0-4]>' || true");
    assertThat(warnings.lines())
        .noneMatch(line -> line.matches(".*(?i:nvme|0000:01:00|I/O error|EXT4|BUG|WARNING).*"));
    assertThat(server.isAlive()).as("the server lives:%n%s", server.output()).isTrue();
  }

  private static String run(String command) {
    GuestResult result = guest.run(command, DEADLINE);
    assertThat(result.status()).as("%s%n%s", command, result.text()).isZero();
    return result.text();
  }

  @Test
  void theKernelsDriverFindsTheDrive() {
    String facts = run("cd /sys/class/nvme/nvme0 && cat state transport model serial queue_count");
    assertThat(facts)
        .matches("live\npcie\nsluice virtual drive *\nV[0-9A-F]{16} *\n" + (PROCESSORS + 1));
    assertThat(run("cat /sys/block/nvme0n1/size /sys/block/nvme0n1/queue/logical_block_size"))
        .isEqualTo(SIZE / 512 + "\n512");
  }

  @Test
  void aFileSystemKeepsWhatItIsGiven() throws Exception {
    run("/sbin/mke2fs -q -t ext4 %s %dk && mount -t ext4 %1$s /mnt".formatted(DISK, HALF >> 10));
    String sum = "sha256sum /mnt/numbers /mnt/random";
    String written =
        run("seq 1 200000 >/mnt/numbers && head -c 8000000 /dev/urandom >/mnt/random && " + sum);
    run(
        "sync && umount /mnt && echo 3 >/proc/sys/vm/drop_caches && mount -t ext4 "
            + DISK
            + " /mnt");
    assertThat(run(sum)).isEqualTo(written);
    run("umount /mnt");

    Path numbers = directory.resolve("numbers");
    Process debugfs =
        new ProcessBuilder("/sbin/debugfs", "-R", "dump /numbers " + numbers, image().toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(debugfs.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(debugfs.waitFor()).as(said).isZero();
    List<String> lines = Files.readAllLines(numbers);
    assertThat(lines).hasSize(200_000).endsWith("199999", "200000");
  }

  @Test
  void theHostSeesWhatTheGuestWroteAndTheGuestWhatTheHostDid() throws IOException {
    long block = HALF / 4096 + 1;
    run(
        "printf 'from the guest' | dd of=%s bs=4096 seek=%d oflag=direct conv=sync,fsync"
            .formatted(DISK, block));
    try (FileChannel file =
        FileChannel.open(
            image(),
            java.nio.file.StandardOpenOption.READ,
            java.nio.file.StandardOpenOption.WRITE)) {
      java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate(14);
      int _ = file.read(bytes, block * 4096);
      assertThat(bytes.array()).isEqualTo("from the guest".getBytes(StandardCharsets.UTF_8));
      int _ = file.write(StandardCharsets.UTF_8.encode("from the host"), (block + 1) * 4096);
    }
    assertThat(
            run(
                "dd if=%s bs=4096 skip=%d count=1 iflag=direct status=none | head -c 13"
                    .formatted(DISK, block + 1)))
        .isEqualTo("from the host");
  }

  @Test
  void fioFindsWhatItWrote() throws IOException {
    long before = interrupts();
    verify("randrw", "4k", 16);
    verify("write", "128k", 8);
    verify("randwrite", "7k", 3);
    assertThat(interrupts()).as("interrupts of I/O queues").isGreaterThan(before + 100);
    assertThat(run("cat /sys/class/nvme/nvme0/device/msi_irqs/*").lines().distinct())
        .containsExactly("msix");
  }

  private static void verify(String rw, String bs, int depth) throws IOException {
    String text =
        run(
            ("fio --name=verify --filename=%s --direct=1 --ioengine=io_uring --rw=%s --bs=%s --iodepth=%d"
                    + " --offset=%d --size=24m --verify=crc32c --verify_fatal=1 --output-format=json")
                .formatted(DISK, rw, bs, depth, HALF + (64 << 20)));
    Map<String, Object> report = JSON.std.mapFrom(text.substring(text.indexOf('{')));
    Map<?, ?> job = (Map<?, ?>) ((List<?>) report.get("jobs")).getFirst();
    assertThat(job.get("error")).isEqualTo(0);
    assertThat(((Number) ((Map<?, ?>) job.get("read")).get("total_ios")).longValue()).isPositive();
  }

  /** How many interrupts of I/O queues have arrived, on all processors. */
  private static long interrupts() {
    return INTERRUPTS
        .matcher(run("cat /proc/interrupts"))
        .results()
        .flatMap(line -> Pattern.compile(" +").splitAsStream(line.group(1).strip()))
        .mapToLong(Long::parseLong)
        .sum();
  }

  @Test
  void aResetOfTheControllerIsSurvived() throws IOException {
    for (int i = 0; i < 3; i++) {
      run("echo 1 >/sys/class/nvme/nvme0/reset_controller");
      assertThat(run("cat /sys/class/nvme/nvme0/state")).isEqualTo("live");
      verify("randrw", "4k", 8);
    }
  }

  @Test
  void theDriverLeavesAndComesBack() throws IOException {
    run(
        """
        cd /sys/bus/pci/drivers/nvme
        echo 0000:01:00.0 >unbind
        [ ! -e %1$s ] || exit 1
        echo 0000:01:00.0 >bind
        until [ -b %1$s ]; do usleep 50000; done
        """
            .formatted(DISK));
    verify("randrw", "4k", 8);
  }

  @Test
  void aNewGuestFindsWhatTheLastOneWrote() {
    run(
        "printf 'before the power failed' | dd of=%s bs=4096 seek=%d conv=sync,fsync"
            .formatted(DISK, HALF / 4096));
    guest.close();
    guest = boot();
    assertThat(
            run(
                "dd if=%s bs=4096 skip=%d count=1 status=none | head -c 23"
                    .formatted(DISK, HALF / 4096)))
        .isEqualTo("before the power failed");
  }
}
