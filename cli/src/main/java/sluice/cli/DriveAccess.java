package sluice.cli;

import java.time.Duration;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import sluice.nvme.CompletionMode;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.Namespace;
import sluice.nvme.NvmeController;
import sluice.nvme.drive.NvmeDrive;
import sluice.nvme.spec.AsyncEvent;
import sluice.support.Closing;
import sluice.support.text.PlainText;
import sluice.virtual.VirtualDriveProvider;

/** How a command reaches its drive: by which of its namespaces, and how it waits for it. */
class DriveAccess {
  @Option(
      names = "--namespace",
      paramLabel = "NSID",
      description = "The namespace to use (default: the drive's first).")
  private Integer namespace;

  @Option(
      names = "--io-timeout",
      paramLabel = "TIME",
      converter = OptionValues.Duration.class,
      description =
          "How long the drive may take over one command before it is aborted, and as long again"
              + " before the drive is reset (default: 30s).")
  private Long ioTimeoutNanos;

  @Option(
      names = "--completions",
      paramLabel = "MODE",
      description =
          "How to learn that the drive is done: ${COMPLETION-CANDIDATES} (default: polled). A drive"
              + " without interrupts is polled.")
  private CompletionMode completions = CompletionMode.POLLED;

  /** Brings a drive's controller up. */
  NvmeController open(DriveAddress address) {
    return Drives.open(address, controllerOptions());
  }

  private ControllerOptions controllerOptions() {
    ControllerOptions options =
        ControllerOptions.defaults()
            .withCompletions(completions)
            .withOnEvent(
                event -> System.err.println("the drive reports: " + AsyncEvent.format(event)))
            .withOnNotice(System.err::println);
    if (ioTimeoutNanos != null) {
      options = options.withIoTimeout(Duration.ofNanos(ioTimeoutNanos));
    }
    return options;
  }

  /**
   * Brings a virtual drive's controller up; a file that is made for it is removed with it until it
   * is {@linkplain VirtualDriveProvider#keep kept}.
   */
  final NvmeDrive openProvisional(DriveAddress address) {
    return choose(VirtualDriveProvider.openProvisional(address, controllerOptions()));
  }

  /** The chosen namespace of a drive, for recording to; closing it closes the controller. */
  NvmeDrive openDrive(DriveAddress address) {
    return choose(open(address));
  }

  /** The same for a command that writes nothing: a drive that is a file stays as it is. */
  final NvmeDrive openDriveToRead(DriveAddress address) {
    return openDrive(VirtualDriveProvider.toRead(address));
  }

  /** The namespace that was asked for, or all; usable or not. */
  final List<Namespace> namespaces(NvmeController controller) {
    if (namespace == null) {
      return controller.namespaces();
    }
    List<Namespace> wanted =
        controller.namespaces().stream().filter(each -> each.id() == namespace).toList();
    return wanted.isEmpty() ? List.of(controller.namespace(namespace)) : wanted;
  }

  /** Says it before something is written that may find no room. */
  static void tellShortage(NvmeDrive drive) {
    String shortage = VirtualDriveProvider.shortage(drive.controller());
    if (!shortage.isEmpty()) {
      System.err.println(Terminal.yellow("note: ") + PlainText.escape(shortage));
    }
  }

  private NvmeDrive choose(NvmeController controller) {
    if (namespace == null) {
      return NvmeDrive.of(controller);
    }
    try {
      return new NvmeDrive(controller, controller.namespace(namespace));
    } catch (RuntimeException e) {
      Closing.after(e, controller);
      throw e;
    }
  }

  /** As {@link #openDrive}, with another way to learn that the drive is done than was asked for. */
  NvmeDrive openDrive(DriveAddress address, CompletionMode mode) {
    completions = mode;
    return openDrive(address);
  }

  /** For commands that choose themselves how it is learnt that the drive is done. */
  final void requirePolled() {
    if (completions != CompletionMode.POLLED) {
      throw new IllegalArgumentException(
          "--completions " + completions + " is not possible here: leave it out");
    }
  }

  /** From now on drives are opened to be waited for by interrupts, where they have any. */
  final void preferInterrupts() {
    completions = CompletionMode.INTERRUPTS;
  }

  /** How it is learnt that the drive is done. */
  final CompletionMode completions() {
    return completions;
  }

  /** Addresses as option values. */
  static final class Address implements ITypeConverter<DriveAddress> {
    @Override
    public DriveAddress convert(String text) {
      try {
        return DriveAddress.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
