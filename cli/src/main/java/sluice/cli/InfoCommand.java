package sluice.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import sluice.nvme.CommandFailedException;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.pcie.PcieTransport;
import sluice.nvme.spec.Cap;
import sluice.nvme.spec.IdentifyController;
import sluice.nvme.spec.SmartLog;
import sluice.nvme.spec.Status;
import sluice.nvme.spec.Version;
import sluice.support.text.Units;
import sluice.vfio.ConfigSpace;

/** {@code sluice info}: what a drive says of itself. */
@Command(
    name = "info",
    description = "Shows what a drive says of itself: controller, namespaces, registers, health.",
    footer = {"", "  sluice info virtual:disk.img", "  sluice info virtual:disk.img -o json"})
final class InfoCommand implements Runnable {
  private static final int KELVIN = 273;

  @Mixin private DriveArgument drive;
  @Mixin private Output output;

  @Override
  public void run() {
    try (NvmeController controller = drive.openToRead()) {
      Facts identity = controller(controller);
      Facts registers = registers(controller);
      Facts health = health(controller);
      List<Namespace> namespaces = drive.namespaces(controller);
      List<String> notes = controller.notices();
      if (output.isJson()) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("drive", controller.address());
        all.put("controller", identity.json());
        all.put("registers", registers.json());
        all.put("namespaces", namespaces.stream().map(each -> namespace(each).json()).toList());
        all.put("health", health.json());
        all.put("notes", notes);
        output.json(all);
        return;
      }
      identity.printLines(output, "controller " + controller.address());
      registers.printLines(output, "registers");
      for (Namespace each : namespaces) {
        namespace(each).printLines(output, "namespace " + each.id());
      }
      health.printLines(output, "health");
      if (!notes.isEmpty()) {
        output.line("notes");
        notes.forEach(note -> output.line("  the drive " + note));
      }
    }
  }

  private static Facts controller(NvmeController controller) {
    IdentifyController identify = controller.identify();
    long transfer = identify.maxTransferBytes(Cap.minPageBytes(controller.capabilities()));
    boolean limited = transfer != Long.MAX_VALUE;
    Optional<PcieTransport> pcie = PcieTransport.of(controller);
    Facts facts =
        new Facts()
            .add("model", identify.mn(), "model")
            .add("serial", identify.sn(), "serial number")
            .add("firmware", identify.fr(), "firmware")
            .add("pciVendor", identify.vid(), "PCI vendor", "%04x".formatted(identify.vid()));
    pcie.ifPresent(transport -> {
      int device = transport.function().config().read16(ConfigSpace.DEVICE_ID);
      facts.add("pciDevice", device, "PCI device", "%04x".formatted(device));
    });
    facts
        .add("nqn", identify.subnqn(), "subsystem NQN")
        .add(
            "maxTransferBytes",
            limited ? transfer : 0,
            "largest transfer",
            limited ? Units.formatSize(transfer) : "no limit")
        .add("maxIoQueues", controller.maxIoQueues(), "I/O queues, most")
        .add("volatileWriteCache", identify.hasVolatileWriteCache(), "volatile write cache");
    pcie.ifPresent(transport ->
        facts.add("shadowDoorbells", transport.usesShadowDoorbells(), "shadow doorbells"));
    return facts;
  }

  private static Facts registers(NvmeController controller) {
    long cap = controller.capabilities();
    return new Facts()
        .add("cap", "0x%016x".formatted(cap), "CAP")
        .add("version", Version.format(controller.version()), "NVMe version (VS)")
        .add("maxQueueEntries", Cap.mqes(cap) + 1, "queue entries, most (CAP.MQES)")
        .add("doorbellStrideBytes", 4 << Cap.dstrd(cap), "doorbell stride, bytes (CAP.DSTRD)")
        .add("readyTimeoutMillis", Cap.timeoutMillis(cap), "ready within, ms (CAP.TO)")
        .add(
            "minPageBytes",
            Cap.minPageBytes(cap),
            "memory page, least (CAP.MPSMIN)",
            Units.formatSize(Cap.minPageBytes(cap)))
        .add(
            "maxPageBytes",
            Cap.maxPageBytes(cap),
            "memory page, most (CAP.MPSMAX)",
            Units.formatSize(Cap.maxPageBytes(cap)));
  }

  private static Facts namespace(Namespace namespace) {
    return new Facts()
        .addHidden("id", namespace.id())
        .add("bytes", namespace.bytes(), "size", Units.formatSize(namespace.bytes()))
        .add("blocks", namespace.blocks(), "logical blocks")
        .add("blockBytes", namespace.blockSize(), "bytes per block")
        .add("usable", namespace.isUsable(), "usable");
  }

  private static Facts health(NvmeController controller) {
    try {
      return health(controller.admin().smartLog());
    } catch (CommandFailedException e) {
      return new Facts().addLine("health", "not told: " + Status.format(e.status()));
    }
  }

  static Facts health(SmartLog smart) {
    long written = smart.bytesWritten();
    long read = smart.bytesRead();
    int temperature = smart.plausibleTemperature();
    return new Facts()
        .add("warnings", warnings(smart), "warnings", warningText(smart))
        .add(
            "temperatureKelvin",
            temperature,
            "temperature",
            temperature == 0 ? "not told" : temperature - KELVIN + " °C")
        .add(
            "availableSparePercent",
            smart.availableSpare(),
            "spare left",
            smart.availableSpare() + " % (threshold " + smart.availableSpareThreshold() + " %)")
        .add("usedPercent", smart.percentageUsed(), "life used", smart.percentageUsed() + " %")
        .add("bytesWritten", written, "written by hosts", Units.formatSize(written))
        .add("bytesRead", read, "read by hosts", Units.formatSize(read))
        .add("powerOnHours", smart.powerOnHours(), "power-on hours")
        .add("powerCycles", smart.powerCycles(), "power cycles")
        .add("unsafeShutdowns", smart.unsafeShutdowns(), "unsafe shutdowns")
        .add("mediaErrors", smart.mediaErrors(), "media errors")
        .add("errorLogEntries", smart.errorLogEntries(), "errors logged");
  }

  private static String warningText(SmartLog smart) {
    List<String> warnings = warnings(smart);
    return warnings.isEmpty() ? "none" : String.join(", ", warnings);
  }

  private static List<String> warnings(SmartLog smart) {
    List<String> names = new ArrayList<>();
    int bits = smart.criticalWarning();
    nameIf(names, bits & SmartLog.WARNING_SPARE, "spare is low");
    nameIf(names, bits & SmartLog.WARNING_TEMPERATURE, "temperature out of range");
    nameIf(names, bits & SmartLog.WARNING_RELIABILITY, "reliability degraded");
    nameIf(names, bits & SmartLog.WARNING_READ_ONLY, "read only");
    nameIf(names, bits & SmartLog.WARNING_VOLATILE_BACKUP, "backup of volatile memory failed");
    nameIf(names, bits & SmartLog.WARNING_PERSISTENT_MEMORY, "persistent memory unreliable");
    return names;
  }

  private static void nameIf(List<String> names, int bit, String name) {
    if (bit != 0) {
      names.add(name);
    }
  }
}
