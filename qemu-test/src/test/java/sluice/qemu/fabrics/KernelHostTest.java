package sluice.qemu.fabrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluice.qemu.guest.Guest;
import sluice.qemu.guest.GuestMachine;
import sluice.qemu.guest.GuestResult;
import sluice.qemu.guest.NvmeCli;
import sluice.qemu.served.TargetProcess;

/** Linux's host, as it is in a stock kernel and set up by nvme-cli, on our target. */
@Order(1)
@Tag("guest")
class KernelHostTest {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final String NQN = "nqn.2026-11.org.sluice.test:file";
  private static final String OTHER = "nqn.2026-11.org.sluice.test:memory";
  private static final String DISK = "/dev/nvme0n1";
  private static final int PROCESSORS = 2;
  private static final int MIB = 128;

  /** The file system has the drive's first half, and fio the other one. */
  private static final int HALF_MIB = MIB / 2;

  /** What the kernel says of a connection that is lost, and of reaching the target again. */
  private static final String RECONNECT =
      ".*(nvme nvme0: (starting error recovery|failed to send request -\\d+"
          + "|failed to connect socket: -111|Connect command failed.*|queue \\d+: .*)"
          + "|block nvme0n1: no usable path - requeuing I/O)";

  @TempDir private static Path directory;

  private static TargetProcess target;
  private static Guest guest;

  @BeforeAll
  static void shareAndBoot() throws IOException {
    target = TargetProcess.start(TargetProcess.ANY_PORT, drives());
    guest =
        Guest.boot(
            NvmeCli.in(new GuestMachine())
                .processors(PROCESSORS)
                .withoutIommu()
                .classPath(List.of())
                .module("virtio-pci")
                .module("virtio-net")
                .module("nvme-tcp")
                .program(Path.of("/usr/bin/fio"))
                .program(Path.of("/sbin/mke2fs"))
                .qemuArguments("-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net"));
    String _ =
        guest.check(
            """
            ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
            mkdir -p /etc/nvme
            echo nqn.2014-08.org.nvmexpress:uuid:0e5a7c1c-6d25-4a13-8a55-7b1bd3c1a9e2 >/etc/nvme/hostnqn
            echo 0e5a7c1c-6d25-4a13-8a55-7b1bd3c1a9e2 >/etc/nvme/hostid
            dmesg -c >/dev/null
            """);
  }

  private static List<String> drives() {
    return List.of(
        "virtual:%s?size=%dM&nqn=%s".formatted(directory.resolve("drive.img"), MIB, NQN),
        "virtual:memory?size=64M&lba=4096&ns=2&nqn=" + OTHER);
  }

  @AfterAll
  static void end() {
    if (guest != null) {
      guest.close();
    }
    if (target != null) {
      target.close();
    }
  }

  /** Neither the kernel nor the target has anything to complain of, whatever was done. */
  @AfterEach
  void nobodyComplains() {
    String _ = run("nvme disconnect-all");
    assertThat(complaints()).isEmpty();
    assertThat(target.isAlive()).as("the target lives:%n%s", target.output()).isTrue();
  }

  /** All but that this machine is busy. */
  private static List<String> complaints() {
    return run("dmesg -c -r | grep '^<[0-4]>' | grep -v 'hrtimer: interrupt took' || true")
        .lines()
        .toList();
  }

  private static String run(String command) {
    GuestResult result = guest.run(command, DEADLINE);
    assertThat(result.status()).as("%s%n%s%n%s", command, result.text(), target.output()).isZero();
    return result.text();
  }

  private static String at() {
    return " -t tcp -a 10.0.2.2 -s " + target.port();
  }

  private static void connect(String options) {
    String _ = run("nvme connect" + at() + " -n " + NQN + " " + options);
    String _ = run("until [ -b " + DISK + " ]; do usleep 50000; done");
  }

  private static void verify(String rw, String bs, int depth) throws IOException {
    String _ = run(fio("verify", rw, bs, depth, 8));
  }

  private static String fio(String name, String rw, String bs, int depth, int sizeMib) {
    return ("fio --name=%s --filename=%s --direct=1 --ioengine=io_uring --rw=%s --bs=%s"
            + " --iodepth=%d --offset=%dm --size=%dm --verify=crc32c --verify_fatal=1")
        .formatted(name, DISK, rw, bs, depth, HALF_MIB, sizeMib);
  }

  @Test
  void discoverTellsOfAllDrives() {
    String told = run("nvme discover" + at());
    assertThat(told).contains("Number of Records 2");
    assertThat(told).contains("subnqn:  " + NQN).contains("subnqn:  " + OTHER);
    assertThat(told).contains("trsvcid: " + target.port());
  }

  @Test
  void whatTheDriveSaysOfItselfIsRead() throws IOException {
    connect("");
    assertThat(run("nvme list")).contains(DISK).contains("sluice virtual drive");
    assertThat(run("cat /sys/class/nvme/nvme0/state /sys/class/nvme/nvme0/transport"))
        .isEqualTo("live\ntcp");
    String controller = run("nvme id-ctrl " + DISK);
    assertThat(controller).containsPattern("subnqn +: " + NQN).containsPattern("kas +: [1-9]");
    assertThat(run("nvme id-ns " + DISK)).containsPattern("nsze +: 0x40000");
    assertThat(run("nvme smart-log " + DISK)).containsPattern("critical_warning\\s+: 0");
    Map<String, Object> log = JSON.std.mapFrom(run("nvme error-log -o json " + DISK));
    assertThat((List<?>) log.get("errors")).isNotEmpty();
    assertThat(run("nvme get-feature -f 6 " + DISK)).contains("0x00000001");
    assertThat(run("nvme get-feature -f 0xf " + DISK)).contains("Current value:0x");
  }

