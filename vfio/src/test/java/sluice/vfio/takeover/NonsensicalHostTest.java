package sluice.vfio.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sluice.vfio.discovery.FakeHost;
import sluice.vfio.discovery.Host;
import sluice.vfio.discovery.KernelDrive;
import sluice.vfio.discovery.PciDevice;
import sluice.vfio.discovery.PciLink;

/**
 * Whatever the files of a machine say, looking at them ends, and ends with an answer. A run can be
 * repeated: -Dsluice.seed=….
 */
@Timeout(120)
class NonsensicalHostTest {
  private static final long SEED = Long.getLong("sluice.seed", 5);
  private static final int MACHINES = 12;

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "\n \n\t\n",
          "-1",
          "0",
          "0x",
          "0xffffffffffffffffffffff",
          "9223372036854775807",
          "-9223372036854775808",
          "\u001b[2J\u0007",
          "\\",
          "\\777 \\0 \\12",
          "a b c d e f - ",
          "- - - - - - - - -",
          "\0\0\0",
          "\0\0\0\0",
          "\0\0\0\3",
          "\u007f\uffff\uffff\uffff",
          "/",
          "//",
          "CapEff:\tgarbage",
          "x".repeat(9000));

  private static final List<String> TARGETS =
      List.of("/", ".", "..", "nowhere", "/dev/null", "3", "-3", "99999999999", "a\nb", "../../..");

  @TempDir private Path folder;

  private static void make(Path root) {
    FakeHost fake = new FakeHost(root);
    fake.drive("0000:01:00.0");
    fake.drive("0000:02:00.0");
    fake.behindVmd("0000:17:05.5", "10000:01:00.0");
    fake.kernelDrive("0000:01:00.0", "nvme0").disk("0000:01:00.0", "nvme0", "nvme0n1");
    fake.partition("0000:01:00.0", "nvme0", "nvme0n1", "nvme0n1p1").holder("nvme0n1p1", "dm-0");
    fake.file("sys/class/block/dm-0/dm/name", "root\n").group(3, "0000:01:00.0", "0000:02:00.0");
    fake.driver("0000:02:00.0", "vfio-pci").file("dev/vfio/3", "");
    fake.attribute("0000:01:00.0", "numa_node", "0");
    fake.attribute("0000:01:00.0", "current_link_speed", "16.0 GT/s PCIe");
    fake.attribute("0000:01:00.0", "current_link_width", "4");
    fake.attribute("0000:01:00.0", "max_link_width", "4");
    fake.file("sys/devices/pci0000:00/0000:02:00.0/vfio-dev/vfio0/dev", "");
    fake.process(9, "java", "mnt:[1]", "36 35 259:0 / /a rw - ext4 /dev/nvme0n1 rw");
    fake.open(9, 5, "/dev/nvme0n1").open(9, 6, "/dev/vfio/3");
    fake.file("proc/swaps", "Filename Type\n/dev/nvme0n1p1 partition 1 2 3\n");
    fake.file("proc/self/status", "CapEff:\t0\n").file("proc/self/uid_map", "0 0 4294967295\n");
    fake.file("proc/self/mountinfo", "36 35 259:0 / /a rw - ext4 /dev/nvme0n1 rw\n");
    fake.file("sys/kernel/config/nvmet/subsystems/s/namespaces/1/device_path", "/dev/nvme0n1\n");
    fake.file("sys/block/loop0/loop/backing_file", "/dev/nvme0n1\n");
    fake.file("run/udev/data/b259:0", "S:disk/by-id/nvme-A\n");
    String tree = "sys/firmware/devicetree/base/pcie";
    fake.file(tree + "/dma-coherent", "").file(tree + "/#address-cells", "\0\0\0\3");
    fake.file(tree + "/dma-ranges", "\0".repeat(28)).file(tree + "/#size-cells", "\0\0\0\2");
    fake.link("sys/devices/pci0000:00/of_node", "../../firmware/devicetree/base/pcie");
    fake.file("sys/devices/system/node/node0/hugepages/hugepages-2048kB/free_hugepages", "7\n");
    fake.file("sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "7\n");
    fake.file("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n");
    fake.file("sys/devices/system/cpu/isolated", "1-3\n").file("proc/cpuinfo", "flags: vmx\n");
  }

  private static void spoil(Path root, SplittableRandom random) throws IOException {
    List<Path> all;
    try (Stream<Path> tree = Files.walk(root)) {
      all = tree.filter(path -> !path.equals(root)).toList();
    }
    Path victim = all.get(random.nextInt(all.size()));
    if (Files.isDirectory(victim, LinkOption.NOFOLLOW_LINKS) && random.nextInt(4) > 0) {
      return;
    }
    try (Stream<Path> below = Files.walk(victim)) {
      for (Path path : below.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(path);
      }
    }
    switch (random.nextInt(4)) {
      case 0 -> Files.createDirectory(victim);
      case 1 ->
          Files.createSymbolicLink(victim, Path.of(TARGETS.get(random.nextInt(TARGETS.size()))));
      case 2 -> {
        byte[] bytes = new byte[random.nextInt(64)];
        random.nextBytes(bytes);
        Files.write(victim, bytes);
      }
      default -> Files.writeString(victim, TEXTS.get(random.nextInt(TEXTS.size())));
    }
  }

  private static void lookAtAll(Host host) {
    List<Finding> findings = new Doctor(host, 8 << 20, "aarch64").look();
    assertThat(findings).isNotEmpty();
    findings.forEach(
        finding -> assertThat(finding.text() + finding.remedy()).doesNotContain("\u001b"));
    for (PciDevice device : PciDevice.all(host)) {
      Binding binding = new Binding(device, _ -> {});
      assertThat(binding.planBind()).isNotNull();
      assertThat(binding.planUnbind(Optional.empty())).isNotNull();
      List<Obstacle> obstacles = Obstacles.of(device);
      obstacles.forEach(obstacle -> assertThat(obstacle.reason()).doesNotContain("\u001b", "\n"));
      assertThat(binding.refusal(obstacles, "S-123")).isNotNull();
      assertThat(List.of(binding.canBeTaken(), new VfioFiles(device).users(), device.numaNode()))
          .isNotNull();
      assertThat(KernelDrive.of(device).map(KernelDrive::bytes)).isNotNull();
      assertThat(device.link().map(PciLink::now)).isNotNull();
      assertThat(DirectDma.refusal(device, "aarch64")).isNotNull();
    }
  }

  @Test
  void everyQuestionHasAnAnswer() throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int machine = 0; machine < MACHINES; machine++) {
      Path root = Files.createDirectory(folder.resolve("m" + machine));
      make(root);
      for (int i = random.nextInt(1, 12); i > 0; i--) {
        spoil(root, random);
      }
      assertThatCode(() -> lookAtAll(new Host(root)))
          .as("machine %d of seed %d", machine, SEED)
          .doesNotThrowAnyException();
    }
  }
}
