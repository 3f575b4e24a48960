package sluice.vfio.takeover;

import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import sluice.vfio.discovery.Host;

/** What to do on a machine where nothing translates its drives' addresses. */
public final class IommuAdvice {
  private static final String UNSAFE =
      "or do without, and without its protection: as root 'echo Y >"
          + " /sys/module/vfio/parameters/enable_unsafe_noiommu_mode' and 'sysctl"
          + " vm.nr_hugepages=512', then bind the drive and add ?iommu=unsafe to its address";

  private IommuAdvice() {}

  /** The remedy, in one line. */
  public static String of(Host host) {
    List<String> processors = Host.lines(host.path("proc/cpuinfo"));
    Optional<String> board = board(host);
    if (board.isPresent()) {
      return "a " + board.get() + " is not supported: use another machine, or a virtual drive";
    }
    if (vendor(host).startsWith("Amazon")) {
      return "no instance but a .metal one has an IOMMU: take one of those, " + UNSAFE;
    }
    boolean isVirtual =
        processors.stream()
            .anyMatch(line -> line.startsWith("flags") && line.contains(" hypervisor"));
    if (isVirtual) {
      return "have the host give this virtual machine an IOMMU (QEMU: -device"
          + " intel-iommu,intremap=on with -machine q35,kernel-irqchip=split), "
          + UNSAFE;
    }
    if (has(processors, "AuthenticAMD") || has(processors, "HygonGenuine")) {
      return "switch AMD-Vi (IOMMU) on in the firmware, and start anew";
    }
    if (has(processors, "GenuineIntel")) {
      return "switch VT-d on in the firmware, " + kernelArgument(host) + ", and start anew";
    }
    if (has(processors, "CPU implementer")) {
      return "switch the SMMU on in the firmware, where it has such a setting; " + UNSAFE;
    }
    return "switch the IOMMU on in the firmware, where it has such a setting; " + UNSAFE;
  }

  private static boolean has(List<String> processors, String text) {
    return processors.stream().anyMatch(line -> line.contains(text));
  }

  /** A board that is known not to do; empty for all others. */
  static Optional<String> board(Host host) {
    String model = Host.text(host.path("proc/device-tree/model")).orElse("").replace("\0", "");
    String name = model.isEmpty() ? vendor(host) : model;
    return name.startsWith("Raspberry Pi") ? Optional.of(name) : Optional.empty();
  }

  private static String vendor(Host host) {
    return Host.text(host.path("sys/class/dmi/id/sys_vendor")).orElse("");
  }

  private static String kernelArgument(Host host) {
    if (exists(host, "usr/sbin/update-grub")) {
      return "add intel_iommu=on to GRUB_CMDLINE_LINUX in /etc/default/grub, run update-grub";
    }
    return exists(host, "usr/sbin/grubby") || exists(host, "sbin/grubby")
        ? "run grubby --update-kernel=ALL --args=intel_iommu=on"
        : "add intel_iommu=on to the kernel's command line";
  }

  private static boolean exists(Host host, String path) {
    return Files.exists(host.path(path));
  }
}