  @Test
  void aCommandIsPassedThrough() {
    connect("");
    String _ =
        run(
            "printf 'by the file' | dd of=%s bs=4096 seek=3 oflag=direct conv=sync,fsync"
                .formatted(DISK));
    assertThat(
            run(
                ("nvme io-passthru %s --opcode=2 --namespace-id=1 --data-len=4096 --read --raw-binary --cdw10=24 --cdw12=7 2>/dev/null"
                        + " | head -c 11")
                    .formatted(DISK)))
        .isEqualTo("by the file");
    // Read of a block behind the end: LBA Out of Range.
    GuestResult refused =
        guest.run(
            "nvme io-passthru %s --opcode=2 --namespace-id=1 --data-len=512 --read --cdw10=0x40000"
                .formatted(DISK));
    assertThat(refused.status()).isNotZero();
    assertThat(refused.text()).containsIgnoringCase("LBA");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-g -G", "-G --nr-io-queues=1 --queue-size=16"})
  void fioFindsWhatItWrote(String options) throws IOException {
    connect(options);
    verify("randrw", "4k", 16);
    verify("write", "128k", 8);
    verify("randwrite", "7k", 3);
  }

  @ParameterizedTest
  @CsvSource({"1, 2", "2, 3", "8, 3"})
  void thereAreAsManyQueuesAsProcessorsAndNoMoreThanWanted(int wanted, int queues) {
    connect("--nr-io-queues=" + wanted);
    assertThat(run("cat /sys/class/nvme/nvme0/queue_count")).isEqualTo(Integer.toString(queues));
  }

  @Test
  void allNamespacesAreThereInBlocksOf4096() {
    String _ = run("nvme connect" + at() + " -n " + OTHER);
    String _ = run("until [ -b /dev/nvme0n1 -a -b /dev/nvme0n2 ]; do usleep 50000; done");
    assertThat(run("cat /sys/block/nvme0n2/queue/logical_block_size")).isEqualTo("4096");
    String _ = run("blkdiscard /dev/nvme0n2");
  }

  @Test
  void aFileSystemKeepsWhatItIsGiven() {
    connect("-g -G");
    String _ =
        run(
            "/sbin/mke2fs -q -t ext4 -E discard %1$s %2$dM && mount -t ext4 -o discard %1$s /mnt"
                .formatted(DISK, HALF_MIB));
    String sum = "sha256sum /mnt/numbers /mnt/random";
    String written =
        run(
            "seq 1 200000 >/mnt/numbers && head -c 8000000 /dev/urandom >/mnt/random"
                + " && cp /mnt/random /mnt/gone && sync && rm /mnt/gone && "
                + sum);
    String _ = run("sync && umount /mnt && echo 3 >/proc/sys/vm/drop_caches");
    String _ = run("nvme disconnect -n " + NQN);
    connect("");
    String _ = run("mount -t ext4 %s /mnt".formatted(DISK));
    assertThat(run(sum)).isEqualTo(written);
    String _ = run("umount /mnt");
  }

  @Test
  void aResetIsSurvived() throws IOException {
    connect("");
    for (int i = 0; i < 3; i++) {
      String _ = run("nvme reset /dev/nvme0");
      String _ = run("until [ $(cat /sys/class/nvme/nvme0/state) = live ]; do usleep 50000; done");
      verify("randrw", "4k", 8);
    }
    assertThat(complaints()).allMatch(line -> line.endsWith("nvme nvme0: resetting controller"));
  }

  /** The drive is a file: it is the same when it comes back. */
  @Test
  void aTargetThatIsKilledUnderLoadIsReachedAgainAndNothingIsLost() throws IOException {
    connect("--keep-alive-tmo=5 --reconnect-delay=1 --ctrl-loss-tmo=120");
    String _ =
        run(
            "(%s --rate=4m; echo $? >/tmp/status) >/tmp/fio 2>&1 &"
                .formatted(fio("load", "randwrite", "8k", 16, HALF_MIB)));
    String done = "cat /sys/block/nvme0*/stat | awk '{n += $1 + $5} END {print n}'";
    for (int i = 0; i < 2; i++) {
      String _ =
          run(
              "n=$(%1$s); until [ $(%1$s) -gt $((n + 100)) -o -s /tmp/status ]; do usleep 50000; done"
                  .formatted(done));
      int port = target.port();
      target.close();
      target = TargetProcess.start(port, drives());
    }
    String _ =
        run("for i in $(seq 90); do [ -s /tmp/status ] && exit; echo $i; sleep 1; done; exit 1");
    assertThat(run("cat /tmp/status")).as(run("cat /tmp/fio")).isEqualTo("0");
    String _ = run("until [ $(cat /sys/class/nvme/nvme0/state) = live ]; do usleep 50000; done");
    List<String> complaints = complaints();
    assertThat(complaints).hasSizeGreaterThanOrEqualTo(2).allMatch(line -> line.matches(RECONNECT));
  }
}
