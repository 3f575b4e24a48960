package sluice.cli;

import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;
import sluice.nvme.CompletionMode;
import sluice.nvme.ControllerOptions;
import sluice.nvme.DriveAddress;
import sluice.nvme.Drives;
import sluice.nvme.NvmeController;
import sluice.nvme.spec.AsyncEvent;
import sluice.recorder.Volume;
import sluice.recorder.drive.NvmeDrive;

/** The drive that a command is about: its address, and which of its namespaces. */
final class DriveArgument {
  @Parameters(
      index = "0",
      paramLabel = "DRIVE",
      converter = Address.class,
      description = "The drive's address, as virtual:disk.img or pci:0000:01:00.0.")
  private DriveAddress address;

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
          "How long the drive may take over one command before it is aborted and the drive"
              + " reset (default: 30s).")
  private Long ioTimeoutNanos;

  @Option(
      names = "--completions",
      paramLabel = "MODE",
      description =
          "How to learn that the drive is done: ${COMPLETION-CANDIDATES} (default: polled). A drive"
              + " without interrupts is polled.")
  private CompletionMode completions = CompletionMode.POLLED;

  DriveAddress address() {
    return address;
  }

  /** Brings the drive's controller up. */
  NvmeController open() {
    return open(address);
  }

  /** The same with another address, for one that was made more exact. */
  NvmeController open(DriveAddress exact) {
    ControllerOptions options =
        ControllerOptions.defaults()
            .withCompletions(completions)
            .withOnEvent(
                event -> System.err.println("the drive reports: " + AsyncEvent.format(event)));
    if (ioTimeoutNanos != null) {
      options = options.withIoTimeout(Duration.ofNanos(ioTimeoutNanos));
    }
    return Drives.open(exact, options);
  }

  /** The chosen namespace of the drive, for recording to; closing it closes the controller. */
  NvmeDrive openDrive(DriveAddress exact) {
    NvmeController controller = open(exact);
    if (namespace == null) {
      return NvmeDrive.of(controller);
    }
    try {
      return new NvmeDrive(controller, controller.namespace(namespace));
    } catch (RuntimeException e) {
      try {
        controller.close();
      } catch (RuntimeException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  NvmeDrive openDrive() {
    return openDrive(address);
  }

  /** The volume on the drive. */
  Volume openVolume() {
    return Volume.open(openDrive());
  }

  /** Addresses as option values. */
  private static final class Address implements ITypeConverter<DriveAddress> {
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
