package sluice.vfio.discovery;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import sluice.vfio.ConfigSpace;
import sluice.vfio.linux.Linux;

/** Looks at everything on a machine that a recording to a drive needs, and says what mends it. */
public final class Doctor {
  private static final int CAP_IPC_LOCK = 14;

  /** Buffers of a few seconds at common rates; less is less comfortable. */
  private static final long MEMLOCK_WANTED = 1L << 30;

  private final Host host;
  private final long memlockLimit;
  private final List<Finding> findings = new ArrayList<>();

  /** For the machine that this runs on, and this process's limits. */
  public Doctor() {
    this(Host.local(), Linux.memlockLimit());
  }

  /**
   * @param memlockLimit bytes that this process may lock
   */
  Doctor(Host host, long memlockLimit) {
    this.host = host;
    this.memlockLimit = memlockLimit;
  }

  /** Looks at all. */
  public List<Finding> look() {
    findings.clear();
    lookAtIommu();
    lookAtModules();
    List<PciDevice> drives = PciDevice.ofClass(host, ConfigSpace.CLASS_NVME);
    if (drives.isEmpty()) {
      add(Finding.missing("drives", "no NVMe drive is on the PCI buses", "plug one in"));
    }
    drives.forEach(this::lookAtDrive);
    lookAtMemlock();
    lookAtHugePages();
    lookAtGovernor();
    lookAtIsolation();
    return List.copyOf(findings);
  }

  private void add(Finding finding) {
    findings.add(finding);
  }

  private void lookAtIommu() {
    int groups = Host.entries(host.path("sys/kernel/iommu_groups")).size();
    boolean works = !Host.entries(host.path("sys/class/iommu")).isEmpty();
    if (works && groups > 0) {
      add(Finding.good("IOMMU", "on, with " + groups + " groups"));
      return;
    }
    boolean isAmd =
        Host.lines(host.path("proc/cpuinfo")).stream()
            .anyMatch(line -> line.contains("AuthenticAMD"));
    add(
        Finding.missing(
            "IOMMU",
            "off: nothing would keep a drive from writing where it should not",
            isAmd
                ? "switch AMD-Vi (IOMMU) on in the firmware, and start anew"
                : "switch VT-d on in the firmware, add intel_iommu=on to GRUB_CMDLINE_LINUX in"
                    + " /etc/default/grub, run update-grub, and start anew"));
  }

  private void lookAtModules() {
    boolean driver = Files.isDirectory(host.path("sys/bus/pci/drivers/vfio-pci"));
    boolean container = Files.exists(host.path("dev/vfio/vfio"));
    boolean iommufd = Files.exists(host.path("dev/iommu"));
    if (!driver) {
      add(Finding.missing("modules", "vfio-pci is not loaded", "modprobe vfio-pci"));
    } else if (!container && !iommufd) {
      add(
          Finding.missing(
              "modules", "there is neither /dev/vfio/vfio nor /dev/iommu", "modprobe vfio"));
    } else {
      String ways =
          (container ? "type1" : "")
              + (container && iommufd ? " and " : "")
              + (iommufd ? "iommufd" : "");
      add(Finding.good("modules", "vfio-pci is loaded, by way of " + ways));
    }
  }

  private void lookAtDrive(PciDevice drive) {
    String name = drive.toString();
    if (drive.iommuGroup().isEmpty()) {
      add(Finding.missing(name, "is in no IOMMU group", "see IOMMU"));
      return;
    }
    List<PciDevice> neighbours =
        drive.groupNeighbours().stream().filter(PciDevice::hindersGroup).toList();
    if (!neighbours.isEmpty()) {
      String others =
          neighbours.stream()
              .map(other -> other + " (" + other.driver().orElse("") + ")")
              .collect(Collectors.joining(", "));
      add(
          Finding.missing(
              name,
              "shares IOMMU group " + drive.iommuGroup().getAsInt() + " with " + others,
              "put it into another slot, or hand the others over too"));
      return;
    }
    String driver = drive.driver().orElse("no driver");
    if (!driver.equals(PciDevice.VFIO_PCI)) {
      add(
          Finding.better(
              name,
              "is held by "
                  + driver
                  + " and has IOMMU group "
                  + drive.iommuGroup().getAsInt()
                  + " to itself",
              "sluice bind " + name));
      return;
    }
    lookAtPermissions(drive);
  }

