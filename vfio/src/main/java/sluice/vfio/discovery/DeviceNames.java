package sluice.vfio.discovery;

import java.util.Optional;

/** The names of vendors and models, where somebody keeps them. */
public interface DeviceNames {
  /** A function's vendor: {@code Samsung Electronics Co Ltd}. */
  Optional<String> vendor(PciDevice function);

  /** A function's model: {@code NVMe SSD Controller SM981/PM981/PM983}. */
  Optional<String> model(PciDevice function);

  /** From udev's database; no names where there is no udev. */
  static DeviceNames ofSystem() {
    try {
      return new UdevNames();
    } catch (LinkageError e) {
      return none();
    }
  }

  /** No names at all. */
  static DeviceNames none() {
    return new DeviceNames() {
      @Override
      public Optional<String> vendor(PciDevice function) {
        return Optional.empty();
      }

      @Override
      public Optional<String> model(PciDevice function) {
        return Optional.empty();
      }
    };
  }
}
