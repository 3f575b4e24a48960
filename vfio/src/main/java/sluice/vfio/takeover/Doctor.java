package sluice.vfio.takeover;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import sluice.support.linux.Linux;
import sluice.vfio.ConfigSpace;
import sluice.vfio.discovery.Host;
import sluice.vfio.discovery.KernelDrive;
import sluice.vfio.discovery.PciDevice;
import sluice.vfio.discovery.PciLink;

/** Looks at everything on a machine that a recording to a drive needs, and says what mends it. */
public final class Doctor {
  /** Buffers of a few seconds at common rates; less is less comfortable. */
  private static final long MEMLOCK_WANTED = 1L << 30;

  private final Host host;
  private final long memlockLimit;
  private final String architecture;
  private final List<Finding> findings = new ArrayList<>();

  /** For the machine that this runs on, and this process's limits. */
  public Doctor() {
    this(Host.local(), Linux.memlockLimit(), System.getProperty("os.arch"));
  }

  /**
   * @param memlockLimit bytes that this process may lock
   * @param architecture as Java calls it
   */
  Doctor(Host host, long memlockLimit, String architecture) {
    this.host = host;
    this.memlockLimit = memlockLimit;
    this.architecture = architecture;
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
    if (isIommuOn()) {
      int groups = Host.entries(host.path("sys/kernel/iommu_groups")).size();
      add(Finding.good("IOMMU", "on, with " + groups + " groups"));
      return;
    }
    add(
        Finding.missing(
            "IOMMU",
            "off: nothing would keep a drive from writing where it should not",
            IommuAdvice.of(host)));
  }

  private boolean isIommuOn() {
    return !Host.entries(host.path("sys/class/iommu")).isEmpty()
        && !Host.entries(host.path("sys/kernel/iommu_groups")).isEmpty();
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
    if (drive.vmd().isPresent()) {
      add(
          Finding.missing(
              name,
              "is behind Intel VMD " + drive.vmd().get() + ", which VFIO cannot hand it out of",
              "switch VMD off in the firmware; an array of Intel RAID (VROC) is then none any more"));
      return;
    }
    boolean isBare = drive.iommuGroup().isEmpty() || drive.isGroupWithoutIommu();
    Optional<String> refusal = DirectDma.refusal(drive, architecture).filter(_ -> isBare);
    if (refusal.isPresent()) {
      add(Finding.missing(name, refusal.get(), "use another machine, or a virtual drive"));
      return;
    }
    if (drive.iommuGroup().isEmpty()) {
      add(
          Finding.missing(
              name, "is in no IOMMU group", isIommuOn() ? IommuAdvice.of(host) : "see IOMMU"));
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
    if (drive.driver().equals(Optional.of(PciDevice.VFIO_PCI))) {
      lookAtPermissions(drive);
    } else {
      lookAtUse(drive);
    }
    for (PciDevice port : KernelDrive.otherPorts(drive)) {
      if (!port.driver().equals(Optional.of(PciDevice.VFIO_PCI))) {
        add(
            Finding.better(
                name,
                "is also at " + port + ", through which the kernel can use the same disks",
                "sluice bind " + port + " too, before anything is recorded"));
      }
    }
  }

  /** A drive that the kernel has, and perhaps needs. */
  private void lookAtUse(PciDevice drive) {
    String name = drive.toString();
    List<Obstacle> obstacles = Obstacles.of(drive);
    Optional<Obstacle> use =
        obstacles.stream().filter(found -> found.kind() == Obstacle.Kind.IN_USE).findFirst();
    Optional<Obstacle> data =
        obstacles.stream().filter(found -> found.kind() == Obstacle.Kind.DATA).findFirst();
    if (use.isPresent()) {
      add(Finding.good(name, "is in use, and not for recording: " + use.get()));
      return;
    }
    String held =
        "is held by "
            + drive.driver().orElse("no driver")
            + " and has IOMMU group "
            + drive.iommuGroup().getAsInt()
            + " to itself";
    if (data.isEmpty()) {
      add(Finding.better(name, held, "sluice bind " + name));
    } else {
      add(
          Finding.better(
              name,
              held + "; " + data.get(),
              "if that may be lost, sluice bind " + name + " --serial with its serial number"));
    }
  }

  private void lookAtPermissions(PciDevice drive) {
    List<Path> files = new VfioFiles(drive).files();
    List<Path> closed =
        files.stream().filter(file -> !Files.isReadable(file) || !Files.isWritable(file)).toList();
    if (files.isEmpty()) {
      add(
          Finding.missing(
              drive.toString(),
              "is bound to vfio-pci, but its file is not below /dev/vfio",
              "modprobe vfio-pci; a container has to be given the host's /dev/vfio"));
    } else if (closed.size() == files.size()) {
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
    if (Privileges.mayLockAnything(host) || memlockLimit == Long.MAX_VALUE) {
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