  private void lookAtPermissions(PciDevice drive) {
    List<Path> files = new Binding(drive, _ -> {}).files();
    List<Path> closed =
        files.stream().filter(file -> !Files.isReadable(file) || !Files.isWritable(file)).toList();
    if (files.isEmpty() || closed.size() == files.size()) {
      add(
          Finding.missing(
              drive.toString(),
              "is bound to vfio-pci, but this user may not open it",
              "chown "
                  + System.getProperty("user.name")
                  + " "
                  + closed.stream().map(Path::toString).collect(Collectors.joining(" "))));
    } else {
      add(Finding.good(drive.toString(), "is bound to vfio-pci, and this user may open it"));
    }
    drive
        .link()
        .filter(PciLink::isReduced)
        .ifPresent(link ->
            add(
                Finding.better(
                    drive.toString(),
                    "runs at " + link.now() + " and could at " + link.best(),
                    "put it into a slot with more lanes, or look at the slot's settings in the"
                        + " firmware")));
  }

  private void lookAtMemlock() {
    boolean privileged =
        Host.lines(host.path("proc/self/status")).stream()
            .filter(line -> line.startsWith("CapEff:"))
            .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
            .anyMatch(capabilities -> (capabilities >>> CAP_IPC_LOCK & 1) != 0);
    if (privileged || memlockLimit == Long.MAX_VALUE) {
      add(Finding.good("memlock", "no limit"));
      return;
    }
    String text = "at most " + (memlockLimit >> 10) + " KiB may be locked, which limits buffers";
    String remedy =
        "as root: echo '"
            + System.getProperty("user.name")
            + " - memlock unlimited' >> /etc/security/limits.conf, and log in anew";
    add(
        memlockLimit >= MEMLOCK_WANTED
            ? Finding.good("memlock", text)
            : memlockLimit < 16 << 20
                ? Finding.missing("memlock", text, remedy)
                : Finding.better("memlock", text, remedy));
  }

  private void lookAtHugePages() {
    Path pages = host.path("sys/kernel/mm/hugepages/hugepages-2048kB");
    long free = Host.number(pages.resolve("free_hugepages")).orElse(0L);
    long all = Host.number(pages.resolve("nr_hugepages")).orElse(0L);
    if (free > 0) {
      add(Finding.good("huge pages", free + " of " + all + " of 2 MiB are free"));
    } else {
      add(
          Finding.better(
              "huge pages",
              all == 0 ? "none of 2 MiB are reserved" : "all " + all + " of 2 MiB are taken",
              "sysctl vm.nr_hugepages=" + (all + 512)));
    }
  }

  private void lookAtGovernor() {
    Set<String> governors = new TreeSet<>();
    for (Path cpu : Host.entries(host.path("sys/devices/system/cpu"))) {
      Host.text(cpu.resolve("cpufreq/scaling_governor")).ifPresent(governors::add);
    }
    if (governors.isEmpty()) {
      add(Finding.good("governor", "the processors' clock is not the kernel's to change"));
    } else if (governors.equals(Set.of("performance"))) {
      add(Finding.good("governor", "performance on all processors"));
    } else {
      add(
          Finding.better(
              "governor",
              String.join(", ", governors) + ": processors may be slow when they are needed",
              "cpupower frequency-set -g performance"));
    }
  }

  private void lookAtIsolation() {
    String isolated = Host.text(host.path("sys/devices/system/cpu/isolated")).orElse("");
    if (isolated.isEmpty()) {
      add(
          Finding.better(
              "isolation",
              "no processor is kept free of other work",
              "add isolcpus=N nohz_full=N to the kernel's command line for the processors of the"
                  + " recorder"));
    } else {
      add(Finding.good("isolation", "processors " + isolated + " are kept free of other work"));
    }
  }
}
